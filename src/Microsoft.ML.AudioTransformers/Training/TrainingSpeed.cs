using System.Diagnostics;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Training speed: throughput, time spent waiting for the data loader, and an estimate of the remaining time.</summary>
/// <param name="secondsBefore">Training time before the run was resumed, in seconds.</param>
internal sealed class TrainingSpeed(double secondsBefore)
{
    private readonly Stopwatch _run = Stopwatch.StartNew();
    private readonly Stopwatch _epoch = new();
    private readonly Stopwatch _waiting = new();
    private long _steps;
    private int _epochClips;

    /// <summary>Training time in seconds, with that before the run was resumed.</summary>
    public double Seconds => secondsBefore + _run.Elapsed.TotalSeconds;

    /// <summary>Clips per second of the current epoch.</summary>
    public double ClipsPerSecond => Ratio(_epochClips, _epoch.Elapsed.TotalSeconds);

    /// <summary>Share of the current epoch's time spent waiting for the data loader, 0 to 1.</summary>
    public double WaitingShare => Ratio(_waiting.Elapsed.TotalSeconds, _epoch.Elapsed.TotalSeconds);

    /// <summary>Estimated time of further steps at the mean speed so far, in whole seconds.</summary>
    public TimeSpan Remaining(long steps) =>
        TimeSpan.FromSeconds(Math.Round(steps * Ratio(_run.Elapsed.TotalSeconds, _steps)));

    public void BeginEpoch()
    {
        _epochClips = 0;
        _waiting.Reset();
        _epoch.Restart();
    }

    public void EndEpoch() => _epoch.Stop();

    /// <summary>Enumerates batches and measures the time spent waiting for each.</summary>
    public IEnumerable<ClipBatch> Measure(IEnumerable<ClipBatch> batches)
    {
        using IEnumerator<ClipBatch> enumerator = batches.GetEnumerator();
        while (true)
        {
            _waiting.Start();
            bool hasNext = enumerator.MoveNext();
            _waiting.Stop();
            if (!hasNext)
            {
                yield break;
            }

            yield return enumerator.Current;
        }
    }

    public void StepEnded(int clips)
    {
        _steps++;
        _epochClips += clips;
    }

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
