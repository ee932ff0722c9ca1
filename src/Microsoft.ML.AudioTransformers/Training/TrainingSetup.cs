using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Distributed;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Settings of a training run: options, task and seed.</summary>
/// <param name="Options">Checked options of the trainer.</param>
/// <param name="Task">Task.</param>
/// <param name="Seed">Seed of all random numbers.</param>
internal sealed record TrainingSetup(AudioTrainerOptions Options, AudioTask Task, int Seed)
{
    /// <summary>Number of targets of a clip: classes, or time steps x classes if the labels are those of time steps. Default:
    /// classes.</summary>
    public int TargetCount { get; init; } = Task.ClassNames.Count;

    /// <summary>Process group of a data-parallel training; null for one process.</summary>
    public ProcessGroup? Group { get; init; }

    /// <summary>Optimization options.</summary>
    public AudioOptimizationOptions Optimization => Options.Optimization;

    /// <summary>Learning rate schedule.</summary>
    public LearningRateSchedule Schedule { get; } = Options.LearningRateSchedule ?? Options.CreateDefaultSchedule();

    /// <summary>Loss function.</summary>
    public AudioLossFunction Loss => Task.LossFor(Optimization.Loss);

    /// <summary>Number of classes of each head, of which a clip has one each, as targets; null for one head.</summary>
    public IReadOnlyList<int>? HeadSizes => Task.HeadSizes.Count > 1 ? Task.HeadSizes : null;

    /// <summary>Checks that there is one class weight for each class, or none at all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of class weights is not that of the classes.</exception>
    public void CheckClassWeights()
    {
        float[]? weights = Optimization.ClassWeights;
        int classes = Task.ClassNames.Count;
        OptionCheck.That(
            weights is null || weights.Length == classes, $"of {weights?.Length} numbers",
            $"{nameof(Options.Optimization)}.{nameof(Optimization.ClassWeights)}", $"one for each of the {classes} classes");
    }

    /// <summary>Weight of each target in the loss, from the class weights; null for equal weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of class weights is not that of the classes.</exception>
    public float[]? TargetWeights()
    {
        CheckClassWeights();
        float[]? weights = Optimization.ClassWeights;
        int classes = Task.ClassNames.Count;
        return weights is null ? null : [.. Enumerable.Range(0, TargetCount).Select(target => weights[target % classes])];
    }

    /// <summary>Learning rate of a step.</summary>
    /// <param name="step">Steps already taken.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    /// <exception cref="InvalidOperationException">The schedule, which may be a class of the user, returns no valid rate.</exception>
    public double LearningRate(long step, int stepsPerEpoch)
    {
        double rate = Schedule.LearningRate(Options.LearningRate, new TrainingPosition(step, stepsPerEpoch, Options.Epochs));
        return rate is >= 0 and <= float.MaxValue
            ? rate
            : throw new InvalidOperationException(FormattableString.Invariant(
                $"{Schedule.GetType().Name} returns the learning rate {rate} at step {step}; expected a finite number, 0 or more."));
    }
}
