namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>Name of a Python class or function. It is never looked up.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>
/// Inert stand-in for a Python object that is neither a tensor nor a plain container. Its parts are kept, for they may contain
/// tensors; its code is never run.
/// </summary>
internal sealed class PickleObject(object? type, object?[] arguments)
{
    /// <summary>Type: a <see cref="PickleGlobal"/>, or another value of the pickle.</summary>
    public object? Type => type;

    public object?[] Arguments => arguments;

    /// <summary>State: the argument of <c>__setstate__</c>; for a plain object, the dictionary of its attributes.</summary>
    public object? State { get; set; }

    /// <summary>Entries, if the object is a kind of dictionary.</summary>
    public PickleDictionary? Items { get; set; }

    /// <summary>Elements, if the object is a kind of list.</summary>
    public List<object?>? Elements { get; set; }
}

/// <summary>
/// Dictionary in order of insertion. Keys other than text and integers are kept, but not compared.
/// </summary>
internal sealed class PickleDictionary
{
    private readonly List<KeyValuePair<object?, object?>> _entries = [];
    private Dictionary<object, int>? _positions;

    public IReadOnlyList<KeyValuePair<object?, object?>> Entries => _entries;

    public void Set(object? key, object? value)
    {
        KeyValuePair<object?, object?> entry = new(key, value);
        if (key is not (string or long))
        {
            _entries.Add(entry);
            return;
        }

        _positions ??= [];
        if (_positions.TryAdd(key, _entries.Count))
        {
            _entries.Add(entry);
        }
        else
        {
            _entries[_positions[key]] = entry;
        }
    }

    public object? Get(object key) =>
        _positions != null && _positions.TryGetValue(key, out int position) ? _entries[position].Value : null;
}

/// <summary>Tensor as a strided view of a storage.</summary>
/// <param name="Storage">Storage, which several views can share.</param>
/// <param name="DType">Element type.</param>
/// <param name="Offset">Offset of the first element in the storage, in elements.</param>
/// <param name="Sizes">Shape.</param>
/// <param name="Strides">Strides in elements.</param>
internal sealed record PickleTensor(TorchStorage Storage, CheckpointDType DType, long Offset, long[] Sizes, long[] Strides);
