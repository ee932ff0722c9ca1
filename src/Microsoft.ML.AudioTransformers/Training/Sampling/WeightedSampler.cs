using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Weighted random sampler. The clip indices of an epoch depend only on the seed and the epoch, so that a resumed run has the
/// same ones as an uninterrupted one.
/// </summary>
internal sealed class WeightedSampler
{
    private readonly double[] _weights;
    private readonly double[] _cumulative;
    private readonly int _drawableCount;
    private readonly int _seed;

    /// <summary>Creates a sampler.</summary>
    /// <param name="weights">Weight of each clip, 0 (never drawn) or more; they need not add up to 1.</param>
    /// <param name="seed">Seed.</param>
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

            _drawableCount += weight > 0 ? 1 : 0;
            total += weight;
            _cumulative[row] = total;
        }

        if (_drawableCount == 0)
        {
            throw new ArgumentException("No row has a weight above 0.", nameof(weights));
        }
    }

    /// <summary>Number of clips with a weight above 0.</summary>
    public int DrawableCount => _drawableCount;

    /// <summary>Draws clips independently, with probabilities proportional to their weights.</summary>
    /// <param name="count">Number of clips, 0 or more.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    /// <returns>Clip indices, in the order drawn.</returns>
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
    /// Draws different clips one after another, with probabilities proportional to the weights of those that are left (PaSST:
    /// 100,000 of AudioSet's clips in each epoch).
    /// </summary>
    /// <param name="count">Number of clips, 0 to <see cref="DrawableCount"/>.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    /// <returns>Clip indices, in the order drawn.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is greater than <see cref="DrawableCount"/>.</exception>
    public int[] WithoutReplacement(int count, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > _drawableCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"Cannot draw {count} different rows: only {_drawableCount} have a weight above 0.");
        }

        // Each row gets an exponentially distributed arrival time with its weight as the rate; the rows with the earliest
        // arrivals are the sample (Efraimidis and Spirakis 2006).
        Random random = SeededRandom.ForEpoch(_seed, epoch);
        var arrivals = new double[_drawableCount];
        var rows = new int[_drawableCount];
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

        // Rounding can put the point at the total, where the last row may have weight 0.
        while (_weights[low] == 0)
        {
            low--;
        }

        return low;
    }
}
