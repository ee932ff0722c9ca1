using System.Globalization;
using AudioMLNet.Benchmarks.Kills;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AutoML;
using TorchSharp;

namespace AudioMLNet.Benchmarks.SweepKills;

/// <summary>
/// A sweep by three workers that share a folder, of which two are killed while they run a trial: whether each trial has one
/// result, that of one worker alone with the same seed, and the best is the same.
/// </summary>
internal static class SweepKillsBenchmark
{
    /// <summary>Command of a worker.</summary>
    public const string Worker = "sweep-worker";

    private const int Workers = 3;
    private const int Victims = 2;
    private const int Trials = 12;
    private const int Epochs = 6;

    // So much that trials differ in what they get right.
    private const float Noise = 6;

    /// <param name="report">Takes what is counted.</param>
    /// <param name="sweeps">Sweeps, in each of which two workers are killed.</param>
    /// <returns>The exit code: 1 if a trial had another result, was run twice or was not run.</returns>
    public static int Run(Report report, int sweeps)
    {
        string root = Directory.CreateTempSubdirectory("audioml-sweep-kills-").FullName;
        try
        {
            using SweepProcess alone = SweepProcess.Start(Path.Combine(root, "alone"));
            alone.WaitForEnd();
            report.Say($"one worker: {alone.Starts.Length} trials in {alone.Seconds:F1} s, the best {alone.Best}");
            report.Say("");
            report.Say(
                "| sweep | killed while they ran | starts of trials | results | other than of one worker | best | seconds |\n"
                + "| --- | --- | --- | --- | --- | --- | --- |");
            var random = new Random(4);
            int wrong = Enumerable.Range(0, sweeps)
                .Count(sweep => !RunSweep(report, sweep, Path.Combine(root, $"{sweep}"), alone, random));
            report.Add("sweeps", "", sweeps);
            report.Add("workers killed", "", Victims * sweeps);
            report.Add("sweeps with a trial lost, run again without need, or other than of one worker", "", wrong);
            return wrong == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Works on a sweep, and prints what <see cref="SweepProcess"/> reads.</summary>
    /// <param name="folder">Folder of the sweep.</param>
    public static int Work(string folder)
    {
        torch.set_num_threads(1);
        var mlContext = new MLContext(seed: 1);
        mlContext.Log += (_, log) =>
        {
            if (log.RawMessage.Split(' ') is ["trial", string id, string what, ..] && what is "starts:" or "Completed:")
            {
                Console.WriteLine($"{what} {id}");
            }
        };
        var options = new AudioSweep.Options
        {
            Folder = folder, Trials = Trials, Seed = 3, Pruning = false, LeaseInSeconds = 2,
        };
        AudioSweepResult result = mlContext.CreateAudioSweep(KillWorker.SweepPipeline(mlContext, Epochs), options)
            .Work(KillWorker.Clips(mlContext, 64, 1, Noise), KillWorker.Clips(mlContext, 300, 2, Noise));
        foreach (AudioSweepTrial trial in result.Trials)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Result: {trial.Id} {trial.Parameters} {trial.Metric:R}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Best: {result.BestTrial.Id}"));
        return 0;
    }

    /// <returns>Whether all is as of one worker.</returns>
    private static bool RunSweep(Report report, int sweep, string folder, SweepProcess alone, Random random)
    {
        SweepProcess[] workers = [.. Enumerable.Range(0, Workers).Select(_ => SweepProcess.Start(folder))];
        try
        {
            // Each in its first to third trial, at any moment of one.
            (int Trials, double Seconds)[] moments =
            [
                .. Enumerable.Range(0, Victims)
                    .Select(_ => (random.Next(1, 4), random.NextDouble() * alone.Seconds / Trials)),
            ];
            Parallel.For(0, Victims, victim => workers[victim].KillInTrial(moments[victim].Trials, moments[victim].Seconds));
            SweepProcess last = workers[^1];
            last.WaitForEnd();

            int[] killedIn = [.. workers[..Victims].Select(worker => worker.Unfinished).OfType<int>()];
            int[] starts = [.. workers.SelectMany(worker => worker.Starts)];
            int different = last.Results.Zip(alone.Results).Count(pair => pair.First != pair.Second);
            int results = Directory.GetFiles(folder, "trial-*.metrics.json").Length;
            report.Say(
                $"| {sweep + 1} | {string.Join(", ", killedIn)} | {starts.Length} | {results} | {different} | {last.Best} | "
                + string.Create(CultureInfo.InvariantCulture, $"{last.Seconds:F1} |"));

            // A trial begins once, and once more for each worker that died in it.
            return starts.Order().SequenceEqual(Enumerable.Range(0, Trials).Concat(killedIn).Order())
                && results == Trials && different == 0 && last.Results.Length == alone.Results.Length && last.Best == alone.Best;
        }
        finally
        {
            Array.ForEach(workers, worker => worker.Dispose());
        }
    }
}
