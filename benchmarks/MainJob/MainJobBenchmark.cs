using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AudioMLNet.Benchmarks.MainJob;

/// <summary>
/// The sample that learns spoken commands, run time after time as README's command runs it once it is built: how well it
/// hears, how long it takes, and whether it ever fails or writes to standard error.
/// </summary>
internal static class MainJobBenchmark
{
    private const double LeastAccuracy = 0.95;
    private static readonly string s_sample = Path.Combine("samples", "SpokenCommands", "SpokenCommands.cs");

    /// <param name="report">Takes what is measured.</param>
    /// <param name="runs">How many runs, one after the other.</param>
    /// <returns>The exit code: 0 if every run ended well, was accurate and left standard error empty.</returns>
    public static int Run(Report report, int runs)
    {
        string root = Root();
        int built = Build(root);
        if (built != 0)
        {
            return built;
        }

        report.Say("| run | exit code | accuracy | s | standard error, bytes |");
        report.Say("| --- | --- | --- | --- | --- |");
        var all = new List<Ended>();
        for (int run = 1; run <= runs; run++)
        {
            Ended ended = RunOnce(root);
            all.Add(ended);
            report.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"| {run} | {ended.ExitCode} | {ended.Accuracy:F3} | {ended.Seconds:F1} | {ended.Error.Length} |"));
            Console.Error.Write(Encoding.UTF8.GetString(ended.Error));
        }

        report.Add("main job, built", "s", Spread.Of(all.Select(ended => ended.Seconds)));
        report.Add("main job, accuracy", "of 1", Spread.Of(all.Select(ended => ended.Accuracy)));
        report.Add("main job, standard error", "bytes", Spread.Of(all.Select(ended => (double)ended.Error.Length)));
        report.Add("main job, runs that failed", $"of {runs}", all.Count(ended => ended.ExitCode != 0));
        report.Write();
        return all.TrueForAll(
            ended => ended is { ExitCode: 0, Accuracy: >= LeastAccuracy, Error.Length: 0 }) ? 0 : 1;
    }

    // Its output is not read: servers that a build leaves running would hold it open.
    private static int Build(string folder)
    {
        string[] arguments = ["build", s_sample, "-c", "Release", "--nologo", "-v", "q"];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static Ended RunOnce(string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["run", s_sample, "-c", "Release", "--no-build"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        using var error = new MemoryStream();
        Task copied = process.StandardError.BaseStream.CopyToAsync(error);
        string output = process.StandardOutput.ReadToEnd();
        copied.Wait();
        process.WaitForExit();
        return new Ended(
            process.ExitCode, output, error.ToArray(), Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, s_sample)))
            {
                return at.FullName;
            }
        }

        throw new FileNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds {s_sample}.");
    }

    /// <summary>What a command left behind.</summary>
    private sealed record Ended(int ExitCode, string Output, byte[] Error, double Seconds)
    {
        private const string Label = "accuracy: ";

        /// <summary>What the sample's last line says; not a number where it did not come so far.</summary>
        public double Accuracy => Output.Split('\n').LastOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal))
            is { } line ? double.Parse(line[Label.Length..], CultureInfo.InvariantCulture) : double.NaN;
    }
}
