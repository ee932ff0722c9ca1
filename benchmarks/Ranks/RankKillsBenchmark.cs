using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Trainers;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace AudioMLNet.Benchmarks.Ranks;

/// <summary>
/// Kills a rank of a training at a random moment, and starts the training again: how soon the job ends and what it says, and
/// whether it goes on to the weights of a training that nobody killed.
/// </summary>
internal static class RankKillsBenchmark
{
    /// <summary>Command of a rank.</summary>
    public const string Worker = "killed-rank";

    private const string Preset = "PaSST";
    private const int Ranks = 2;

    /// <param name="report">Takes what is measured.</param>
    /// <param name="launcher">Program that starts ranks, such as mpirun.openmpi.</param>
    /// <param name="kills">Ranks to kill.</param>
    public static int Run(Report report, string launcher, int kills)
    {
        string root = Directory.CreateTempSubdirectory("rank-kills").FullName;
        try
        {
            string unbroken = Directory.CreateDirectory(Path.Combine(root, "unbroken")).FullName;
            Start(launcher, unbroken, killAfter: null, victim: 0, out double length, out _);
            var random = new Random(3);
            List<double> seconds = [];
            (int named, int resumed) = (0, 0);
            double worst = 0;
            for (int i = 0; i < kills; i++)
            {
                string folder = Directory.CreateDirectory(Path.Combine(root, $"{i}")).FullName;
                int victim = i % Ranks;
                if (Start(launcher, folder, random.NextDouble() * length, victim, out double until, out string text))
                {
                    seconds.Add(until);
                    named += text.Contains($"rank {victim}", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
                    report.Say($"kill {i}: rank {victim}, the job ended {until:F2} s later");
                }

                resumed += Directory.GetFiles(folder, "last.safetensors", SearchOption.AllDirectories).Length;
                Start(launcher, folder, killAfter: null, victim: 0, out _, out _);
                worst = Math.Max(worst, RanksBenchmark.Distance(
                    Path.Combine(unbroken, "model.safetensors"), Path.Combine(folder, "model.safetensors")));
            }

            report.Add("ranks killed while they trained", "", seconds.Count);
            report.Add("jobs whose message names the rank", "", named);
            report.Add("from the kill to the end of the job, longest", "s", seconds.DefaultIfEmpty(0).Max());
            report.Add("trainings that went on from a checkpoint", "", resumed);
            report.Add("distance of the weights to those of a training that nobody killed, largest", "relative", worst);
            return named == seconds.Count && worst == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Trains as a rank, with its checkpoints in a folder; the first writes the weights at the end.</summary>
    public static int Train(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        (AudioTrainerOptions options, IDataView data) = RanksBenchmark.CreateTraining(mlContext, Preset);
        options.WorkspacePath = Path.Combine(folder, "workspace");
        int rank = options.Optimization.Distributed!.Rank;
        File.WriteAllText(Path.Combine(folder, $"pid-{rank}"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        using AudioClassificationTransformer model = TrainerPresets.Fit(mlContext, options, data);
        if (rank == 0)
        {
            ModuleWeights.Save(model.Model.Network, Path.Combine(folder, "model.safetensors"));
        }

        return 0;
    }

    /// <param name="launcher">Program that starts ranks.</param>
    /// <param name="folder">Folder of the training.</param>
    /// <param name="killAfter">Seconds after which a rank is killed, counted from when all have joined; null for never.</param>
    /// <param name="victim">The rank.</param>
    /// <param name="seconds">From when all had joined, or from the kill, to the end of the job.</param>
    /// <param name="text">What the job said.</param>
    /// <returns>Whether the rank was killed before the training had ended.</returns>
    private static bool Start(
        string launcher, string folder, double? killAfter, int victim, out double seconds, out string text)
    {
        foreach (string path in Directory.GetFiles(folder, "pid-*"))
        {
            File.Delete(path);
        }

        using Process process = Process.Start(RanksBenchmark.Launch(launcher, Ranks, Worker, folder))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && Enumerable.Range(0, Ranks).Any(rank => Pid(folder, rank) is null))
        {
            Thread.Sleep(10);
        }

        long start = Stopwatch.GetTimestamp();
        bool isKilled = killAfter is double delay && !process.WaitForExit(TimeSpan.FromSeconds(delay));
        if (isKilled)
        {
            start = Stopwatch.GetTimestamp();
            isKilled = Kill(Pid(folder, victim)!.Value);
        }

        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{launcher} still ran two minutes after rank {victim} was killed.");
        }

        seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        text = output.Result + error.Result;
        return isKilled || process.ExitCode == 0
            ? isKilled
            : throw new InvalidOperationException($"{launcher} ended with {process.ExitCode}: {text}");
    }

    // A rank may have ended while its launcher has not.
    private static bool Kill(int pid)
    {
        try
        {
            using Process rank = Process.GetProcessById(pid);
            rank.Kill();
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static int? Pid(string folder, int rank)
    {
        string path = Path.Combine(folder, $"pid-{rank}");
        return File.Exists(path) && int.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out int pid) ? pid : null;
    }
}
