namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>The name of a Python class or function. Nothing ever looks it up.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>
/// What stands for any Python object that is no tensor and no plain container: its parts are kept, because tensors may
/// be among them, and its code is never run.
/// </summary>
internal sealed class PickleObject(object? type, object?[] arguments)
{
    /// <summary>Mostly a <see cref="PickleGlobal"/>; whatever the pickle gave.</summary>
    public object? Type => type;

    public object?[] Arguments => arguments;

    /// <summary>What <c>__setstate__</c> would have got; of a plain object, the dictionary of its attributes.</summary>
    public object? State { get; set; }

    /// <summary>The entries, if it is a kind of dictionary.</summary>
    public PickleDictionary? Items { get; set; }

    /// <summary>The elements, if it is a kind of list.</summary>
    public List<object?>? Elements { get; set; }
}

/// <summary>
/// A dictionary in the order of insertion. Keys other than text and integers are kept and never compared.
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

/// <summary>A view of a storage: which of its elements make up a tensor.</summary>
/// <param name="Storage">The elements, shared by all of its views.</param>
/// <param name="DType">The type of the elements.</param>
/// <param name="Offset">The first element's place in the storage, in elements.</param>
/// <param name="Sizes">The shape.</param>
/// <param name="Strides">Elements from one index to the next, in each dimension.</param>
internal sealed record PickleTensor(TorchStorage Storage, CheckpointDType DType, long Offset, long[] Sizes, long[] Strides);
