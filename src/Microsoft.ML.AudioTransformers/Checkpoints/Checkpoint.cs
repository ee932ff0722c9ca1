using Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Checkpoint: a file of weights in safetensors, or in one of PyTorch's formats (<c>.pt</c>, <c>.pth</c>, <c>.ckpt</c>), old or
/// new. The format is recognized by the content, not the name. Nothing in the file is ever executed. Tensors are read from the
/// file when their elements are, so it must not be disposed before.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    // Keys of the state dict in files that hold more than weights: Lightning's, the AST code's, and that of DeiT, Swin and DAT.
    private static readonly string[] s_stateDictKeys = ["state_dict", "model_state_dict", "model"];

    private readonly IDisposable _file;

    private Checkpoint(
        string path,
        IDisposable file,
        IReadOnlyDictionary<string, CheckpointTensor> tensors,
        IReadOnlyDictionary<string, CheckpointTensor> stateDict)
    {
        Path = path;
        _file = file;
        Tensors = tensors;
        StateDict = stateDict;
    }

    public string Path { get; }

    /// <summary>
    /// All tensors of the file by name: the path through dictionaries, lists and objects, joined by dots.
    /// </summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Tensors { get; }

    /// <summary>
    /// State dict: the tensors under <c>state_dict</c>, <c>model_state_dict</c> or <c>model</c>, without that prefix, if the
    /// file has one of these keys at its top, else all tensors.
    /// </summary>
    public IReadOnlyDictionary<string, CheckpointTensor> StateDict { get; }

    /// <summary>Opens a file, and reads the names and shapes of its tensors.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file has another format, is damaged, has no tensor, or its pickle names code that no checkpoint needs.
    /// </exception>
    public static Checkpoint Open(string path)
    {
        Checkpoint checkpoint = Recognize(path) switch
        {
            CheckpointFormat.Safetensors => FromSafetensors(path),
            CheckpointFormat.TorchZip => FromTorch(new TorchZipFile(path)),
            CheckpointFormat.TorchLegacy => FromTorch(new TorchLegacyFile(path)),
            _ => throw new InvalidDataException(
                $"'{path}' is neither a safetensors file nor one that torch.save wrote (.pt, .pth, .ckpt)."),
        };
        if (checkpoint.Tensors.Count > 0)
        {
            return checkpoint;
        }

        checkpoint.Dispose();
        throw new InvalidDataException($"'{path}' holds no tensor.");
    }

    public void Dispose() => _file.Dispose();

    private static CheckpointFormat Recognize(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> start = stackalloc byte[SafetensorsHeader.PrefixLength + 1];
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        start = start[..count];
        if (start.StartsWith("PK"u8))
        {
            return CheckpointFormat.TorchZip;
        }

        if (count > SafetensorsHeader.PrefixLength && start[^1] == '{')
        {
            return CheckpointFormat.Safetensors;
        }

        // The first byte of a pickle of protocol 2 or later.
        return count > 0 && start[0] == 0x80 ? CheckpointFormat.TorchLegacy : CheckpointFormat.Unknown;
    }

    private static Checkpoint FromSafetensors(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        Dictionary<string, CheckpointTensor> tensors = file.Tensors.ToDictionary(tensor => tensor.Name);
        return new Checkpoint(path, file, tensors, tensors);
    }

    private static Checkpoint FromTorch(TorchFile file)
    {
        try
        {
            OrderedDictionary<string, CheckpointTensor> all = TensorTree.Flatten(file.Root, file.Path);
            foreach (string key in s_stateDictKeys)
            {
                if ((file.Root as PickleDictionary)?.Get(key) is { } inner &&
                    TensorTree.Flatten(inner, file.Path) is { Count: > 0 } stateDict && !stateDict.ContainsKey(""))
                {
                    return new Checkpoint(file.Path, file, all, stateDict);
                }
            }

            return new Checkpoint(file.Path, file, all, all);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private enum CheckpointFormat
    {
        Unknown,
        Safetensors,
        TorchZip,
        TorchLegacy,
    }
}
