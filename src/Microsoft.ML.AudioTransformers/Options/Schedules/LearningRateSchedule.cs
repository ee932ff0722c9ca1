using System.Collections;
using System.Globalization;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// The learning rate of every optimizer step of a training run: a pure function of the step, so that a resumed run
/// goes on exactly where it stopped.
/// </summary>
/// <remarks>
/// The schedules of the papers' official code: <see cref="ExponentialWarmupSchedule"/> and
/// <see cref="CosineCycleSchedule"/> (PaSST), <see cref="StagedSchedule"/> (HTS-AT), <see cref="MultiStepSchedule"/>
/// (AST), <see cref="CosineSchedule"/> and <see cref="LinearSchedule"/> (DAT), and <see cref="ConstantSchedule"/>.
/// </remarks>
public abstract class LearningRateSchedule
{
    /// <summary>The learning rate that the optimizer step at <paramref name="position"/> uses.</summary>
    /// <param name="baseLearningRate">The trainer's learning rate, greater than 0.</param>
    /// <param name="position">The step that is about to be taken, and the length of the run.</param>
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

/// <summary>An optimizer step within a training run.</summary>
public readonly record struct TrainingPosition
{
    /// <summary>Creates the position of a step.</summary>
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

/// <summary>The base learning rate at every step.</summary>
public sealed class ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position) => baseLearningRate;
}
