using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace.Option;
using TorchSharp;

namespace AudioMLNet.Benchmarks.Flat;

/// <summary>
/// Memory, open files and native tensors of long work: 100,000 predictions, 1,000 loads, 200 epochs, 100 trials of a sweep
/// and a week of streaming, looked at ten times on the way.
/// </summary>
internal static class FlatBenchmark
{
    private const int Looks = 10;
    private const int SampleRate = 16_000;
    private const int ThreadFiles = 4;

    private static readonly IReadOnlyDictionary<string, Action<Watch>> s_work = new Dictionary<string, Action<Watch>>
    {
        ["predictions"] = Predict,
        ["loads"] = Load,
        ["epochs"] = Train,
        ["trials"] = Sweep,
        ["streaming"] = Stream,
    };

    /// <summary>Whether options are those of this benchmark: kinds of work, or none for all.</summary>
    public static bool Accepts(string[] options) => options.All(s_work.ContainsKey);

    /// <returns>The exit code: 1 if something grew.</returns>
    public static int Run(Report report, string[] options)
    {
        torch.set_num_threads(1);
        bool isFlat = true;
        foreach (string what in options.Length > 0 ? options : s_work.Keys)
        {
            var watch = new Watch(report, what);
            s_work[what](watch);
            isFlat &= watch.IsFlat();
        }

        return isFlat ? 0 : 1;
    }

    private static void Predict(Watch watch)
    {
        var mlContext = new MLContext(seed: 1);
        ITransformer model = Pipeline(mlContext, Options()).Fit(Clips(mlContext, 16));
        using PredictionEngine<Clip, Prediction> engine = mlContext.Model.CreatePredictionEngine<Clip, Prediction>(model);
        Clip[] clips = [.. Make(16)];
        watch.Over(100_000, i => engine.Predict(clips[i % clips.Length]));
        (model as IDisposable)?.Dispose();
    }

    private static void Load(Watch watch)
    {
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView clips = Clips(mlContext, 16);
        using var file = new MemoryStream();
        mlContext.Model.Save(Pipeline(mlContext, Options()).Fit(clips), clips.Schema, file);
        string path = Path.Combine(Path.GetTempPath(), $"audioml-flat-{Environment.ProcessId}.zip");
        File.WriteAllBytes(path, file.ToArray());
        try
        {
            watch.Over(1000, _ =>
            {
                ITransformer loaded = mlContext.Model.Load(path, out DataViewSchema _);
                _ = loaded.Transform(clips).GetColumn<float[]>("Score").Count();
                (loaded as IDisposable)?.Dispose();
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Train(Watch watch)
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = Options();
        options.Epochs = 200;
        int epoch = 0;
        options.MetricsCallback = _ => watch.Look(++epoch, options.Epochs);
        IDataView clips = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(Clips(mlContext, 64))
            .Transform(Clips(mlContext, 64));
        mlContext.MulticlassClassification.Trainers.Passt(options).Fit(clips).Dispose();
    }

    private static void Sweep(Watch watch)
    {
        var mlContext = new MLContext(seed: 1);
        string folder = Directory.CreateTempSubdirectory("audioml-flat-").FullName;
        try
        {
            PasstOptions options = Options();
            options.Seed = null;
            int epoch = 0;
            options.Epochs = 2;
            options.MetricsCallback = _ => watch.Look(++epoch, 200);
            var space = new Microsoft.ML.SearchSpace.SearchSpace
            {
                ["LearningRate"] = new UniformDoubleOption(1e-4, 1e-1, logBase: true, defaultValue: 1e-2),
            };
            SweepablePipeline pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
                .Append(mlContext.Auto().Passt(options, space));
            mlContext.CreateAudioSweep(
                pipeline, new AudioSweep.Options { Folder = folder, Trials = 100, Seed = 3, Pruning = false })
                .Run(Clips(mlContext, 24), Clips(mlContext, 16));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Stream(Watch watch)
    {
        const int hours = 7 * 24;
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = Options();
        options.FrontEnd = LogMelOptions.CreateAst(SampleRate);
        (options.FrontEnd.MelBins, options.FrontEnd.TargetFrames) = (8, 96);
        options.FeatureColumnName = "Waveform";
        var random = new Random(5);
        IDataView sounds = mlContext.Data.LoadFromEnumerable([.. Enumerable.Range(0, 8).Select(i => new Sound
        {
            Label = i % 2 == 0 ? "low" : "high",
            Waveform = [.. Enumerable.Range(0, SampleRate).Select(_ => random.NextSingle() - 0.5f)],
        })]);
        IDataView keyed = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(sounds).Transform(sounds);
        using AudioClassificationTransformer model =
            mlContext.AudioClassification().Trainer(options).Fit(keyed);
        long windows = 0;
        StreamingClassifier classifier = model.CreateStreamingClassifier(_ => windows++, SampleRate);
        var second = new float[SampleRate];
        for (int i = 0; i < second.Length; i++)
        {
            second[i] = random.NextSingle() - 0.5f;
        }

        long start = Stopwatch.GetTimestamp();
        watch.Over(hours * 3600, _ => classifier.Write(second));
        classifier.Finish();
        watch.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"streaming: {windows} windows of {hours} hours at "
            + $"{hours * 3600 / Stopwatch.GetElapsedTime(start).TotalSeconds:F0} times real time"));
    }

    private static IEstimator<ITransformer> Pipeline(MLContext mlContext, PasstOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Passt(options));

    private static PasstOptions Options() => new()
    {
        Config =
        {
            PatchSize = 4, StrideFrequency = 4, StrideTime = 4, EmbedDim = 16, Depth = 1, Heads = 2,
        },
        LearningRate = 1e-2,
        Epochs = 1,
        BatchSize = 8,
        Seed = 7,
    };

    private static IEnumerable<Clip> Make(int count)
    {
        var random = new Random(1);
        return Enumerable.Range(0, count).Select(i => new Clip
        {
            Label = i % 2 == 0 ? "low" : "high",
            Features = [.. Enumerable.Range(0, Clip.Length).Select(_ => random.NextSingle())],
        });
    }

    private static IDataView Clips(MLContext mlContext, int count) => mlContext.Data.LoadFromEnumerable([.. Make(count)]);

    /// <summary>Looks at the process on the way.</summary>
    private sealed class Watch(Report report, string what)
    {
        private readonly List<(long Managed, long Resident, int Files, long Tensors)> _looks = [];

        public void Say(string line) => report.Say(line);

        public void Over(int count, Action<int> work)
        {
            for (int i = 0; i < count; i++)
            {
                work(i);
                Look(i + 1, count);
            }
        }

        /// <summary>Looks when another tenth is done.</summary>
        public void Look(int done, int count)
        {
            if (done % Math.Max(1, count / Looks) != 0)
            {
                return;
            }

            for (int i = 0; i < 3; i++)
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }

            using Process process = Process.GetCurrentProcess();
            int files = Directory.Exists("/proc/self/fd")
                ? Directory.GetFileSystemEntries("/proc/self/fd").Length
                : process.HandleCount;
            (long managed, long resident) = (GC.GetTotalMemory(false), process.WorkingSet64);

            // Of this thread: TorchSharp's count of all keeps the source of each parameter, disposed or not.
            long tensors = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            _looks.Add((managed, resident, files, tensors));
            report.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: {done,7} of {count}: {managed / 1e6:F1} MB managed, {resident / 1e6:F0} MB resident, "
                + $"{files} files, {tensors} tensors"));
        }

        /// <summary>
        /// Whether the end has no more tensors and at most four more files than the first half had, which threads of the pool
        /// may hold, and no more than 2 MB of managed and 5 % of resident memory beyond it.
        /// </summary>
        public bool IsFlat()
        {
            (long Managed, long Resident, int Files, long Tensors)[] first =
                [.. _looks.Skip(1).Take((_looks.Count / 2) - 1)];
            (long Managed, long Resident, int Files, long Tensors) last = _looks[^1];
            bool isFlat = last.Files <= first.Max(look => look.Files) + ThreadFiles
                && last.Tensors <= first.Max(look => look.Tensors)
                && last.Managed < first.Max(look => look.Managed) + 2_000_000
                && last.Resident < 1.05 * first.Max(look => look.Resident);
            report.AddQuietly($"{what}, resident at the end", "bytes", last.Resident);
            report.Say($"{what}: {(isFlat ? "flat" : "NOT flat")}");
            return isFlat;
        }
    }

    private sealed class Clip
    {
        public const int Length = 128;

        public string Label { get; set; } = "";

        [VectorType(16, 8)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class Sound
    {
        public string Label { get; set; } = "";

        [VectorType(SampleRate)]
        public float[] Waveform { get; set; } = [];
    }
}
