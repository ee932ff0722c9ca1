using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Core;

namespace AudioMLNet.Benchmarks.Training;

/// <summary>
/// Training steps at the papers' sizes, two clips a step, on one thread: how fast, how much memory, how long they wait
/// for clips; in turns with a plain PyTorch loop over a model of the same size, for PaSST of as many tokens, where there is
/// one. Each side is a process of its own.
/// </summary>
internal static class TrainingBenchmark
{
    private const int Batch = 2;
    private const int Runs = 5;
    private const int WaitingSeconds = 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">Names of models, none for all; and types, see <see cref="ModelsBenchmark.Types"/>.</param>
    public static void Run(Report report, string[] options)
    {
        report.Say(PythonPeer.Describe());
        string[] types = ModelsBenchmark.Types(options);
        string[] names = [.. options.Intersect(BenchmarkedModel.Names)];
        foreach (BenchmarkedModel model in (names.Length > 0 ? names : BenchmarkedModel.Names).SelectMany(BenchmarkedModel.Of))
        {
            Array.ForEach(types, type => Measure(report, model.Name, type));
        }
    }

    private static void Measure(Report report, string name, string type)
    {
        using var sides = new TrainingSides(name, type, Batch);
        Spread[] seconds = sides.InTurns(Runs, s_limit);
        string title = $"{name} {type}, training, batch {Batch}";
        report.Add(
            title, "spectrograms a second", seconds[0].RateOf(Batch), sides.PeerName,
            seconds.ElementAtOrDefault(1)?.RateOf(Batch));
        report.Add($"{title}, peak memory", "MB", sides.Own.PeakMegabytes(), sides.PeerName, sides.PeerPeakMegabytes);
        int steps = Math.Clamp((int)(WaitingSeconds / seconds[0].Median), 2, 8);
        double[] waiting = sides.Own.Ask($"steps {steps}");
        report.Add($"{title}, waiting for clips in {steps} steps", "% of the time", 100 * waiting[1] / waiting[0]);
    }
}
