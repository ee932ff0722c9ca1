using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Staged schedule, which HTS-AT uses: three warm-up epochs with increasing stage factors, then the factors in reverse order at
/// the given epochs, then a slow exponential decay to a minimum. The learning rate changes once per epoch.
/// </summary>
/// <remarks>
/// With e the completed epochs and the defaults, the base learning rate is multiplied by 0.02, 0.05 and 0.1 in epochs
/// 0, 1 and 2, then by 0.1 to epoch 10, 0.05 to epoch 20 and 0.02 to epoch 30, and by max(0.02 * 0.98^e, 0.03) after
/// that. Source: HTS-AT's official code (the paper states the factors 0.05, 0.1 and 0.2).
/// </remarks>
public sealed class StagedSchedule : LearningRateSchedule
{
    // As in the official code, whatever the numbers of factors and boundaries are.
    private const int StageCount = 3;

    private readonly double[] _factors;
    private readonly int[] _boundaries;

    /// <summary>Creates the schedule.</summary>
    /// <param name="factors">Factors of the base learning rate, three or more, each 0 or more: the first three are those of the
    /// warm-up, and the last three follow in reverse order. Null: 0.02, 0.05, 0.1.</param>
    /// <param name="boundaries">Epochs, ascending, after which the next factor is used. Null: 10, 20, 30.</param>
    /// <exception cref="ArgumentException">There are fewer than three factors, or the boundaries are not ascending.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A factor is negative or not finite.</exception>
    public StagedSchedule(IReadOnlyList<double>? factors = null, IReadOnlyList<int>? boundaries = null)
    {
        _factors = [.. factors ?? [0.02, 0.05, 0.1]];
        _boundaries = [.. boundaries ?? [10, 20, 30]];
        if (_factors.Length < StageCount)
        {
            throw new ArgumentException(
                $"{nameof(factors)} has {_factors.Length} values; expected {StageCount} or more.", nameof(factors));
        }

        for (int i = 0; i < _factors.Length; i++)
        {
            OptionCheck.NotNegative(_factors[i], $"{nameof(factors)}[{i}]");
        }

        for (int i = 1; i < _boundaries.Length; i++)
        {
            if (_boundaries[i] < _boundaries[i - 1])
            {
                throw new ArgumentException(
                    $"{nameof(boundaries)} has {_boundaries[i]} after {_boundaries[i - 1]}; expected ascending epochs.",
                    nameof(boundaries));
            }
        }
    }

    /// <summary>The stage factors. Default: 0.02, 0.05, 0.1.</summary>
    public IReadOnlyList<double> Factors => _factors;

    /// <summary>Epochs after which the next factor is used. Default: 10, 20, 30.</summary>
    public IReadOnlyList<int> Boundaries => _boundaries;

    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position)
        => baseLearningRate * Factor(position.Epoch);

    private double Factor(long epoch)
    {
        if (epoch < StageCount)
        {
            return _factors[epoch];
        }

        int passed = _boundaries.Count(boundary => boundary < epoch);
        return passed < StageCount
            ? _factors[^(1 + passed)]
            : Math.Max(_factors[0] * Math.Pow(0.98, epoch), 0.03);
    }
}
