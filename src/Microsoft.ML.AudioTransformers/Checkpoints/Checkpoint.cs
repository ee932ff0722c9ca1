using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Checkpoint: a file of weights in safetensors, or in one of PyTorch's formats (<c>.pt</c>, <c>.pth</c>, <c>.ckpt</c>), old or
/// new, or several of them with an index. The format is recognized by the content, not the name. Nothing in the file is ever
/// executed. Tensors are read from the file when their elements are, so it must not be disposed before.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    // Keys of the state dict in files that hold more than weights: Lightning's, the AST code's, and that of DeiT, Swin and DAT.
    private static readonly string[] s_stateDictKeys = ["state_dict", "model_state_dict", "model"];

    private readonly IReadOnlyList<IDisposable> _files;
    private readonly PickleDictionary? _root;

    private Checkpoint(
        string path,
        IReadOnlyList<IDisposable> files,
        IReadOnlyDictionary<string, CheckpointTensor> tensors,
        IReadOnlyDictionary<string, CheckpointTensor> stateDict)
    {
        Path = path;
        _files = files;
        Tensors = tensors;
        StateDict = stateDict;
    }

    private Checkpoint(
        TorchFile file,
        IReadOnlyDictionary<string, CheckpointTensor> tensors,
        IReadOnlyDictionary<string, CheckpointTensor> stateDict)
        : this(file.Path, [file], tensors, stateDict) => _root = file.Root as PickleDictionary;

    public string Path { get; }

    /// <summary>Tensors of element types that the library does not know; they are left out.</summary>
    public IReadOnlyList<UnreadableTensor> Unreadable { get; private init; } = [];

    /// <summary>Metadata: the strings in a safetensors header; empty for other formats.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private init; } = new Dictionary<string, string>();

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
    /// <param name="path">A file, the index of a checkpoint in several files, or a folder that holds either.</param>
    /// <exception cref="FileNotFoundException">The file, or one that the index names, does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file has another format, is damaged, has no tensor, or its pickle names code that no checkpoint needs.
    /// </exception>
    public static Checkpoint Open(string path)
    {
        string file = CheckpointFolder.Resolve(path);
        Checkpoint checkpoint = CheckpointFolder.IsIndex(file) ? FromIndex(file) : OpenFile(file);
        if (checkpoint.Tensors.Count + checkpoint.Unreadable.Count > 0)
        {
            return checkpoint;
        }

        checkpoint.Dispose();
        throw new InvalidDataException($"'{path}' holds no tensor.");
    }

    /// <summary>
    /// A plain value that a torch file holds beside its weights, such as the configuration of the network; null where it has
    /// none.
    /// </summary>
    /// <param name="keys">Key in the outermost dictionary, then in the one that it leads to, and so on.</param>
    public JsonNode? Setting(params ReadOnlySpan<string> keys)
    {
        JsonNode? value = _root?.Get(keys[0]) is { } first ? PlainValues.ToJson(first) : null;
        foreach (string key in keys[1..])
        {
            value = (value as JsonObject)?[key];
        }

        return value;
    }

    /// <summary>A JSON object in a file beside the weights, such as <c>config.json</c>; null if there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is not a JSON object.</exception>
    public JsonObject? Beside(string name) => CheckpointFolder.ReadBeside(Path, name);

    public void Dispose()
    {
        foreach (IDisposable file in _files)
        {
            file.Dispose();
        }
    }

    private static Checkpoint OpenFile(string file) => Recognize(file) switch
    {
        CheckpointFormat.Safetensors => FromSafetensors(file),
        CheckpointFormat.TorchZip => FromTorch(new TorchZipFile(file)),
        CheckpointFormat.TorchLegacy => FromTorch(new TorchLegacyFile(file)),
        _ => throw new InvalidDataException(
            $"'{file}' is neither a safetensors file nor one that torch.save wrote (.pt, .pth, .ckpt)."),
    };

    /// <summary>Tensors of several files, each from the file that the index names.</summary>
    private static Checkpoint FromIndex(string index)
    {
        Dictionary<string, Checkpoint> parts = [];
        try
        {
            Dictionary<string, CheckpointTensor> tensors = [];
            List<UnreadableTensor> unreadable = [];
            foreach ((string name, string file) in CheckpointFolder.ReadIndex(index))
            {
                if (!parts.TryGetValue(file, out Checkpoint? part))
                {
                    part = OpenFile(file);
                    parts.Add(file, part);
                    unreadable.AddRange(part.Unreadable);
                }

                if (part.StateDict.TryGetValue(name, out CheckpointTensor? tensor))
                {
                    tensors.Add(name, tensor);
                }
                else if (part.Unreadable.All(each => each.Name != name))
                {
                    throw new InvalidDataException(
                        $"'{index}' says that '{System.IO.Path.GetFileName(file)}' holds '{name}', which it does not.");
                }
            }

            return new Checkpoint(index, [.. parts.Values], tensors, tensors) { Unreadable = unreadable };
        }
        catch
        {
            foreach (Checkpoint part in parts.Values)
            {
                part.Dispose();
            }

            throw;
        }
    }

    // By what each format must have at its place: the length of a safetensors header may begin with any byte, "PK" and 0x80
    // among them, but a brace follows it; there, a zip archive has its method of compression, and torch.save's pickle its
    // magic number.
    private static CheckpointFormat Recognize(string path)
    {
        using FileStream stream = RegularFile.OpenRead(path);
        Span<byte> start = stackalloc byte[SafetensorsHeader.PrefixLength + 1];
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        start = start[..count];
        if (count > SafetensorsHeader.PrefixLength && start[^1] == '{')
        {
            return CheckpointFormat.Safetensors;
        }

        if (start.StartsWith("PK\u0003\u0004"u8))
        {
            return CheckpointFormat.TorchZip;
        }

        // A pickle of protocol 2 or later.
        return start is [0x80, >= 2 and <= 5, ..] ? CheckpointFormat.TorchLegacy : CheckpointFormat.Unknown;
    }

    private static Checkpoint FromSafetensors(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        Dictionary<string, CheckpointTensor> tensors = file.Tensors.ToDictionary(tensor => tensor.Name);
        return new Checkpoint(path, [file], tensors, tensors) { Unreadable = file.Unreadable, Metadata = file.Metadata };
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
                    return new Checkpoint(file, all, stateDict);
                }
            }

            return new Checkpoint(file, all, all);
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
