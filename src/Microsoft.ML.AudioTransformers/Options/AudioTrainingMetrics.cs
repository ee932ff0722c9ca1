using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Metrics of a training run at the end of an epoch or within one, as the metrics callback receives them.</summary>
public sealed class AudioTrainingMetrics
{
    [JsonConstructor]
    internal AudioTrainingMetrics()
    {
    }

    /// <summary>Current epoch, counted from 1.</summary>
    [JsonInclude]
    public int Epoch { get; internal init; }

    /// <summary>Number of epochs of the options.</summary>
    [JsonInclude]
    public int EpochCount { get; internal init; }

    /// <summary>Whether the epoch has ended.</summary>
    [JsonInclude]
    public bool IsEpochEnd { get; internal init; }

    /// <summary>Optimizer steps taken since training began.</summary>
    [JsonInclude]
    public long Step { get; internal init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    [JsonInclude]
    public long StepCount { get; internal init; }

    /// <summary>Base learning rate of the last step, as the schedule gives it.</summary>
    [JsonInclude]
    public double LearningRate { get; internal init; }

    /// <summary>Mean training loss over the epoch's clips so far, with patchout and augmentation.</summary>
    [JsonInclude]
    public double Loss { get; internal init; }

    /// <summary>Training accuracy over the epoch's clips so far, 0 to 1, with patchout and augmentation.</summary>
    [JsonInclude]
    public double Accuracy { get; internal init; }

    /// <summary>Mean loss over the validation set; null without one, or within an epoch.</summary>
    [JsonInclude]
    public double? ValidationLoss { get; internal init; }

    /// <summary>Accuracy over the validation set, 0 to 1; null without one, or within an epoch. With several labels per clip, the
    /// class with the highest score counts as correct if it is one of them.</summary>
    [JsonInclude]
    public double? ValidationAccuracy { get; internal init; }

    /// <summary>
    /// Mean average precision (mAP) over the validation set, 0 to 1, for audio tagging and sound event detection; null for other
    /// tasks, without a validation set, or within an epoch.
    /// </summary>
    [JsonInclude]
    public double? ValidationMeanAveragePrecision { get; internal init; }

    /// <summary>Throughput. Training clips per second in this epoch, without validation; since the run was resumed, if it was.
    /// </summary>
    [JsonInclude]
    public double ClipsPerSecond { get; internal init; }

    /// <summary>
    /// Data loading. Share of this epoch's training time in which the model waited for the data loader, 0 to 1.
    /// </summary>
    [JsonInclude]
    public double WaitingShare { get; internal init; }

    /// <summary>Training time so far; the time between an interruption and the resumption is not counted.</summary>
    [JsonInclude]
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>Estimate of the remaining training time, from the speed so far.</summary>
    [JsonInclude]
    public TimeSpan Remaining { get; internal init; }

    /// <summary>Copy without what depends on the machine's speed: throughput, data loading and times are 0.</summary>
    internal AudioTrainingMetrics WithoutTimes() => new()
    {
        Epoch = Epoch,
        EpochCount = EpochCount,
        IsEpochEnd = IsEpochEnd,
        Step = Step,
        StepCount = StepCount,
        LearningRate = LearningRate,
        Loss = Loss,
        Accuracy = Accuracy,
        ValidationLoss = ValidationLoss,
        ValidationAccuracy = ValidationAccuracy,
        ValidationMeanAveragePrecision = ValidationMeanAveragePrecision,
    };

    /// <summary>The metrics in one line.</summary>
    /// <returns>For example
    /// <c>epoch 3/40: loss 0.4120, accuracy 0.871, learning rate 0.0005, 310 clips/s, 00:02:10 left</c>.</returns>
    public override string ToString()
    {
        string place = IsEpochEnd ? "" : FormattableString.Invariant($", step {Step}/{StepCount}");
        string validation = ValidationLoss is null
            ? ""
            : FormattableString.Invariant(
                $", validation loss {ValidationLoss:F4}, validation accuracy {ValidationAccuracy:F3}");
        if (ValidationMeanAveragePrecision is { } precision)
        {
            validation += FormattableString.Invariant($", validation mAP {precision:F3}");
        }

        return FormattableString.Invariant(
            $"epoch {Epoch}/{EpochCount}{place}: loss {Loss:F4}, accuracy {Accuracy:F3}{validation}, ")
            + FormattableString.Invariant($"learning rate {LearningRate:G3}, {ClipsPerSecond:F0} clips/s, ")
            + FormattableString.Invariant($"{(long)Remaining.TotalHours:00}:{Remaining:mm\\:ss} left");
    }
}
