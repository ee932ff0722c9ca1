using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// AST's schedule: a warm-up in stairs over the first optimizer steps, and a factor at the end of each epoch from some
/// epoch on (0.5: the rate is halved).
/// </summary>
/// <remarks>
/// During the warm-up, every <see cref="WarmupStairSteps"/>-th step sets the rate to step / <see cref="WarmupSteps"/> of
/// the base learning rate; an epoch's end multiplies whatever the rate then is. So a factor that falls within the
/// warm-up lasts only until the next stair, as in AST's official code, which is the source of the defaults (AudioSet's
/// recipe; ESC-50 and SpeechCommands: from epoch 5, factor 0.85).
/// </remarks>
public sealed class MultiStepSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="decayStart">The first epoch, counted from 1, whose end multiplies the rate; 1 or more.</param>
    /// <param name="decayInterval">Epochs from one decay to the next, 1 or more.</param>
    /// <param name="decay">What the rate is multiplied by, 0 to 1.</param>
    /// <param name="warmupSteps">Steps of the warm-up, 0 (none) or more.</param>
    /// <param name="warmupStairSteps">Steps of one stair of the warm-up, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public MultiStepSchedule(
        int decayStart = 2, int decayInterval = 1, double decay = 0.5, int warmupSteps = 1000, int warmupStairSteps = 50)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(decayStart, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(decayInterval, 1);
        OptionCheck.Between(0, 1, decay, nameof(decay));
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        ArgumentOutOfRangeException.ThrowIfLessThan(warmupStairSteps, 1);
        DecayStart = decayStart;
        DecayInterval = decayInterval;
        Decay = decay;
        WarmupSteps = warmupSteps;
        WarmupStairSteps = warmupStairSteps;
    }

    /// <summary>The first epoch, counted from 1, whose end multiplies the rate. Default: 2.</summary>
    public int DecayStart { get; }

    /// <summary>Epochs from one decay to the next. Default: 1.</summary>
    public int DecayInterval { get; }

    /// <summary>What the rate is multiplied by at a decay. Default: 0.5.</summary>
    public double Decay { get; }

    /// <summary>Steps of the warm-up. Default: 1000.</summary>
    public int WarmupSteps { get; }

    /// <summary>Steps of one stair of the warm-up. Default: 50.</summary>
    public int WarmupStairSteps { get; }

    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position)
    {
        if (WarmupSteps == 0)
        {
            return baseLearningRate * Math.Pow(Decay, DecaysUpTo(position.Epoch));
        }

        long stair = Math.Min(position.Step, WarmupSteps) / WarmupStairSteps * WarmupStairSteps;
        long decays = DecaysUpTo(position.Epoch) - DecaysUpTo(stair / position.StepsPerEpoch);
        return stair / (double)WarmupSteps * baseLearningRate * Math.Pow(Decay, decays);
    }

    /// <summary>How many decays the ends of the first <paramref name="epochs"/> epochs have brought.</summary>
    private long DecaysUpTo(long epochs) => epochs < DecayStart ? 0 : 1 + (epochs - DecayStart) / DecayInterval;
}
