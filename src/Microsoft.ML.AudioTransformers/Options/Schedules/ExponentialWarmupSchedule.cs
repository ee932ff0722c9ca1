using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Schedule with an exponential warm-up, a plateau and a linear decay, which PaSST uses. The learning rate changes once per
/// epoch.
/// </summary>
/// <remarks>
/// With e the completed epochs, the base learning rate is multiplied by
/// exp(-5 (1 - max(e, 0.5) / warm-up)^2) during the warm-up, and by the line from 1 to <see cref="LastFactor"/> from
/// <see cref="RampDownStart"/> on. Source: PaSST's official code, exponential warm-up and linear down (its AudioSet
/// recipe has the defaults).
/// </remarks>
public sealed class ExponentialWarmupSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="warmupEpochs">Epochs of the warm-up, 0 (none) or more.</param>
    /// <param name="rampDownStart">Epoch at which the decay starts, 0 or more.</param>
    /// <param name="rampDownEpochs">Epochs of the decay, 1 or more.</param>
    /// <param name="lastFactor">Factor of the base learning rate after the decay, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ExponentialWarmupSchedule(
        int warmupEpochs = 5, int rampDownStart = 50, int rampDownEpochs = 50, double lastFactor = 0.01)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupEpochs);
        ArgumentOutOfRangeException.ThrowIfNegative(rampDownStart);
        ArgumentOutOfRangeException.ThrowIfLessThan(rampDownEpochs, 1);
        OptionCheck.Between(0, 1, lastFactor, nameof(lastFactor));
        WarmupEpochs = warmupEpochs;
        RampDownStart = rampDownStart;
        RampDownEpochs = rampDownEpochs;
        LastFactor = lastFactor;
    }

    /// <summary>Epochs of the warm-up. Default: 5.</summary>
    public int WarmupEpochs { get; }

    /// <summary>Epoch at which the decay starts. Default: 50.</summary>
    public int RampDownStart { get; }

    /// <summary>Epochs of the decay. Default: 50.</summary>
    public int RampDownEpochs { get; }

    /// <summary>Factor of the base learning rate after the decay. Default: 0.01.</summary>
    public double LastFactor { get; }

    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position)
        => baseLearningRate * (WarmupFactor(position.Epoch) * RampDownFactor(position.Epoch));

    private double WarmupFactor(double epoch)
    {
        if (epoch >= WarmupEpochs)
        {
            return 1;
        }

        // At least half an epoch: the first epoch has the learning rate of its middle.
        double phase = 1 - Math.Clamp(epoch, 0.5, WarmupEpochs) / WarmupEpochs;
        return Math.Exp(-5 * phase * phase);
    }

    private double RampDownFactor(double epoch)
    {
        double sinceStart = Math.Clamp(epoch - RampDownStart, 0, RampDownEpochs);
        return LastFactor + (1 - LastFactor) * (RampDownEpochs - sinceStart) / RampDownEpochs;
    }
}
