using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace.Option;
using TorchSharp;

namespace AudioMLNet.Benchmarks.Kills;

/// <summary>A process that does one job in a folder and may be killed at any moment; started again, it goes on.</summary>
internal static class KillWorker
{
    public const string Command = "kill-worker";

    /// <summary>The line that says that the job begins.</summary>
    public const string Ready = "ready";

    private const int Frames = 16;
    private const int Mels = 8;
    private const int Recordings = 60;

    /// <summary>What can be killed, each with what it does in a folder; the result follows from nothing else.</summary>
    public static IReadOnlyDictionary<string, Func<string, string>> Jobs { get; } =
        new Dictionary<string, Func<string, string>>
    {
        ["training"] = Train,
        ["sweeping"] = Sweep,
        ["saving"] = Save,
        ["exporting"] = Export,
        ["featurizing"] = Featurize,
        ["scoring"] = Score,
    };

    /// <param name="arguments">The job and the folder.</param>
    public static void Run(string[] arguments)
    {
        torch.set_num_threads(1);
        Console.WriteLine(Ready);
        Console.WriteLine(Jobs[arguments[0]](arguments[1]));
    }

    private static string Train(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = Options(epochs: 16);
        options.WorkspacePath = Path.Combine(folder, "run");
        options.CheckpointEverySteps = 1;
        using AudioClassificationTransformer model =
            mlContext.MulticlassClassification.Trainers.Passt(options).Fit(Keyed(mlContext, Clips(mlContext, 48, 1)));
        return Bits(model.Transform(Clips(mlContext, 16, 2)), "Score");
    }

    private static string Sweep(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        var sweep = new AudioSweep.Options
        {
            Folder = Path.Combine(folder, "sweep"), Trials = 4, Seed = 3, Pruning = false,
        };
        AudioSweepResult result = mlContext.CreateAudioSweep(SweepPipeline(mlContext, epochs: 3), sweep)
            .Run(Clips(mlContext, 24, 1), Clips(mlContext, 16, 2));
        string trials = string.Join(';', result.Trials.Select(
            trial => string.Create(CultureInfo.InvariantCulture, $"{trial.Id} {trial.Parameters} {trial.Metric:R}")));
        return Hash(trials) + Bits(result.Model.Transform(Clips(mlContext, 16, 2)), "Score");
    }

    /// <summary>A sweep over learning rates of the smallest PaSST, for <see cref="Clips"/>.</summary>
    public static SweepablePipeline SweepPipeline(MLContext mlContext, int epochs)
    {
        PasstOptions options = Options(epochs);
        options.Seed = null;
        return mlContext.Transforms.Conversion.MapValueToKey("Label").Append(mlContext.Auto().Passt(
            options,
            new Microsoft.ML.SearchSpace.SearchSpace
            {
                ["LearningRate"] = new UniformDoubleOption(1e-4, 1e-1, logBase: true, defaultValue: 1e-2),
            }));
    }

    /// <summary>Log-mel clips of two classes, each loud in bins of its own.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="count">Clips.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <param name="noise">Range of the noise, where what is loud is so by 1. Default: 0.3.</param>
    public static IDataView Clips(MLContext mlContext, int count, int seed, float noise = 0.3f)
    {
        var random = new Random(seed);
        return mlContext.Data.LoadFromEnumerable([.. Enumerable.Range(0, count).Select(i => new Clip
        {
            Label = i % 2 == 0 ? "low" : "high",
            Features = [.. Enumerable.Range(0, Frames * Mels).Select(
                n => (n % Mels * 2 / Mels == i % 2 ? 1f : 0f) + (noise * (float)random.NextDouble()))],
        })]);
    }

    private static string Save(string folder)
    {
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        string path = Path.Combine(folder, "model.zip");
        IDataView clips = Clips(mlContext, 16, 1);
        ITransformer model = Pipeline(mlContext).Fit(clips);
        for (int i = 0; i < 60; i++)
        {
            mlContext.Model.SaveAudioModel(model, clips.Schema, path);
        }

        // A zip file has the time at which its entries were written.
        return Bits(mlContext.Model.Load(path, out _).Transform(clips), "Score");
    }

    private static string Export(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        string graph = Path.Combine(folder, "model.onnx");
        string weights = Path.Combine(folder, "model.safetensors");
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(Options(epochs: 1))
            .Fit(Keyed(mlContext, Clips(mlContext, 16, 1)));
        for (int i = 0; i < 60; i++)
        {
            model.SaveOnnx(graph);
            model.Model.SaveSafetensors(weights);
        }

        return Hash(File.ReadAllBytes(graph)) + Hash(File.ReadAllBytes(weights));
    }

    private static string Featurize(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView recordings = WriteRecordings(mlContext, folder);
        IDataView features = mlContext.Transforms.LoadLogMel("Features", "Path", FrontEnd(), Path.Combine(folder, "cache"))
            .Fit(recordings).Transform(recordings);
        return Bits(features, "Features");
    }

    private static string Score(string folder)
    {
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView recordings = WriteRecordings(mlContext, folder);
        string path = Path.Combine(folder, "model.zip");
        if (!File.Exists(path))
        {
            ITransformer trained = mlContext.Transforms.Conversion.MapValueToKey("Label")
                .Append(mlContext.Transforms.LoadLogMel("Features", "Path", FrontEnd()))
                .Append(mlContext.MulticlassClassification.Trainers.Passt(Options(epochs: 1)))
                .Fit(recordings);
            mlContext.Model.SaveAudioModel(trained, recordings.Schema, path);
        }

        ITransformer model = mlContext.Model.Load(path, out _);
        string[] scores = [.. Enumerable.Range(0, 5).Select(_ => Bits(model.Transform(recordings), "Score"))];
        return scores.Distinct().Single();
    }

    private static IEstimator<ITransformer> Pipeline(MLContext mlContext) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Passt(Options(epochs: 1)));

    private static PasstOptions Options(int epochs) => new()
    {
        Config =
        {
            PatchSize = 4, StrideFrequency = 4, StrideTime = 4, EmbedDim = 16, Depth = 1, Heads = 2, PatchoutTime = 1,
        },
        LearningRate = 1e-2,
        Epochs = epochs,
        BatchSize = 8,
        Seed = 7,
    };

    private static LogMelOptions FrontEnd()
    {
        LogMelOptions options = LogMelOptions.CreateAst(16_000);
        (options.MelBins, options.TargetFrames) = (16, 96);
        return options;
    }

    private static IDataView WriteRecordings(MLContext mlContext, string folder)
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, "recordings")).FullName;
        List<Recording> recordings = [];
        for (int i = 0; i < Recordings; i++)
        {
            string path = Path.Combine(place, FormattableString.Invariant($"{i:D3}.wav"));
            if (!File.Exists(path))
            {
                double step = 0.05 + (0.01 * i);
                AudioFile.Write(path, [.. Enumerable.Range(0, 16_000).Select(n => (float)Math.Sin(step * n))], 16_000);
            }

            recordings.Add(new Recording { Path = path, Label = i % 2 == 0 ? "low" : "high" });
        }

        return mlContext.Data.LoadFromEnumerable(recordings);
    }

    private static IDataView Keyed(MLContext mlContext, IDataView clips) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(clips).Transform(clips);

    private static string Bits(IDataView view, string column)
    {
        var text = new StringBuilder();
        foreach (float[] row in view.GetColumn<float[]>(column))
        {
            foreach (float value in row)
            {
                text.Append(CultureInfo.InvariantCulture, $"{BitConverter.SingleToInt32Bits(value):x8} ");
            }
        }

        return Hash(text.ToString());
    }

    private static string Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        [VectorType(Frames, Mels)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Recording
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
