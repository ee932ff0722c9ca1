using System.Collections;
using System.Globalization;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Learning rate schedule: the learning rate of each optimizer step as a pure function of the step, so that a resumed run has
/// the same learning rates as an uninterrupted one.
/// </summary>
/// <remarks>
/// The schedules of the papers' official code are <see cref="ExponentialWarmupSchedule"/> and
/// <see cref="CosineCycleSchedule"/> (PaSST), <see cref="StagedSchedule"/> (HTS-AT), <see cref="MultiStepSchedule"/>
/// (AST), <see cref="CosineSchedule"/> and <see cref="LinearSchedule"/> (DAT), and <see cref="ConstantSchedule"/>.
/// </remarks>
public abstract class LearningRateSchedule
{
    /// <summary>Computes the learning rate of an optimizer step.</summary>
    /// <param name="baseLearningRate">Learning rate of the trainer's options, greater than 0.</param>
    /// <param name="position">Position of the step in the run.</param>
    /// <returns>The learning rate, 0 or more.</returns>
    public abstract double LearningRate(double baseLearningRate, TrainingPosition position);

    /// <summary>The schedule and its parameters, such as <c>CosineSchedule { WarmupEpochs = 5, ... }</c>.</summary>
    public override string ToString() => GetType().Name + " { " + string.Join(", ", GetType().GetProperties()
        .Where(property => property.GetIndexParameters().Length == 0)
        .OrderBy(property => property.MetadataToken)
        .Select(property => string.Create(
            CultureInfo.InvariantCulture, $"{property.Name} = {Show(property.GetValue(this))}"))) + " }";

    private static string Show(object? value) => value is IEnumerable items and not string
        ? $"[{string.Join(", ", items.Cast<object?>().Select(Show))}]"
        : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null";
}

/// <summary>Position of an optimizer step in a training run.</summary>
public readonly record struct TrainingPosition
{
    /// <summary>Creates a position.</summary>
    /// <param name="step">Optimizer steps already taken, 0 or more.</param>
    /// <param name="stepsPerEpoch">Optimizer steps of one epoch, 1 or more.</param>
    /// <param name="epochCount">Epochs of the whole run, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public TrainingPosition(long step, int stepsPerEpoch, int epochCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochCount, 1);
        Step = step;
        StepsPerEpoch = stepsPerEpoch;
        EpochCount = epochCount;
    }

    /// <summary>Optimizer steps already taken: 0 at the first step of the run.</summary>
    public long Step { get; }

    /// <summary>Optimizer steps of one epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>Epochs of the whole run.</summary>
    public int EpochCount { get; }

    /// <summary>Whole epochs already completed: 0 throughout the first epoch.</summary>
    public long Epoch => Step / StepsPerEpoch;

    /// <summary>Optimizer steps of the whole run.</summary>
    public long StepCount => (long)EpochCount * StepsPerEpoch;
}

/// <summary>Constant schedule: the base learning rate at every step.</summary>
public sealed class ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position) => baseLearningRate;
}
