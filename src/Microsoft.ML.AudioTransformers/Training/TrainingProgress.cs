using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Progress reports to ML.NET's progress channel.</summary>
internal sealed class TrainingProgress : IDisposable
{
    private static readonly string[] s_metrics =
        ["Loss", "Accuracy", "Validation loss", "Validation accuracy", "Clips/s"];

    private readonly IProgressChannel _channel;
    private int _epoch = 1;
    private int _clips;

    public TrainingProgress(IHost host, int epochCount, int clipCount)
    {
        _channel = host.StartProgressChannel("Training");
        _channel.SetHeader(new ProgressHeader(s_metrics, ["epochs", "clips"]), entry =>
        {
            entry.SetProgress(0, Volatile.Read(ref _epoch), epochCount);
            entry.SetProgress(1, Volatile.Read(ref _clips), clipCount);
        });
    }

    /// <summary>Reports the progress after a step.</summary>
    /// <param name="epoch">Current epoch, counted from 1.</param>
    /// <param name="clips">Number of its clips so far.</param>
    public void StepEnded(int epoch, int clips)
    {
        Volatile.Write(ref _epoch, epoch);
        Volatile.Write(ref _clips, clips);
    }

    /// <summary>Reports the metrics of an epoch.</summary>
    public void EpochEnded(AudioTrainingMetrics metrics) => _channel.Checkpoint(
        metrics.Loss,
        metrics.Accuracy,
        metrics.ValidationLoss,
        metrics.ValidationAccuracy,
        metrics.ClipsPerSecond,
        metrics.Epoch);

    public void Dispose() => _channel.Dispose();
}
