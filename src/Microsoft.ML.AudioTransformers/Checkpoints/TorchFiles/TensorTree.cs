using System.Globalization;

namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>
/// Search for the tensors in an unpickled value. The name of a tensor is its path: the keys of dictionaries, the indices of
/// lists and the attributes of objects, joined by dots, as in PyTorch's state dicts.
/// </summary>
/// <param name="source">File, for messages.</param>
internal sealed class TensorTree(string source)
{
    private const int MaximumDepth = 100;
    private const int MaximumVisits = 4_000_000;
    private const int MaximumNameLength = 4096;

    // Attributes that hold the parameters of a module saved whole; they are not part of the parameters' names.
    private static readonly HashSet<string> s_moduleAttributes = ["_parameters", "_buffers", "_modules"];

    private readonly OrderedDictionary<string, CheckpointTensor> _tensors = [];
    private readonly HashSet<object> _path = new(ReferenceEqualityComparer.Instance);
    private int _visits;

    /// <summary>All tensors in a value by name, in the order of the file.</summary>
    /// <exception cref="InvalidDataException">The value is nested too deep, or has too many parts.</exception>
    public static OrderedDictionary<string, CheckpointTensor> Flatten(object? root, string source)
    {
        TensorTree tree = new(source);
        tree.Visit(root, "");
        return tree._tensors;
    }

    private void Visit(object? value, string path)
    {
        if (value is null or string or long or bool or double or byte[])
        {
            return;
        }

        if (value is PickleTensor view)
        {
            Add(path, view);
            return;
        }

        if (++_visits > MaximumVisits || _path.Count > MaximumDepth || path.Length > MaximumNameLength)
        {
            throw new InvalidDataException($"'{source}' nests its values too deep or too often to be a checkpoint.");
        }

        // A value inside itself: its tensors are found already.
        if (!_path.Add(value))
        {
            return;
        }

        VisitParts(value, path);
        _path.Remove(value);
    }

    private void VisitParts(object value, string path)
    {
        switch (value)
        {
            case PickleDictionary dictionary:
                VisitEntries(dictionary, path, skipWrappers: false);
                break;
            case List<object?> list:
                VisitElements(list, path);
                break;
            case object?[] tuple:
                VisitElements(tuple, path);
                break;
            case PickleObject inert when NumpyArray.TryRead(inert) is { } array:
                Add(path, array);
                break;
            case PickleObject inert:
                VisitElements(inert.Elements ?? [], path);
                VisitEntries(inert.Items, path, skipWrappers: false);
                VisitEntries(inert.State as PickleDictionary, path, skipWrappers: true);
                break;
        }
    }

    private void VisitElements(IReadOnlyList<object?> elements, string path)
    {
        for (int i = 0; i < elements.Count; i++)
        {
            Visit(elements[i], Join(path, i.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private void VisitEntries(PickleDictionary? dictionary, string path, bool skipWrappers)
    {
        foreach ((object? key, object? value) in dictionary?.Entries ?? [])
        {
            string? name = key switch
            {
                string text => text,
                long number => number.ToString(CultureInfo.InvariantCulture),
                _ => null,
            };
            if (name != null)
            {
                Visit(value, skipWrappers && s_moduleAttributes.Contains(name) ? path : Join(path, name));
            }
        }
    }

    private void Add(string path, PickleTensor view)
    {
        if (++_visits > MaximumVisits || path.Length > MaximumNameLength)
        {
            throw new InvalidDataException(
                $"'{source}' names too many tensors, or one by more than {MaximumNameLength} characters.");
        }

        if (!_tensors.TryAdd(path, new TorchTensor(source, path, view)))
        {
            throw new InvalidDataException($"'{source}' holds two tensors named '{path}'.");
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
