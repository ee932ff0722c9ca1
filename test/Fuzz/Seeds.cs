using System.IO.Compression;
using System.Text;
using AudioMLNet.Fuzz.Inputs;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Sweeps;
using Microsoft.ML.SearchSpace;

namespace AudioMLNet.Fuzz;

/// <summary>The first inputs of each parser: fixtures of the tests, and what the library writes.</summary>
internal static class Seeds
{
    // AFL wants seeds of a few kilobytes.
    private const int MostBytes = 24 << 10;

    private const string Fixtures = "test/Microsoft.ML.AudioFeaturization.Tests/Audio/Formats/Fixtures";
    private const string Goldens = "test/goldens/checkpoints";
    private const string Files = "test/Microsoft.ML.AudioTransformers.Tests/Checkpoints/Files";

    /// <summary>Writes a parser's seeds.</summary>
    /// <param name="parser">The parser's name.</param>
    /// <param name="folder">A folder, made where it is missing.</param>
    /// <param name="checkout">Root of the checkout.</param>
    public static void Write(string parser, string folder, string checkout)
    {
        Directory.CreateDirectory(folder);
        foreach ((string name, byte[] bytes) in Of(parser, checkout).Where(seed => seed.Bytes.Length is > 0 and < MostBytes))
        {
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Of(string parser, string checkout) => parser switch
    {
        "wav" => Found(checkout, Fixtures, "*.w*").Where(seed => Path.GetExtension(seed.Name) is ".wav" or ".w64"),
        "aiff" => Found(checkout, Fixtures, "*.aiff"),
        "au" => Found(checkout, Fixtures, "*.au"),
        "caf" => Found(checkout, Fixtures, "*.caf"),
        "flac" => Found(checkout, Fixtures, "*.flac").Where(seed => seed.Name.Count(letter => letter == '.') == 1),
        "mpeg" => Found(checkout, Fixtures, "*.mp?"),
        "vorbis" => Found(checkout, Fixtures, "vorbis*.ogg").Concat(Found(checkout, Fixtures, "*.ogv")),
        "opus" => Found(checkout, Fixtures, "*.opus"),
        "oggflac" => Found(checkout, Fixtures, "*.oga"),
        "safetensors" => Found(checkout, Files, "*.safetensors").Concat(Found(checkout, Goldens, "*.safetensors")),
        "torch" => Torch(checkout).Where(seed => IsZip(seed.Bytes)),
        "legacy" => Torch(checkout).Where(seed => !IsZip(seed.Bytes)),
        "pickle" => Torch(checkout).Where(seed => IsZip(seed.Bytes)).Select(seed => (seed.Name, Pickle(seed.Bytes))),
        "index" => Kinds(
            """{"metadata":{"total_size":32},"weight_map":{"a":"a.safetensors","b":"b.safetensors"}}""",
            "\u0040\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}       0123456789abcdef"),
        "config" => Kinds(
            Samples.WeightsMetadata, """["dog","rain"]""", Samples.AstConfig)
            .Append(("waveform", [0, .. Encoding.UTF8.GetBytes(Samples.WaveformMetadata)])),
        "table" => Kinds(
            "filename,fold,target\n\"a,\"\"b\"\".wav\",1,3\nc.wav,5,4\n", "filename\tfold\na.wav\t1\n\"b\n\"\t2\n",
            "# Segments csv\n-0abc, 30.000, 40.000, \"/m/09x0r,/m/05zppz\"\nb, 0, 10.5, x\n",
            "filename\tonset\toffset\tevent_label\na.wav\t0.5\t1.25\tDog\nb\"c.wav\t\t\t\n"),
        "lists" => Lists.Whole,
        "model" => Models.Whole,
        "onnx" => Exported(),
        "workspace" => [("last", Workspaces.Whole)],
        "cache" => [("features", Folders.Cached)],
        "sweep" => Sweep(),
        "shards" => Kinds(
            "begun 1234 \"folder/a.wav\"\nended 1234 \"folder/a.wav\"\ndied 2 99 \"b\\u00e9.wav\"\nbegun -1 \"c\"\nasked\n",
            """{"Kind":"Scores","Column":"Score","Model":"m","Width":2,"Classes":["a","b"]}"""),
        _ => throw new ArgumentException($"There is no parser '{parser}'.", nameof(parser)),
    };

    private static IEnumerable<(string Name, byte[] Bytes)> Found(string checkout, string folder, string pattern)
    {
        string root = Path.Combine(checkout, folder);
        return Directory.GetFiles(root, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '-'), File.ReadAllBytes(path)));
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Torch(string checkout) =>
        new[] { "*.pt", "*.pth", "*.ckpt" }.SelectMany(pattern => Found(checkout, Goldens, pattern));

    private static bool IsZip(byte[] bytes) => bytes.AsSpan().StartsWith("PK"u8);

    private static byte[] Pickle(byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive));
        using Stream stream = zip.Entries.First(entry => entry.Name == "data.pkl").Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Kinds(params string[] texts) =>
        texts.Select((text, i) => ($"kind-{i}", (byte[])[(byte)i, .. Encoding.UTF8.GetBytes(text)]));

    private static IEnumerable<(string Name, byte[] Bytes)> Sweep()
    {
        string path = Path.Combine(Guard.Folder("sweep"), "whole.json");
        var parameters = Parameter.CreateNestedParameter();
        parameters["PatchoutTime"] = Parameter.FromInt(2);
        parameters["LearningRate"] = Parameter.FromDouble(1e-3);
        SweepFolder.WriteTrial(
            new AudioSweepTrial
            {
                Id = 1, Parameters = parameters, MetricName = "accuracy", State = AudioSweepTrialState.Completed, Metric = 0.5,
                DurationInMilliseconds = 1500, ValidationAccuracies = [0.25, 0.5], Message = "none",
            },
            path);
        yield return ("metrics", [0, .. File.ReadAllBytes(path)]);
        SweepFolder.WriteProposal(new TrialProposal(1, parameters) { Point = [0.5, 0.25] }, path);
        yield return ("proposal", [1, .. File.ReadAllBytes(path)]);
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Exported()
    {
        MLContext context = new MLContext(seed: 1).RegisterAudioTransformers();
        foreach (string name in new[]
        {
            "classification-passt-waveform", "classification-htsat", "tagging-passt-slots", "actions-passt-waveform", "events-tuned",
            "embeddings-passt",
        })
        {
            string path = Path.Combine(Guard.Folder("onnx"), $"{name}.onnx");
            ITransformer model = context.Model.Load(Path.Combine(AppContext.BaseDirectory, "SavedModels", $"{name}.zip"), out _);
            ITransformer last = model is IEnumerable<ITransformer> chain ? chain.Last() : model;
            switch (last)
            {
                case AudioModelTransformer scorer:
                    scorer.SaveOnnx(path);
                    break;
                case SoundEventDetectionTransformer detector:
                    detector.SaveOnnx(path);
                    break;
                case AudioEmbeddingTransformer embedder:
                    embedder.SaveOnnx(path);
                    break;
                default:
                    throw new InvalidOperationException($"'{name}' ends with a {last.GetType().Name}.");
            }

            yield return (name, OnnxModels.InputOf(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path))));
        }
    }
}
