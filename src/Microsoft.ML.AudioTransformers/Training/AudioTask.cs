using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Task of a model: its classes, heads, loss and validation metric. Each task has a folder below Tasks, with its labels, trainer,
/// columns, metrics and catalog.
/// </summary>
internal abstract record AudioTask
{
    /// <summary>Class names in the order of the logits.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>
    /// Number of classes of each head, in the order of the logits. One head, unless a clip has a class of each of several kinds,
    /// such as a verb and a noun.
    /// </summary>
    [JsonIgnore]
    public virtual IReadOnlyList<int> HeadSizes => [ClassNames.Count];

    /// <summary>Loss function of the task.</summary>
    /// <param name="asked">Loss function of the trainer's options.</param>
    public abstract AudioLossFunction LossFor(AudioLossFunction asked);

    /// <summary>Creates a metric that is computed over the whole validation set; null if the task has none.</summary>
    public virtual ValidationMetric? CreateValidationMetric() => null;
}

/// <summary>Metric that is computed over a whole validation set, such as mean average precision, 0 to 1.</summary>
internal abstract class ValidationMetric
{
    /// <summary>Adds a clip.</summary>
    /// <param name="targets">(classes): 1 for a class of the clip, 0 for another one, NaN for an unlabelled one.</param>
    /// <param name="scores">(classes): scores or logits, higher for likelier classes.</param>
    public abstract void Add(ReadOnlySpan<float> targets, ReadOnlySpan<float> scores);

    /// <summary>Computes the metric of the clips that were added.</summary>
    public abstract double Compute();
}
