using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Cosine schedule with a linear warm-up, which DAT uses: after the warm-up, half a cosine down to the last learning rate at the
/// end of the run. The learning rate changes with every step.
/// </summary>
/// <remarks>
/// The cosine starts at step 0, not at the end of the warm-up: there, the learning rate drops slightly, from the base learning
/// rate to the cosine. Source: DAT's official code, which uses the cosine schedule of timm with warmup_prefix off.
/// </remarks>
public sealed class CosineSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="warmupEpochs">Epochs of the warm-up, 0 (none) or more; fractions count.</param>
    /// <param name="warmupLearningRate">Learning rate of the first step of the warm-up, 0 or more.</param>
    /// <param name="lastLearningRate">The learning rate at the end of the run, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public CosineSchedule(double warmupEpochs = 0, double warmupLearningRate = 5e-7, double lastLearningRate = 0)
    {
        OptionCheck.NotNegative(warmupEpochs, nameof(warmupEpochs));
        OptionCheck.NotNegative(warmupLearningRate, nameof(warmupLearningRate));
        OptionCheck.NotNegative(lastLearningRate, nameof(lastLearningRate));
        WarmupEpochs = warmupEpochs;
        WarmupLearningRate = warmupLearningRate;
        LastLearningRate = lastLearningRate;
    }

    /// <summary>Epochs of the warm-up. Default: 0 (DAT's ImageNet recipe: 20).</summary>
    public double WarmupEpochs { get; }

    /// <summary>
    /// The learning rate of the first step of the warm-up, or the base learning rate where that is lower. Default: 5e-7.
    /// </summary>
    public double WarmupLearningRate { get; }

    /// <summary>The learning rate at the end of the run. Default: 0 (DAT's ImageNet recipe: 5e-6).</summary>
    public double LastLearningRate { get; }

    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position)
    {
        long warmupSteps = (long)(WarmupEpochs * position.StepsPerEpoch);
        if (position.Step < warmupSteps)
        {
            double first = Math.Min(WarmupLearningRate, baseLearningRate);
            return first + position.Step * ((baseLearningRate - first) / warmupSteps);
        }

        if (position.Step >= position.StepCount)
        {
            return LastLearningRate;
        }

        double cosine = Math.Cos(Math.PI * position.Step / position.StepCount);
        return LastLearningRate + 0.5 * (baseLearningRate - LastLearningRate) * (1 + cosine);
    }
}
