using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Pretrained;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>Files of weights, and what lies beside them.</summary>
internal static class Weights
{
    private const int Megabytes = 2;
    private const int Element = 1 << 20;

    /// <summary>Kinds of inputs of <see cref="Index"/>: the index, and a part of it.</summary>
    public static IReadOnlyList<string> IndexFiles { get; } = ["model.safetensors.index.json", "a.safetensors"];

    /// <summary>Kinds of inputs of <see cref="Description"/>: keys of the metadata, and the name of a file beside weights.</summary>
    public static IReadOnlyList<string> Descriptions { get; } = ["model", "classes", "config.json"];

    /// <summary>Reads a file of safetensors, whose header's length is put right where a brace shows where it ends.</summary>
    public static void Safetensors(byte[] bytes)
    {
        // The length of the text changes with it; a length of no more than the first byte's is left, for wrong ones.
        int end = bytes.AsSpan().LastIndexOf("]}}"u8) + 3;
        if (end > 10 && bytes.AsSpan(1, 7).ContainsAnyExcept((byte)0))
        {
            BitConverter.TryWriteBytes(bytes, (long)(end - 8));
        }

        OfFile("safetensors", "weights.safetensors", bytes, Read);
    }

    /// <summary>Reads a file of torch.save, of either format.</summary>
    public static void Torch(byte[] bytes) => OfFile("torch", "weights.pt", bytes, Read);

    /// <summary>Reads a torch file whose pickle the bytes are; its storages are whole.</summary>
    public static void Pickle(byte[] bytes)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, "archive/data.pkl", bytes);
            Add(archive, "archive/data/0", new byte[64]);
            Add(archive, "archive/data/1", new byte[64]);
        }

        OfFile("pickle", "weights.pt", file.ToArray(), Read);

        static void Add(ZipArchive archive, string name, byte[] content)
        {
            using Stream entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(content);
        }
    }

    /// <summary>Reads weights in two files and their index, one of which the bytes are.</summary>
    public static void Index(byte[] bytes)
    {
        (string name, byte[] content) = Kind(bytes, IndexFiles);
        string folder = Guard.Folder("index");
        foreach (string part in new[] { "a", "b" })
        {
            Microsoft.ML.AudioTransformers.Checkpoints.Safetensors.Save(
                Path.Combine(folder, $"{part}.safetensors"),
                [new InMemoryTensor("part", part, CheckpointDType.Float32, [2, 2], new byte[16])]);
        }

        File.WriteAllText(
            Path.Combine(folder, IndexFiles[0]),
            """{"metadata":{"total_size":32},"weight_map":{"a":"a.safetensors","b":"b.safetensors"}}""");
        File.WriteAllBytes(Path.Combine(folder, name), content);
        Guard.Read(bytes.Length, Megabytes, () => Read(Path.Combine(folder, IndexFiles[0])));
    }

    /// <summary>Reads what a file of weights tells of its model, one text of which the bytes are.</summary>
    public static void Description(byte[] bytes)
    {
        (string name, byte[] content) = Kind(bytes, Descriptions);
        string folder = Guard.Folder("config");
        string path = Path.Combine(folder, "model.safetensors");
        string text = Encoding.UTF8.GetString(content);
        Dictionary<string, string> metadata = new()
        {
            ["model"] = name == "model" ? text : Samples.WeightsMetadata, ["classes"] = name == "classes" ? text : """["a","b"]""",
        };
        bool isBeside = name == "config.json";
        File.WriteAllBytes(Path.Combine(folder, "config.json"), isBeside ? content : "{}"u8.ToArray());
        Microsoft.ML.AudioTransformers.Checkpoints.Safetensors.Save(
            path, isBeside ? Samples.AstTensors : [new InMemoryTensor("part", "a", CheckpointDType.Float32, [2], new byte[8])],
            isBeside ? null : metadata);
        Guard.Read(bytes.Length, 2 * Megabytes, () =>
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            AudioCheckpointReader.Describe(checkpoint, prefix: null);
        });
    }

    /// <summary>What a first byte chooses, and the bytes after it.</summary>
    public static (string Kind, byte[] Content) Kind(byte[] bytes, IReadOnlyList<string> kinds) =>
        bytes.Length == 0 ? (kinds[0], bytes) : (kinds[bytes[0] % kinds.Count], bytes[1..]);

    private static void OfFile(string parser, string name, byte[] bytes, Action<string> read)
    {
        string path = Path.Combine(Guard.Folder(parser), name);
        File.WriteAllBytes(path, bytes);
        Guard.Read(bytes.Length, Megabytes, () => read(path));
    }

    private static void Read(string path)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        foreach (CheckpointTensor tensor in checkpoint.Tensors.Values.Where(tensor => tensor.ByteCount < Element).Take(64))
        {
            tensor.ToBytes();
        }

        _ = checkpoint.Setting("config", "a");
    }
}
