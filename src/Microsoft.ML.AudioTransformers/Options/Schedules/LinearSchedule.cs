using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Linear schedule with a linear warm-up: after the warm-up, a linear decay from the base learning rate to a fraction of it at
/// the end of the run. The learning rate changes with every step.
/// </summary>
/// <remarks>Source: the linear schedule of DAT's official code.</remarks>
public sealed class LinearSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="warmupEpochs">Epochs of the warm-up, 0 (none) or more; fractions count.</param>
    /// <param name="warmupLearningRate">The learning rate of the first step of the warm-up, 0 or more.</param>
    /// <param name="lastFactor">Factor of the base learning rate at the end of the run, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public LinearSchedule(double warmupEpochs = 0, double warmupLearningRate = 0, double lastFactor = 0.01)
    {
        OptionCheck.NotNegative(warmupEpochs, nameof(warmupEpochs));
        OptionCheck.NotNegative(warmupLearningRate, nameof(warmupLearningRate));
        OptionCheck.Between(0, 1, lastFactor, nameof(lastFactor));
        WarmupEpochs = warmupEpochs;
        WarmupLearningRate = warmupLearningRate;
        LastFactor = lastFactor;
    }

    /// <summary>Epochs of the warm-up. Default: 0.</summary>
    public double WarmupEpochs { get; }

    /// <summary>
    /// The learning rate of the first step of the warm-up, or the base learning rate where that is lower. Default: 0.
    /// </summary>
    public double WarmupLearningRate { get; }

    /// <summary>Factor of the base learning rate at the end of the run. Default: 0.01.</summary>
    public double LastFactor { get; }

    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position)
    {
        long warmupSteps = (long)(WarmupEpochs * position.StepsPerEpoch);
        if (position.Step < warmupSteps)
        {
            double first = Math.Min(WarmupLearningRate, baseLearningRate);
            return first + position.Step * ((baseLearningRate - first) / warmupSteps);
        }

        double last = baseLearningRate * LastFactor;
        if (position.Step >= position.StepCount)
        {
            return last;
        }

        double remaining = (position.StepCount - position.Step) / (double)(position.StepCount - warmupSteps);
        return last + (baseLearningRate - last) * remaining;
    }
}
