using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;

namespace AudioMLNet.Benchmarks;

/// <summary>The evaluators, one thread, at the size of AudioSet's evaluation set: 18,951 clips, 527 classes.</summary>
internal static class MetricsBenchmark
{
    private const int ClipCount = 18_951;
    private const int ClassCount = 527;
    private const int Runs = 5;

    /// <param name="report">Takes what is measured.</param>
    public static void Run(Report report)
    {
        (float[][] targets, float[][] scores) = Clips();
        Measure(report, "mAP", () => AudioTaggingMetrics.Compute(targets, scores).MeanAveragePrecision);
        Measure(report, "mAP, micro AP, AUC, d-prime, lwlrap", () =>
        {
            AudioTaggingMetrics metrics = AudioTaggingMetrics.Compute(targets, scores);
            return metrics.MeanAveragePrecision + metrics.MicroAveragePrecision + metrics.DPrime
                + metrics.LabelWeightedLabelRankingAveragePrecision;
        });

        // The clips of this view would hold ten gigabytes of log-mel, if anyone read it.
        MLContext mlContext = new(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, ClipCount).Select(clip => new Clip { Label = targets[clip], Score = scores[clip] }));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Measure(report, "mAP over a data view with features", () =>
            mlContext.AudioTagging().Evaluate(data).MeanAveragePrecision);
        AudioTaggingMetrics kept = mlContext.AudioTagging().Evaluate(data);
        long held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(kept);
        report.Add("memory that an evaluation holds, labels and scores", "MB", held / 1e6);
    }

    private static void Measure(Report report, string what, Func<double> compute)
    {
        double value = compute();
        double[] seconds = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            value = compute();
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        report.Add(what, "s", Spread.Of(seconds));
        report.AddQuietly($"{what}, value", "", value);
    }

    /// <summary>Three labels a clip, low classes more often, with somewhat higher scores.</summary>
    private static (float[][] Targets, float[][] Scores) Clips()
    {
        Random random = new(1);
        float[][] targets = new float[ClipCount][];
        float[][] scores = new float[ClipCount][];
        for (int clip = 0; clip < ClipCount; clip++)
        {
            targets[clip] = new float[ClassCount];
            scores[clip] = [.. Enumerable.Range(0, ClassCount).Select(_ => 1 / (1 + MathF.Exp(6 - 4 * random.NextSingle())))];
            for (int i = 0; i < 3; i++)
            {
                int label = (int)(ClassCount * Math.Pow(random.NextDouble(), 2));
                targets[clip][label] = 1;
                scores[clip][label] += 0.1f * random.NextSingle();
            }
        }

        return (targets, scores);
    }

    private sealed class Clip
    {
        [VectorType(ClassCount)]
        public float[]? Label { get; set; }

        [VectorType(ClassCount)]
        public float[]? Score { get; set; }

        [VectorType(1024, 128)]
        public float[] Features => new float[1024 * 128];
    }
}
