namespace Microsoft.ML.AudioTransformers;

/// <summary>What one epoch of training came to, as a trainer's metrics callback receives it.</summary>
public sealed class AudioTrainingMetrics
{
    internal AudioTrainingMetrics()
    {
    }

    /// <summary>The epoch that has ended, counted from 1.</summary>
    public int Epoch { get; internal init; }

    /// <summary>Epochs that the run was asked for.</summary>
    public int EpochCount { get; internal init; }

    /// <summary>The learning rate of the epoch's last step.</summary>
    public double LearningRate { get; internal init; }

    /// <summary>Mean training loss over the epoch's clips, with patchout and augmentation.</summary>
    public double Loss { get; internal init; }

    /// <summary>Share of the epoch's training clips whose best class was right, 0 to 1, with patchout and augmentation.
    /// </summary>
    public double Accuracy { get; internal init; }

    /// <summary>Mean loss over the validation set, or null without one.</summary>
    public double? ValidationLoss { get; internal init; }

    /// <summary>Share of the validation set whose best class was right, 0 to 1, or null without one.</summary>
    public double? ValidationAccuracy { get; internal init; }

    /// <summary>Training clips a second in this epoch, validation not counted.</summary>
    public double ClipsPerSecond { get; internal init; }

    /// <summary>Time since training began.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>The epoch in one line.</summary>
    /// <returns>For example <c>epoch 3/40: loss 0.412, accuracy 0.871, learning rate 0.0005, 310 clips/s</c>.</returns>
    public override string ToString()
    {
        string validation = ValidationLoss is null
            ? ""
            : FormattableString.Invariant(
                $", validation loss {ValidationLoss:F4}, validation accuracy {ValidationAccuracy:F3}");
        return FormattableString.Invariant(
            $"epoch {Epoch}/{EpochCount}: loss {Loss:F4}, accuracy {Accuracy:F3}{validation}, ")
            + FormattableString.Invariant($"learning rate {LearningRate:G3}, {ClipsPerSecond:F0} clips/s");
    }
}
