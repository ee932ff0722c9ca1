using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;

namespace AudioMLNet.Benchmarks.Threads;

/// <summary>
/// How long a batch takes with one thread of LibTorch and with all, on a machine that has nothing else to do and on one whose
/// cores are all busy: the small presets and HTS-AT of the paper's size, one clip and batches.
/// </summary>
internal static class ThreadsBenchmark
{
    private const int Rate = 16_000;
    private const double SecondsARow = 1;

    public static void Run(Report report)
    {
        int all = torch.get_num_threads();
        report.Say(string.Create(
            CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores; one thread beside {all}, median of a batch"));
        foreach (ModelFamily family in ModelFamilies.All)
        {
            AudioTrainerOptions options = family.CreateSmall(Rate);
            options.FrontEnd!.TargetSamples = Rate;
            options.FrontEnd.TargetFrames = 0;
            using AudioClassificationTransformer model = Train(options, Rate);
            Measure(report, $"small {family.Name}", model, all, [1, 32]);
        }

        using AudioClassificationTransformer large = Train(new HtsAtOptions { FrontEnd = LogMelOptions.HtsAt }, 32_000);
        Measure(report, "HTS-AT", large, all, [1, 4]);
        report.Write();
    }

    private static void Measure(
        Report report, string name, AudioClassificationTransformer model, int all, int[] batches)
    {
        foreach (int batch in batches)
        {
            foreach (bool isBusy in (bool[])[false, true])
            {
                Process[] others = isBusy ? [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Burn())] : [];
                try
                {
                    // Turns of a few calls each: both see the same machine.
                    List<double> one = [], many = [];
                    for (long start = Stopwatch.GetTimestamp();
                        Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsARow || many.Count < 3;)
                    {
                        one.AddRange(Times(model, batch, threads: 1));
                        many.AddRange(Times(model, batch, all));
                    }

                    report.Add(
                        $"{name}, batch of {batch}{(isBusy ? ", busy" : "")}", "ms", Median(one), $"{all} threads", Median(many));
                }
                finally
                {
                    foreach (Process other in others)
                    {
                        other.Kill();
                        other.Dispose();
                    }
                }
            }
        }
    }

    private static double[] Times(AudioClassificationTransformer model, int batch, int threads)
    {
        torch.set_num_threads(threads);
        var features = new float[batch * model.Model.Description.Shape.Length];
        var scores = new float[batch * model.Model.ClassNames.Count];
        model.Model.Score(features, batch, scores);
        return
        [
            .. Enumerable.Range(0, 5).Select(_ =>
            {
                long start = Stopwatch.GetTimestamp();
                model.Model.Score(features, batch, scores);
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }),
        ];
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    // A process, since threads of this one would share its time with what is measured.
    private static Process Burn() => Process.Start("sh", ["-c", "while :; do :; done"]);

    private static AudioClassificationTransformer Train(AudioTrainerOptions options, int rate)
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(1);
        (options.FeatureColumnName, options.Epochs, options.BatchSize) = ("Waveform", 1, 2);
        IDataView clips = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(label => new Clip
        {
            Label = $"class {label % 2}",
            Waveform = [.. Enumerable.Range(0, rate).Select(_ => random.NextSingle() - 0.5f)],
        }).ToArray());
        IDataView keys = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(clips).Transform(clips);
        return mlContext.AudioClassification().Trainer(options).Fit(keys);
    }

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }
}
