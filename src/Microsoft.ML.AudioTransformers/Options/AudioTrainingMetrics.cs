using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What training came to at the end of an epoch, or within one, as a trainer's metrics callback receives it.
/// </summary>
public sealed class AudioTrainingMetrics
{
    [JsonConstructor]
    internal AudioTrainingMetrics()
    {
    }

    /// <summary>The epoch that has ended or is under way, counted from 1.</summary>
    [JsonInclude]
    public int Epoch { get; internal init; }

    /// <summary>Epochs that the run was asked for.</summary>
    [JsonInclude]
    public int EpochCount { get; internal init; }

    /// <summary>Whether the epoch has ended; otherwise it is under way.</summary>
    [JsonInclude]
    public bool IsEpochEnd { get; internal init; }

    /// <summary>Optimizer steps taken since training began.</summary>
    [JsonInclude]
    public long Step { get; internal init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    [JsonInclude]
    public long StepCount { get; internal init; }

    /// <summary>The learning rate of the last step.</summary>
    [JsonInclude]
    public double LearningRate { get; internal init; }

    /// <summary>Mean training loss over the epoch's clips so far, with patchout and augmentation.</summary>
    [JsonInclude]
    public double Loss { get; internal init; }

    /// <summary>Share of the epoch's training clips so far whose best class was right, 0 to 1, with patchout and
    /// augmentation.</summary>
    [JsonInclude]
    public double Accuracy { get; internal init; }

    /// <summary>Mean loss over the validation set, or null without one or within an epoch.</summary>
    [JsonInclude]
    public double? ValidationLoss { get; internal init; }

    /// <summary>Share of the validation set whose best class was right, 0 to 1, or null without one or within an epoch.
    /// </summary>
    [JsonInclude]
    public double? ValidationAccuracy { get; internal init; }

    /// <summary>
    /// Mean average precision over the validation set's classes where clips have any number of labels, 0 to 1; null
    /// otherwise, without such a set or within an epoch.
    /// </summary>
    [JsonInclude]
    public double? ValidationMeanAveragePrecision { get; internal init; }

    /// <summary>Training clips a second in this epoch, validation not counted; since it was resumed, if it was.</summary>
    [JsonInclude]
    public double ClipsPerSecond { get; internal init; }

    /// <summary>
    /// Share of this epoch's training time in which the model waited for clips to be made ready, 0 to 1.
    /// </summary>
    [JsonInclude]
    public double WaitingShare { get; internal init; }

    /// <summary>Time since training began; what lies between an interruption and the resumption is not counted.</summary>
    [JsonInclude]
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>About how long the rest of the run will take, by the speed so far.</summary>
    [JsonInclude]
    public TimeSpan Remaining { get; internal init; }

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
            + FormattableString.Invariant($"{Remaining:hh\\:mm\\:ss} left");
    }
}
