using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace AudioMLNet.Benchmarks.SweepKills;

/// <summary>A worker of a sweep as a process, and what it printed.</summary>
internal sealed class SweepProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Process _process;

    private SweepProcess(string folder)
    {
        _process = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(SweepProcess).Assembly.Location, SweepKillsBenchmark.Worker, folder])
        {
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
    }

    /// <summary>Seconds from its start to its end.</summary>
    public double Seconds { get; private set; }

    /// <summary>Trials that it began, in order.</summary>
    public int[] Starts => Numbers("starts:");

    /// <summary>The trial that it had begun and not ended; null for none.</summary>
    public int? Unfinished => Starts is [.., int last] && !Numbers("Completed:").Contains(last) ? last : null;

    /// <summary>Number, point and metric of each trial of the sweep.</summary>
    public string[] Results => After("Result:");

    /// <summary>The best trial of the sweep.</summary>
    public int Best => Numbers("Best:").Single();

    /// <summary>Starts a worker.</summary>
    public static SweepProcess Start(string folder) => new(folder);

    /// <summary>Kills it so many seconds after it began its n-th trial, unless it has ended.</summary>
    public void KillInTrial(int trial, double seconds)
    {
        if (!SpinWait.SpinUntil(() => Starts.Length >= trial || _process.HasExited, s_patience))
        {
            throw new TimeoutException($"The worker began {Starts.Length} trials in {s_patience}; expected {trial}.");
        }

        if (!_process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            _process.Kill();
        }

        // Without a limit, it waits for what it printed as well.
        _process.WaitForExit();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public void WaitForEnd()
    {
        if (!_process.WaitForExit(s_patience))
        {
            throw new TimeoutException($"The worker still runs after {s_patience}.");
        }

        Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        _process.WaitForExit();
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The worker ended with {_process.ExitCode}.");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private string[] After(string word) =>
        [.. _lines.Where(line => line.StartsWith(word, StringComparison.Ordinal)).Select(line => line[(word.Length + 1)..])];

    private int[] Numbers(string word) => [.. After(word).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
}
