using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;

namespace AudioMLNet.Benchmarks.Ablation;

/// <summary>
/// The rows of DATAR's Table 4, each trained from nothing with three seeds on the sample's spoken commands and tested on
/// voices that it has never heard.
/// </summary>
internal static class AblationBenchmark
{
    private const double PerturbationStrength = 0.2;
    private static readonly int[] s_seeds = [1, 2, 3];

    private static readonly Row[] s_rows =
    [
        new("without deformable", options =>
        {
            options.Config.Adaptor = DatarAdaptor.None;
            options.Config.Stages = [.. options.Config.Stages.Select(stage => stage with { NoOffsets = true })];
        }),
        new("with deformable", options => options.Config.Adaptor = DatarAdaptor.None),
        new("deform. + Gaussian", options => Perturb(options, DatarAdaptor.Gaussian)),
        new("deform. + Laplacian", options => Perturb(options, DatarAdaptor.Laplacian)),
        new("deform. + adaptor: 0.2", options => options.Config.AdaptorStrength = 0.2),
        new("deform. + adaptor: 0.005", options => options.Config.AdaptorStrength = 0.005),
    ];

    public static void Run(Report report)
    {
        torch.set_num_threads(1);
        var mlContext = new MLContext(seed: 1);
        Clip[] clips = ReadClips(FindData());
        IDataView training = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.Split == "train"));
        IDataView test = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.Split == "test"));
        report.Say($"training clips: {clips.Count(clip => clip.Split == "train")}, "
            + $"test clips, of other voices: {clips.Count(clip => clip.Split == "test")}");
        DescribeSettings(report);
        List<string> table = [];
        foreach (Row row in s_rows)
        {
            var results = new List<AudioClassificationMetrics>();
            foreach (int seed in s_seeds)
            {
                long start = Stopwatch.GetTimestamp();
                AudioClassificationMetrics metrics = TrainAndTest(mlContext, training, test, row, seed);
                results.Add(metrics);
                report.Say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {row.Name}, seed {seed}: top-1 {100 * metrics.Accuracy:F1}, "
                    + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s"));
            }

            (double mean, double deviation) = Summary(results.Select(metrics => 100 * metrics.Accuracy));
            (double meanOfFive, double deviationOfFive) = Summary(results.Select(metrics => 100 * metrics.TopKAccuracy(5)));
            report.Add($"{row.Name}, top-1, mean of {s_seeds.Length}", "%", mean);
            report.Add($"{row.Name}, top-1, standard deviation", "%", deviation);
            report.Add($"{row.Name}, top-5, mean of {s_seeds.Length}", "%", meanOfFive);
            table.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.Name,-24} | {mean,5:F1} +- {deviation:F1} | {meanOfFive,5:F1} +- {deviationOfFive:F1} |"));
        }

        report.Say("| model                    | top-1        | top-5        |");
        report.Say("| ------------------------ | ------------ | ------------ |");
        table.ForEach(report.Say);
    }

    private static AudioClassificationMetrics TrainAndTest(
        MLContext mlContext, IDataView training, IDataView test, Row row, int seed)
    {
        DatarOptions options = SmallDatar(seed);
        row.Change(options);
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
            .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", FrontEnd()))
            .Append(mlContext.MulticlassClassification.Trainers.Datar(options))
            .Fit(training);
        AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(model.Transform(test));
        (model as IDisposable)?.Dispose();
        return metrics;
    }

    /// <summary>DATAR's front end with half its mel bins, for 0.8 seconds.</summary>
    private static LogMelOptions FrontEnd()
    {
        LogMelOptions options = LogMelOptions.CreateAst(16_000);
        options.MelBins = 64;
        options.TargetFrames = 80;
        return options;
    }

    /// <summary>A DAT of the paper's kind that a core learns in a minute: deformable in its last two stages.</summary>
    private static DatarOptions SmallDatar(int seed) => new()
    {
        Config = DatarOptions.Small().Config,
        Epochs = 25,
        BatchSize = 16,
        LearningRate = 1e-3,
        Augmentation = { TimeRollFrames = 10 },
        Seed = seed,
    };

    private static void DescribeSettings(Report report)
    {
        DatarOptions options = SmallDatar(s_seeds[0]);
        LogMelOptions frontEnd = FrontEnd();
        report.Say($"front end: AST's at {frontEnd.SampleRate} Hz, {frontEnd.MelBins} mel bins x {frontEnd.TargetFrames} frames");
        string Each<T>(char separator, Func<DatarStageConfig, T> value) =>
            string.Join(separator, options.Config.Stages.Select(value));
        report.Say($"model: dims {Each('-', stage => stage.Dim)}, blocks {Each(' ', stage => stage.Blocks)}, heads "
            + $"{Each('-', stage => stage.Heads)}, groups {Each('-', stage => stage.Groups)}, windows "
            + $"{Each('-', stage => stage.WindowSize)}, offset range {options.Config.Stages[^1].OffsetRange}, "
            + $"patches of {options.Config.PatchSize}");
        report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"training from nothing: {options.Epochs} epochs of batches of {options.BatchSize}, AdamW, learning rate "
            + $"{options.LearningRate} (warm-up, then cosine), weight decay {options.WeightDecay}, drop path "
            + $"{options.Config.DropPath}, rolled over time by up to {options.Augmentation.TimeRollFrames} frames; seeds {string.Join(", ", s_seeds)}"));
        report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"perturbations: noise of strength {PerturbationStrength} in training (the paper does not say how strong); "
            + $"adaptor: x + alpha conv2d(x) with this alpha at the start"));
    }

    private static void Perturb(DatarOptions options, DatarAdaptor perturbation)
    {
        options.Config.Adaptor = perturbation;
        options.Config.AdaptorStrength = PerturbationStrength;
    }

    /// <summary>Mean and standard deviation, of the sample's kind.</summary>
    private static (double Mean, double Deviation) Summary(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average();
        return (mean, Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1)));
    }

    private static string FindData()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "samples", "SpokenCommands", "data");
            if (File.Exists(Path.Combine(data, "clips.csv")))
            {
                return data;
            }
        }

        throw new DirectoryNotFoundException("There is no samples/SpokenCommands/data above this program.");
    }

    private static Clip[] ReadClips(string folder) => [.. File.ReadLines(Path.Combine(folder, "clips.csv"))
        .Skip(1)
        .Select(line => line.Split(','))
        .Select(fields => new Clip { Path = Path.Combine(folder, fields[0]), Label = fields[1], Split = fields[3] })];

    private sealed record Row(string Name, Action<DatarOptions> Change);

    private sealed class Clip
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public string Split { get; set; } = "";
    }
}
