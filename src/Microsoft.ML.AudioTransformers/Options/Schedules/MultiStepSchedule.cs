using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Multi-step schedule with a stepwise warm-up, which AST uses: from some epoch on, the end of every epoch, or of every n-th,
/// multiplies the learning rate by a factor (0.5 halves it).
/// </summary>
/// <remarks>
/// During the warm-up, every <see cref="WarmupStairSteps"/>-th step sets the rate to step / <see cref="WarmupSteps"/> of
/// the base learning rate. The end of an epoch multiplies the current learning rate, so that a decay within the warm-up lasts
/// only until the next stair. Source: AST's official code. The defaults are those of its AudioSet recipe; ESC-50 and
/// SpeechCommands have a decay start of 5 and a factor of 0.85.
/// </remarks>
public sealed class MultiStepSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="decayStart">First epoch, counted from 1, whose end multiplies the learning rate; 1 or more.</param>
    /// <param name="decayInterval">Epochs from one decay to the next, 1 or more.</param>
    /// <param name="decay">Factor of the learning rate, 0 to 1.</param>
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

    /// <summary>First epoch, counted from 1, whose end multiplies the learning rate. Default: 2.</summary>
    public int DecayStart { get; }

    /// <summary>Epochs from one decay to the next. Default: 1.</summary>
    public int DecayInterval { get; }

    /// <summary>Factor of the learning rate at a decay. Default: 0.5.</summary>
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

    /// <summary>Number of decays in the first <paramref name="epochs"/> epochs.</summary>
    private long DecaysUpTo(long epochs) => epochs < DecayStart ? 0 : 1 + (epochs - DecayStart) / DecayInterval;
}
