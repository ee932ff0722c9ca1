using Microsoft.ML.AudioDatasets.Tables;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace AudioMLNet.Fuzz;

/// <summary>
/// What reads files from outside. Each takes any bytes and throws nothing but what it documents for a damaged file, with the
/// file's name in the message, and takes memory that the bytes allow.
/// </summary>
internal static class Parsers
{
    private const string Name = "fuzzed-input";
    private const long MostBytes = 64L << 20;

    /// <summary>The parsers by name.</summary>
    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["wav"] = Decode,
        ["flac"] = Decode,
        ["mpeg"] = Decode,
        ["vorbis"] = Decode,
        ["opus"] = Decode,
        ["safetensors"] = bytes => OfFile(bytes, ".safetensors", ReadWeights),
        ["torch"] = bytes => OfFile(bytes, ".pt", ReadWeights),
        ["table"] = ReadTable,
    };

    private static void Decode(byte[] bytes) => Guarded(() =>
    {
        using AudioDecoder decoder = AudioDecoder.Open(bytes, Name);
        int channels = decoder.Info.Channels;
        var buffer = new float[Math.Max(1, 4096 / channels) * channels];

        // A few bytes of silence may stand for hours; reading goes on as a caller would who bounds what he takes.
        for (int i = 0; i < 256 && decoder.Read(buffer) > 0; i++)
        {
        }
    });

    private static void ReadWeights(string path)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        foreach (CheckpointTensor tensor in checkpoint.Tensors.Values.Where(tensor => tensor.ByteCount < 1 << 20))
        {
            tensor.ToBytes();
        }
    }

    private static void ReadTable(byte[] bytes) => Guarded(() =>
    {
        using var stream = new MemoryStream(bytes);
        foreach (TableRow row in Table.Read(stream, Name, TableFormat.Csv("filename", "fold", "target")))
        {
            _ = row.Text("filename");
            _ = row.Whole("fold", 1, 5);
        }
    });

    private static void OfFile(byte[] bytes, string extension, Action<string> read)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Name}-{Environment.ProcessId}{extension}");
        File.WriteAllBytes(path, bytes);
        Guarded(() => read(path));
    }

    private static void Guarded(Action read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or DamagedAudioException)
        {
            if (!exception.Message.Contains(Name, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"The error does not name the file: {exception.Message}", exception);
            }
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > MostBytes)
        {
            throw new InvalidOperationException($"{allocated} bytes were allocated.");
        }
    }
}
