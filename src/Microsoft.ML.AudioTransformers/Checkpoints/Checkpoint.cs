using Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// A file of weights in any format that the official code bases publish: safetensors, or a <c>.pt</c>, <c>.pth</c> or
/// <c>.ckpt</c> file of PyTorch, old or new. The content decides, not the name. Nothing in the file is ever executed.
/// Tensors are read from the file when they are asked for, so keep it open until then.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    // Where training code puts the weights when a file holds more: Lightning, the AST code, and DeiT, Swin and DAT.
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
    /// Every tensor of the file, by its path through dictionaries, lists and objects, joined by dots.
    /// </summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Tensors { get; }

    /// <summary>
    /// The model's weights: the tensors under <c>state_dict</c>, <c>model_state_dict</c> or <c>model</c> without that
    /// prefix if the file has one of these at its top, else all of them.
    /// </summary>
    public IReadOnlyDictionary<string, CheckpointTensor> StateDict { get; }

    /// <summary>Opens a file and finds its tensors.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is none of the formats, damaged, hostile, or has no tensor.
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

        // A pickle of protocol 2 or later starts so.
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
