using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace AudioMLNet.Benchmarks.Kills;

/// <summary>
/// Kills processes that train, sweep, save, export, featurize into a cache and score, each at a random moment, and starts
/// them again: whether all end with the results of runs that nobody killed, and no file is ever a part of one.
/// </summary>
internal static class KillsBenchmark
{
    /// <summary>Whether options are those of this benchmark: a number of processes, and jobs.</summary>
    public static bool Accepts(string[] options) =>
        options.All(option => KillWorker.Jobs.ContainsKey(option) || Number(option) > 0);

    /// <param name="report">Takes what is counted.</param>
    /// <param name="options">Processes to kill, of all jobs together, 200 without; jobs, all if none is named.</param>
    /// <returns>The exit code: 1 if a result differed or a file was not whole.</returns>
    public static int Run(Report report, string[] options)
    {
        int runs = options.Select(Number).FirstOrDefault(number => number > 0, 200);
        string[] named = [.. options.Where(KillWorker.Jobs.ContainsKey)];
        string[] jobs = named.Length > 0 ? named : [.. KillWorker.Jobs.Keys];
        string root = Directory.CreateTempSubdirectory("audioml-kills-").FullName;
        int failures = 0;
        try
        {
            for (int index = 0; index < jobs.Length; index++)
            {
                int count = (runs + jobs.Length - 1 - index) / jobs.Length;
                failures += RunJob(report, Path.Combine(root, jobs[index]), jobs[index], count);
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        report.Say(failures == 0 ? "nothing was lost, and nothing half-written" : $"{failures} failures");
        return failures == 0 ? 0 : 1;
    }

    private static int Number(string option) => int.TryParse(option, CultureInfo.InvariantCulture, out int number) ? number : 0;

    private static int RunJob(Report report, string root, string job, int count)
    {
        string unbroken = Directory.CreateDirectory(Path.Combine(root, "unbroken")).FullName;
        (string expected, double seconds) = RunToTheEnd(job, unbroken);
        string[] files = Names(unbroken);
        var random = new Random(61);
        (int killed, int twice, int different, int broken) = (0, 0, 0, 0);
        for (int i = 0; i < count; i++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(root, i.ToString(CultureInfo.InvariantCulture))).FullName;

            // Every third is killed again when it has gone on.
            for (int turn = 0; turn < (i % 3 == 0 ? 2 : 1); turn++)
            {
                if (Kill(job, folder, random.NextDouble() * seconds))
                {
                    (killed, twice) = turn == 0 ? (killed + 1, twice) : (killed, twice + 1);
                }

                foreach (string problem in NotWhole(folder, unbroken))
                {
                    broken++;
                    report.Say($"{job}, run {i}: {problem}");
                }
            }

            (string found, _) = RunToTheEnd(job, folder);
            if (found != expected || !Names(folder).SequenceEqual(files))
            {
                different++;
                report.Say($"{job}, run {i}: {found} where {expected}; {string.Join(' ', Names(folder).Except(files))}");
            }

            Directory.Delete(folder, recursive: true);
        }

        report.Add($"{job}, runs", "", count);
        report.Add($"{job}, killed before the end", "", killed);
        report.Add($"{job}, killed again when it had gone on", "", twice);
        report.Add($"{job}, results or files that differ", "", different);
        report.Add($"{job}, files that were not whole", "", broken);
        return different + broken;
    }

    /// <returns>Whether the process was killed before it had ended.</returns>
    private static bool Kill(string job, string folder, double seconds)
    {
        using Process process = Start(job, folder);
        process.StandardOutput.ReadLine();
        if (process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            return false;
        }

        process.Kill();
        process.WaitForExit();
        return true;
    }

    private static (string Result, double Seconds) RunToTheEnd(string job, string folder)
    {
        using Process process = Start(job, folder);
        process.StandardOutput.ReadLine();
        long start = Stopwatch.GetTimestamp();
        string result = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0
            ? (result, Stopwatch.GetElapsedTime(start).TotalSeconds)
            : throw new InvalidOperationException($"{job} in '{folder}' ended with {process.ExitCode}.");
    }

    private static Process Start(string job, string folder)
    {
        string program = typeof(KillsBenchmark).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program, KillWorker.Command, job, folder])
        {
            RedirectStandardOutput = true,
        };
        OneThread.Set(start);
        return Process.Start(start)!;
    }

    /// <summary>All files but those that a run keeps open and times differ in.</summary>
    private static string[] Names(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal),
    ];

    /// <summary>Files with their final names that are not whole.</summary>
    private static IEnumerable<string> NotWhole(string folder, string unbroken)
    {
        foreach (string name in Names(folder).Where(name => Path.GetExtension(name) != ".tmp"))
        {
            string path = Path.Combine(folder, name);
            string? problem = null;
            try
            {
                problem = Problem(path, Path.Combine(unbroken, name));
            }
            catch (Exception exception)
            {
                problem = exception.Message;
            }

            if (problem is not null)
            {
                yield return $"{name}: {problem}";
            }
        }
    }

    private static string? Problem(string path, string whole)
    {
        switch (Path.GetExtension(path))
        {
            case ".zip":
                new MLContext().RegisterAudioTransformers().Model.Load(path, out _);
                return null;
            case ".safetensors" when Path.GetFileName(path) != "model.safetensors":
                SealedSafetensors.Check(path);
                return null;
            case ".json":
                System.Text.Json.JsonDocument.Parse(File.ReadAllText(path)).Dispose();
                return null;
            case ".svg":
                System.Xml.Linq.XDocument.Load(path);
                return null;
            case ".csv":
                return File.ReadAllText(path).EndsWith('\n') ? null : "it has no last line's end";
            case "":
                return null;
            default:
                // These follow from the job alone: features in the cache, recordings, exported weights and graphs.
                return File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(whole)) ? null : "it is another";
        }
    }
}
