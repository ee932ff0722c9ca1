using System.Diagnostics;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Measures how fast training goes, and how long it waits for clips.</summary>
/// <param name="secondsBefore">What interrupted processes have taken already.</param>
internal sealed class TrainingSpeed(double secondsBefore)
{
    private readonly Stopwatch _run = Stopwatch.StartNew();
    private readonly Stopwatch _epoch = new();
    private readonly Stopwatch _waiting = new();
    private long _steps;
    private int _epochClips;

    /// <summary>Seconds since training began.</summary>
    public double Seconds => secondsBefore + _run.Elapsed.TotalSeconds;

    public double ClipsPerSecond => Ratio(_epochClips, _epoch.Elapsed.TotalSeconds);

    /// <summary>The share of the epoch's time in which no clips were ready.</summary>
    public double WaitingShare => Ratio(_waiting.Elapsed.TotalSeconds, _epoch.Elapsed.TotalSeconds);

    /// <summary>The time that further steps take at the mean speed so far, in whole seconds.</summary>
    public TimeSpan Remaining(long steps) =>
        TimeSpan.FromSeconds(Math.Round(steps * Ratio(_run.Elapsed.TotalSeconds, _steps)));

    public void BeginEpoch()
    {
        _epochClips = 0;
        _waiting.Reset();
        _epoch.Restart();
    }

    public void EndEpoch() => _epoch.Stop();

    /// <summary>Passes batches on, and counts the time until each is there.</summary>
    public IEnumerable<ClipBatch> Measure(IEnumerable<ClipBatch> batches)
    {
        using IEnumerator<ClipBatch> enumerator = batches.GetEnumerator();
        while (true)
        {
            _waiting.Start();
            bool isThere = enumerator.MoveNext();
            _waiting.Stop();
            if (!isThere)
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
