using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>What a training run's weights follow from beside model and data.</summary>
/// <param name="Options">The trainer's options, checked.</param>
/// <param name="Task">The task.</param>
/// <param name="Seed">Seed of all random choices.</param>
internal sealed record TrainingSetup(AudioTrainerOptions Options, AudioTask Task, int Seed)
{
    /// <summary>Targets of a clip: its classes, or those of each step in time where these are learned.</summary>
    public int TargetCount { get; init; } = Task.ClassNames.Count;

    /// <summary>Options of the optimizer's steps.</summary>
    public AudioOptimizationOptions Optimization => Options.Optimization;

    /// <summary>Learning rate schedule.</summary>
    public LearningRateSchedule Schedule { get; } = Options.LearningRateSchedule ?? Options.CreateDefaultSchedule();

    /// <summary>Loss function.</summary>
    public AudioLossFunction Loss => Task.LossFor(Optimization.Loss);

    /// <summary>Classes of each head, where a clip has one class of each and its targets say which; null for one head.</summary>
    public IReadOnlyList<int>? HeadSizes => Task.HeadSizes.Count > 1 ? Task.HeadSizes : null;

    /// <summary>How much each target counts in the loss; null where all count the same.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is not one weight a class.</exception>
    public float[]? TargetWeights()
    {
        float[]? weights = Optimization.ClassWeights;
        int classes = Task.ClassNames.Count;
        OptionCheck.That(
            weights is null || weights.Length == classes, $"of {weights?.Length} numbers",
            $"{nameof(Options.Optimization)}.{nameof(Optimization.ClassWeights)}", $"one for each of the {classes} classes");
        return weights is null ? null : [.. Enumerable.Range(0, TargetCount).Select(target => weights[target % classes])];
    }

    /// <summary>Learning rate of a step.</summary>
    /// <param name="step">Steps before it.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    public double LearningRate(long step, int stepsPerEpoch) =>
        Schedule.LearningRate(Options.LearningRate, new TrainingPosition(step, stepsPerEpoch, Options.Epochs));
}
