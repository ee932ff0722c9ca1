using System.IO.Compression;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>Saved models: what this library's transformers wrote of themselves, within archives that are whole.</summary>
internal static class Models
{
    // What stands before the weights of a model, mostly; the rest is as it was saved.
    private const int Start = 2600;

    private static readonly Lazy<MLContext> s_context = new(() => new MLContext(seed: 1).RegisterAudioTransformers());
    private static readonly Dictionary<string, (string Entry, byte[] Content, byte[] Archive)> s_saved = [];

    /// <summary>The models, of versions whose files have no sums.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "audio-loading", "log-mel-extraction", "log-mel-loading", "log-mel-windows", "classification-passt-waveform",
        "classification-htsat", "tagging-passt-slots", "actions-passt-waveform", "events-tuned", "ensemble-files",
    ];

    /// <summary>The whole input of each model.</summary>
    public static IEnumerable<(string Name, byte[] Input)> Whole => Names.Select((name, i) =>
        (name, (byte[])[(byte)i, .. Saved(name).Content.AsSpan(0, Math.Min(Start, Saved(name).Content.Length))]));

    /// <summary>Loads a model, which the first byte chooses, with the bytes as the start of what it wrote.</summary>
    public static void Load(byte[] bytes)
    {
        (string name, byte[] start) = Weights.Kind(bytes, Names);
        (string entry, byte[] content, byte[] archive) = Saved(name);
        using MemoryStream model = With(archive, entry, [.. start, .. content.AsSpan(Math.Min(Start, content.Length))]);
        MLContext context = s_context.Value;
        Guard.Read((int)model.Length, 4, () =>
        {
            try
            {
                (context.Model.Load(model, out _) as IDisposable)?.Dispose();
            }
            catch (TargetInvocationException exception)
            {
                // ML.NET gives what a loader throws within one of these for each pipeline around it.
                Exception inner = exception;
                while (inner is TargetInvocationException { InnerException: { } thrown })
                {
                    inner = thrown;
                }

                ExceptionDispatchInfo.Throw(inner);
            }
        }, named: "saved ");
    }

    private static (string Entry, byte[] Content, byte[] Archive) Saved(string name)
    {
        if (!s_saved.TryGetValue(name, out var saved))
        {
            byte[] archive = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "SavedModels", name + ".zip"));
            using var zip = new ZipArchive(new MemoryStream(archive));
            ZipArchiveEntry entry = zip.Entries.First(each => each.Name == "Model.bin");
            saved = (entry.FullName, Content(entry), archive);
            s_saved.Add(name, saved);
        }

        return saved;
    }

    private static MemoryStream With(byte[] archive, string changed, byte[] content)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(new MemoryStream(archive)))
        using (var copy = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                using Stream written = copy.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                written.Write(entry.FullName == changed ? content : Content(entry));
            }
        }

        stream.Position = 0;
        return stream;
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        var bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
