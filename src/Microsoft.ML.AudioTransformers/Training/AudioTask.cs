using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// A task: what a model's outputs stand for, and how they are learned. Each task has a folder of its own, which holds its labels,
/// trainer, columns, metrics and catalog.
/// </summary>
internal abstract record AudioTask
{
    /// <summary>Classes, in the order of the model's outputs.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>Classes of each head, in the order of the outputs. One head, unless a clip has a class of several kinds.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<int> HeadSizes => [ClassNames.Count];

    /// <summary>Loss function that the task is learned with.</summary>
    /// <param name="asked">The trainer's option.</param>
    public abstract AudioLossFunction LossFor(AudioLossFunction asked);

    /// <summary>A metric of the validation set that all of its clips make up together; null for none.</summary>
    public virtual ValidationMetric? CreateValidationMetric() => null;
}

/// <summary>Mean average precision of a validation set, or another metric of multi-label clips, from 0 to 1.</summary>
internal abstract class ValidationMetric
{
    /// <summary>Adds a clip.</summary>
    /// <param name="targets">For each class 1 where the clip has it, 0 where not, NaN where it is unlabelled.</param>
    /// <param name="scores">For each class a score, the higher the more likely.</param>
    public abstract void Add(ReadOnlySpan<float> targets, ReadOnlySpan<float> scores);

    /// <summary>The metric of the clips added.</summary>
    public abstract double Compute();
}
