using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Draws the rows of an epoch by their weights. An epoch's draw follows from the seed and the epoch alone, so that a
/// resumed run draws what an uninterrupted one would have drawn.
/// </summary>
internal sealed class WeightedSampler
{
    private readonly double[] _weights;
    private readonly double[] _cumulative;
    private readonly int _positive;
    private readonly int _seed;

    /// <summary>Creates a sampler.</summary>
    /// <param name="weights">The weight of each row, 0 (never drawn) or more; they need not add up to 1.</param>
    /// <param name="seed">The seed of all draws.</param>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or none is above 0.</exception>
    public WeightedSampler(IReadOnlyList<double> weights, int seed)
    {
        _weights = [.. weights];
        _cumulative = new double[_weights.Length];
        _seed = seed;
        double total = 0;
        for (int row = 0; row < _weights.Length; row++)
        {
            double weight = _weights[row];
            if (!(weight >= 0 && double.IsFinite(weight)))
            {
                throw new ArgumentException(
                    $"Row {row} has the weight {weight}; expected a finite number, 0 or more.", nameof(weights));
            }

            _positive += weight > 0 ? 1 : 0;
            total += weight;
            _cumulative[row] = total;
        }

        if (_positive == 0)
        {
            throw new ArgumentException("No row has a weight above 0.", nameof(weights));
        }
    }

    /// <summary>Draws rows, each in proportion to its weight, independently: a row may come more than once.</summary>
    /// <param name="count">How many rows to draw, 0 or more.</param>
    /// <param name="epoch">Which epoch the draw is for.</param>
    /// <returns>The rows, in random order.</returns>
    public int[] WithReplacement(int count, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Random random = SeededRandom.ForEpoch(_seed, epoch);
        var rows = new int[count];
        for (int i = 0; i < count; i++)
        {
            rows[i] = RowAt(random.NextDouble() * _cumulative[^1]);
        }

        return rows;
    }

    /// <summary>
    /// Draws different rows, one after another, each in proportion to its weight among those left (PaSST: 100,000 of
    /// AudioSet's clips an epoch).
    /// </summary>
    /// <param name="count">How many rows to draw, at most as many as have a weight above 0.</param>
    /// <param name="epoch">Which epoch the draw is for.</param>
    /// <returns>The rows, in the order drawn.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer rows to draw.</exception>
    public int[] WithoutReplacement(int count, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > _positive)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"Cannot draw {count} different rows: only {_positive} have a weight above 0.");
        }

        // Each row waits an exponential time with its weight as the rate; the first rows to arrive are such a draw
        // (Efraimidis and Spirakis 2006).
        Random random = SeededRandom.ForEpoch(_seed, epoch);
        var arrivals = new double[_positive];
        var rows = new int[_positive];
        for (int row = 0, i = 0; row < _weights.Length; row++)
        {
            if (_weights[row] > 0)
            {
                arrivals[i] = -Math.Log(1 - random.NextDouble()) / _weights[row];
                rows[i++] = row;
            }
        }

        Array.Sort(arrivals, rows);
        return rows[..count];
    }

    /// <summary>The first row whose cumulative weight exceeds <paramref name="point"/>.</summary>
    private int RowAt(double point)
    {
        int low = 0;
        int high = _cumulative.Length - 1;
        while (low < high)
        {
            int middle = low + (high - low) / 2;
            if (_cumulative[middle] > point)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        // Rounding can put the point at the total: then the last row of weight 0 must not be it.
        while (_weights[low] == 0)
        {
            low--;
        }

        return low;
    }
}
