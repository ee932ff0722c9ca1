namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>
/// File written by <c>torch.save</c>: its unpickled value, and the storages of its tensors.
/// </summary>
internal abstract class TorchFile(string path) : IDisposable
{
    public string Path => path;

    /// <summary>Unpickled value: text, numbers, containers, inert objects and tensors.</summary>
    public object? Root { get; protected init; }

    public abstract void Dispose();

    /// <summary>Parses a pickle's reference to a storage: ("storage", type, key, location, element count, ...).</summary>
    /// <returns>Null if it is not one.</returns>
    /// <exception cref="InvalidDataException">The type is not supported, or key or count is not valid.</exception>
    protected static (CheckpointDType? DType, string Key, long ElementCount)? ParseStorageId(object? id, PickleReader reader)
    {
        if (id is not object?[] { Length: >= 5 } parts || parts[0] is not "storage")
        {
            return null;
        }

        if (parts[1] is not PickleGlobal { Module: "torch" or "torch.storage" or "torch.cuda" } type ||
            !TorchStorage.TryParseType(type.Name, out CheckpointDType? dtype))
        {
            throw reader.Error($"it has a storage of the type '{parts[1]}', which is not supported");
        }

        // parts[3] is the device ("cpu", "cuda:0"), which is not needed.
        string? key = parts[2] as string ?? (parts[2] as long?)?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        long elementSize = dtype?.ElementSize() ?? 1;
        return key != null && parts[4] is long count && count >= 0 && count <= long.MaxValue / elementSize
            ? (dtype, key, count)
            : throw reader.Error("it has a storage without a proper key and length");
    }
}
