using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Progress reports to ML.NET's progress channel and, within long epochs, to the log: after the first steps of a training, so
/// that one sees how long it will take, and every twenty seconds.
/// </summary>
internal sealed class TrainingProgress : IDisposable
{
    private const int FirstSteps = 3;

    private static readonly string[] s_metrics =
        ["Loss", "Accuracy", "Validation loss", "Validation accuracy", "Clips/s", "Seconds left"];

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(20);

    private readonly IProgressChannel _progress;
    private readonly IChannel _log;
    private readonly int _epochCount;
    private readonly int _clipCount;
    private readonly Stopwatch _sinceTold = Stopwatch.StartNew();
    private int _epoch = 1;
    private int _clips;
    private int _steps;
    private Speed _speed = new(0, TimeSpan.Zero);

    public TrainingProgress(IHost host, IChannel log, int epochCount, int clipCount)
    {
        (_log, _epochCount, _clipCount) = (log, epochCount, clipCount);
        _progress = host.StartProgressChannel("Training");
        _progress.SetHeader(new ProgressHeader(s_metrics, ["epochs", "clips"]), entry =>
        {
            entry.SetProgress(0, Volatile.Read(ref _epoch), epochCount);
            entry.SetProgress(1, Volatile.Read(ref _clips), clipCount);
            Speed speed = Volatile.Read(ref _speed);
            entry.SetMetric(4, speed.ClipsPerSecond);
            entry.SetMetric(5, speed.Remaining.TotalSeconds);
        });
    }

    /// <summary>Reports the progress after a step.</summary>
    /// <param name="epoch">Current epoch, counted from 1.</param>
    /// <param name="clips">Number of its clips so far.</param>
    /// <param name="clipsPerSecond">Clips a second in this epoch.</param>
    /// <param name="remaining">Estimate of the time that is left.</param>
    public void StepEnded(int epoch, int clips, double clipsPerSecond, TimeSpan remaining)
    {
        Volatile.Write(ref _epoch, epoch);
        Volatile.Write(ref _clips, clips);
        Volatile.Write(ref _speed, new Speed(clipsPerSecond, remaining));
        if (++_steps == FirstSteps || _sinceTold.Elapsed > s_interval)
        {
            _sinceTold.Restart();
            _log.Info(
                MessageSensitivity.None,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"epoch {epoch}/{_epochCount}, {clips} of {_clipCount} clips: {clipsPerSecond:F1} clips/s, about ")
                + string.Create(CultureInfo.InvariantCulture, $"{(long)remaining.TotalHours:00}:{remaining:mm\\:ss} left"));
        }
    }

    /// <summary>Reports the metrics of an epoch.</summary>
    public void EpochEnded(AudioTrainingMetrics metrics)
    {
        _sinceTold.Restart();
        _progress.Checkpoint(
            metrics.Loss,
            metrics.Accuracy,
            metrics.ValidationLoss,
            metrics.ValidationAccuracy,
            metrics.ClipsPerSecond,
            metrics.Remaining.TotalSeconds,
            metrics.Epoch);
    }

    public void Dispose() => _progress.Dispose();

    private sealed record Speed(double ClipsPerSecond, TimeSpan Remaining);
}
