using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using TorchSharp;

namespace AudioMLNet.Benchmarks.Ablation;

/// <summary>
/// The rows of DATAR's Table 4, each trained from nothing with several seeds on <see cref="ToneIntervals"/>, with few points
/// of attention and with as many as the map has. Results are kept in a file, and a run that was ended goes on there.
/// </summary>
internal static class AblationBenchmark
{
    private const string DefaultFile = "artifacts/ablation.csv";
    private const int DefaultSeeds = 8;
    private const int TrainingClips = 1000;
    private const int TestClips = 600;
    private const double Noise = 0.01;
    private const double StrongNoise = 0.04;
    private const double PerturbationStrength = 0.2;
    private const string Compared = "with deformable";

    // Strides of the reference points: 4 leaves few keys, 1 is the paper's. In the order in which they are trained: what the
    // paper claims first.
    private static readonly Row[][] s_groups =
    [
        [
            new(4, "without deformable", WithoutOffsets),
            new(4, Compared, _ => { }),
            new(4, "deform. + adaptor: 0.005", options => Adapt(options, DatarAdaptor.Learnable, 0.005)),
        ],
        [
            new(4, "deform. + adaptor: 0.2", options => Adapt(options, DatarAdaptor.Learnable, 0.2)),
            new(4, "deform. + Gaussian", options => Adapt(options, DatarAdaptor.Gaussian, PerturbationStrength)),
            new(4, "deform. + Laplacian", options => Adapt(options, DatarAdaptor.Laplacian, PerturbationStrength)),
        ],
        [new(1, "without deformable", WithoutOffsets), new(1, Compared, _ => { })],
    ];

    /// <summary>
    /// Whether options are those of this benchmark: seeds, as "8" or "3-8", a file, and "show" to train nothing more.
    /// </summary>
    public static bool Accepts(string[] options) => (options.Length <= 2 || options is [_, _, "show"])
        && (options.Length == 0 || SeedsOf(options[0]) is { First: >= 1, Last: <= 21 });

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">Seeds, the file of results, and whether those are only shown.</param>
    public static void Run(Report report, string[] options)
    {
        torch.set_num_threads(1);
        (int first, int seeds) = options.Length > 0 ? SeedsOf(options[0])!.Value : (1, DefaultSeeds);
        string file = options.Length > 1 ? options[1] : DefaultFile;
        Dictionary<(int Stride, string Row, int Seed), (double Accuracy, double InNoise)> results = Read(file);
        Describe(report, seeds);

        // Seed by seed, so that a run that is ended early has as many of each row.
        foreach ((Row[] rows, int seed) in s_groups.SelectMany(
            rows => Enumerable.Range(first, seeds - first + 1).Select(seed => (rows, seed))))
        {
            Row[] open = [.. rows.Where(row => !results.ContainsKey((row.Stride, row.Name, seed)))];
            if (open.Length == 0 || options is [_, _, "show"])
            {
                continue;
            }

            var mlContext = new MLContext(seed);
            IDataView training = ToneIntervals.Create(mlContext, TrainingClips, 1000 + seed, Noise);
            IDataView[] tests =
            [
                ToneIntervals.Create(mlContext, TestClips, 2000 + seed, Noise),
                ToneIntervals.Create(mlContext, TestClips, 3000 + seed, StrongNoise),
            ];
            foreach (Row row in open)
            {
                long start = Stopwatch.GetTimestamp();
                (double accuracy, double inNoise) = TrainAndTest(mlContext, training, tests, row, seed);
                results.Add((row.Stride, row.Name, seed), (accuracy, inNoise));
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
                File.AppendAllText(file, string.Create(
                    CultureInfo.InvariantCulture, $"{row.Stride},{row.Name},{seed},{accuracy:R},{inNoise:R}\n"));
                report.Say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  stride {row.Stride}, {row.Name}, seed {seed}: {accuracy:F1}, in noise {inNoise:F1}, "
                    + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s"));
            }
        }

        Show(report, results, seeds);
    }

    private static void Show(
        Report report, Dictionary<(int Stride, string Row, int Seed), (double Accuracy, double InNoise)> results, int seeds)
    {
        report.Say("| stride | model | seeds | accuracy | beside 'with deformable' | in noise | beside 'with deformable' |");
        report.Say("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (Row row in s_groups.SelectMany(rows => rows))
        {
            int[] common =
            [
                .. Enumerable.Range(1, seeds).Where(seed => results.ContainsKey((row.Stride, row.Name, seed))
                    && results.ContainsKey((row.Stride, Compared, seed))),
            ];
            if (common.Length < 2)
            {
                report.Say($"| {row.Stride} | {row.Name} | {common.Length} | | | | |");
                continue;
            }

            double[] Values(string name, bool isNoisy) =>
            [
                .. common.Select(seed => results[(row.Stride, name, seed)])
                    .Select(result => isNoisy ? result.InNoise : result.Accuracy),
            ];
            string Cells(bool isNoisy)
            {
                double[] values = Values(row.Name, isNoisy);
                (double mean, double deviation) = Summary(values);
                report.AddQuietly($"stride {row.Stride}, {row.Name}{(isNoisy ? ", in noise" : "")}", "%", mean);
                string difference = row.Name == Compared
                    ? ""
                    : PairedDifference.Of(values, Values(Compared, isNoisy)).ToString();
                return string.Create(CultureInfo.InvariantCulture, $"{mean:F1} +- {deviation:F1} | {difference}");
            }

            report.Say(
                $"| {row.Stride} | {row.Name} | {common.Length} | {Cells(isNoisy: false)} | {Cells(isNoisy: true)} |");
        }
    }

    private static (double Accuracy, double InNoise) TrainAndTest(
        MLContext mlContext, IDataView training, IDataView[] tests, Row row, int seed)
    {
        DatarOptions options = Tiny(row.Stride, seed);
        row.Change(options);
        using AudioClassificationTransformer model =
            mlContext.MulticlassClassification.Trainers.Datar(options).Fit(training);
        double[] accuracies =
            [.. tests.Select(test => 100 * mlContext.AudioClassification().Evaluate(model.Transform(test)).Accuracy)];
        return (accuracies[0], accuracies[1]);
    }

    /// <summary>A DATAR of deformable attention alone, so that nothing but its points relates distant places.</summary>
    private static DatarOptions Tiny(int stride, int seed)
    {
        DatarStageConfig stage = new() { Dim = 64, Heads = 4, Groups = 2, Blocks = "D", Stride = stride, OffsetKernel = 3 };
        return new DatarOptions
        {
            Config =
            {
                StemDim = 32,
                Adaptor = DatarAdaptor.None,
                DropPath = 0,
                Stages =
                [
                    stage with { Dim = 32, Heads = 2, Groups = 1, Blocks = "DD", OffsetKernel = 5 },
                    stage with { Blocks = "DD", OffsetKernel = 5 },
                    stage,
                    stage with { OffsetKernel = 1 },
                ],
            },
            Epochs = 16,
            BatchSize = 16,
            LearningRate = 1e-3,
            Seed = seed,
        };
    }

    private static void Describe(Report report, int seeds)
    {
        DatarOptions options = Tiny(stride: 4, seed: 1);
        LogMelOptions frontEnd = ToneIntervals.FrontEnd();
        report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"two tones and two bursts a clip, classes {string.Join(", ", ToneIntervals.Classes)}; {frontEnd.MelBins} mel bins "
            + $"x {frontEnd.TargetFrames} frames; noise {Noise}, strong noise {StrongNoise}, tones 0.1; {TrainingClips} "
            + $"training clips, {TestClips} of each test, drawn anew for each of {seeds} seeds and the same for all rows"));
        report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"dims {string.Join('-', options.Config.Stages.Select(stage => stage.Dim))}, blocks "
            + $"{string.Join(' ', options.Config.Stages.Select(stage => stage.Blocks))}; {options.Epochs} epochs of batches "
            + $"of {options.BatchSize}, learning rate {options.LearningRate}; perturbations of {PerturbationStrength}"));
    }

    private static void WithoutOffsets(DatarOptions options) => options.Config.Stages =
        [.. options.Config.Stages.Select(stage => stage with { NoOffsets = true })];

    private static void Adapt(DatarOptions options, DatarAdaptor adaptor, double strength) =>
        (options.Config.Adaptor, options.Config.AdaptorStrength) = (adaptor, strength);

    private static Dictionary<(int Stride, string Row, int Seed), (double Accuracy, double InNoise)> Read(string file) =>
        !File.Exists(file) ? [] : File.ReadLines(file)
            .Select(line => line.Split(','))
            .Where(fields => fields.Length == 5)
            .ToDictionary(
                fields => (Whole(fields[0]), fields[1], Whole(fields[2])), fields => (Number(fields[3]), Number(fields[4])));

    /// <summary>The first and the last seed of a text such as "8", from the first on, or "3-8".</summary>
    private static (int First, int Last)? SeedsOf(string text)
    {
        string[] parts = text.Split('-');
        return parts.Length <= 2 && int.TryParse(parts[^1], CultureInfo.InvariantCulture, out int last)
            && int.TryParse(parts.Length == 2 ? parts[0] : "1", CultureInfo.InvariantCulture, out int first) && first <= last
                ? (first, last)
                : null;
    }

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Mean and standard deviation, of the sample's kind.</summary>
    private static (double Mean, double Deviation) Summary(double[] values)
    {
        double mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)));
    }

    private sealed record Row(int Stride, string Name, Action<DatarOptions> Change);
}
