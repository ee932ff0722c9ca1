using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Cyclic cosine schedule, an alternative schedule of PaSST. The learning rate follows a cosine between a small minimum and the
/// base learning rate, and stays at the minimum after the last cycle. It changes once per epoch.
/// </summary>
/// <remarks>
/// A cycle starts and ends at the minimum, and has the base learning rate in its middle. Cycles are whole: the last one is the
/// one that contains <see cref="RampDownStart"/>. Source: PaSST's official code, cosine cycle.
/// </remarks>
public sealed class CosineCycleSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="cycleEpochs">Epochs of a cycle, 1 or more.</param>
    /// <param name="rampDownStart">Epoch at which the last cycle ends, rounded up to a whole cycle; 1 or more.</param>
    /// <param name="lastFactor">Factor of the base learning rate at the minimum, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public CosineCycleSchedule(int cycleEpochs = 20, int rampDownStart = 100, double lastFactor = 0.01)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cycleEpochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rampDownStart, 1);
        OptionCheck.Between(0, 1, lastFactor, nameof(lastFactor));
        CycleEpochs = cycleEpochs;
        RampDownStart = rampDownStart;
        LastFactor = lastFactor;
    }

    /// <summary>Epochs of a cycle. Default: 20.</summary>
    public int CycleEpochs { get; }

    /// <summary>Epoch at which the last cycle ends, before it is rounded up. Default: 100.</summary>
    public int RampDownStart { get; }

    /// <summary>Factor of the base learning rate at the minimum. Default: 0.01.</summary>
    public double LastFactor { get; }

    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position)
    {
        long lastCycleEnd = CycleEpochs + (RampDownStart - 1) / CycleEpochs * (long)CycleEpochs;
        if (position.Epoch > lastCycleEnd)
        {
            return baseLearningRate * LastFactor;
        }

        // Half a cycle ahead, in whole epochs as the official code counts them.
        double cycles = (position.Epoch + CycleEpochs / 2) / (double)CycleEpochs;
        return baseLearningRate * (LastFactor + (1 - LastFactor) * 0.5 * (Math.Cos(2 * Math.PI * cycles) + 1));
    }
}
