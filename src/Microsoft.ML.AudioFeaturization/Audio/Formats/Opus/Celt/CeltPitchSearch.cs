namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>Finds the pitch of what was made, by correlation of a flattened spectrum at half the sampling rate.</summary>
internal sealed class CeltPitchSearch
{
    private const int Half = CeltSynthesis.History / 2;

    private readonly float[] _low = new float[Half];
    private readonly float[] _quarter = new float[Half / 2];
    private readonly float[] _correlations = new float[Half];

    /// <summary>Finds by how much the best lag is shorter than the longest.</summary>
    public int Find(CeltSynthesis[] channels, int longest, int shortest)
    {
        Flatten(channels);
        int length = CeltSynthesis.History - longest;
        int lags = longest - shortest;
        ReadOnlySpan<float> recent = _low.AsSpan(longest / 2);
        ReadOnlySpan<float> all = _low;
        for (int i = 0; i < (length + lags) / 4; i++)
        {
            _quarter[i] = all[2 * i];
        }

        // First at a quarter of the rate, then around both candidates.
        Span<float> correlations = _correlations.AsSpan(0, lags / 4);
        for (int lag = 0; lag < correlations.Length; lag++)
        {
            correlations[lag] = At(recent, _quarter, lag, length / 4, step: 2);
        }

        (int best, int second) = Best(correlations, _quarter, length / 4);
        correlations = _correlations.AsSpan(0, lags / 2);
        correlations.Clear();
        foreach (int candidate in (ReadOnlySpan<int>)[2 * best, 2 * second])
        {
            int end = Math.Min(correlations.Length, candidate + 3);
            for (int lag = Math.Max(0, candidate - 2); lag < end; lag++)
            {
                correlations[lag] = Math.Max(-1, At(recent, all, lag, length / 2, step: 1));
            }
        }

        (best, _) = Best(correlations, all, length / 2);
        int offset = 0;
        if (best > 0 && best < correlations.Length - 1)
        {
            float before = correlations[best - 1];
            float at = correlations[best];
            float after = correlations[best + 1];
            offset = after - before > 0.7f * (at - before) ? 1 : before - after > 0.7f * (at - after) ? -1 : 0;
        }

        return (2 * best) - offset;
    }

    /// <summary>Correlates a signal with itself, for a whitening filter: with a floor of noise.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="window">What its ends are multiplied by, or empty.</param>
    /// <param name="correlations">Room for those of lags from 0 on.</param>
    public static void Correlate(ReadOnlySpan<float> signal, ReadOnlySpan<float> window, Span<float> correlations)
    {
        float[] windowed = signal.ToArray();
        for (int i = 0; i < window.Length; i++)
        {
            windowed[i] *= window[i];
            windowed[^(i + 1)] *= window[i];
        }

        for (int lag = 0; lag < correlations.Length; lag++)
        {
            float sum = 0;
            for (int i = lag; i < windowed.Length; i++)
            {
                sum += windowed[i] * windowed[i - lag];
            }

            correlations[lag] = lag == 0 ? sum * 1.0001f : sum - (sum * (0.008f * lag) * (0.008f * lag));
        }
    }

    /// <summary>Makes a whitening filter by Levinson's recursion.</summary>
    /// <param name="correlations">As <see cref="Correlate"/> gives them.</param>
    /// <param name="filter">Room for as many weights less one.</param>
    public static void Predict(ReadOnlySpan<float> correlations, Span<float> filter)
    {
        filter.Clear();
        float error = correlations[0];
        for (int i = 0; i < filter.Length && correlations[0] > 1e-10f; i++)
        {
            float sum = correlations[i + 1];
            for (int j = 0; j < i; j++)
            {
                sum += filter[j] * correlations[i - j];
            }

            float reflection = -sum / error;
            filter[i] = reflection;
            for (int j = 0; j < (i + 1) >> 1; j++)
            {
                (float one, float other) = (filter[j], filter[i - 1 - j]);
                filter[j] = one + (reflection * other);
                filter[i - 1 - j] = other + (reflection * one);
            }

            error -= reflection * reflection * error;
            if (error <= 0.001f * correlations[0])
            {
                break;
            }
        }
    }

    private void Flatten(CeltSynthesis[] channels)
    {
        Array.Clear(_low);
        foreach (CeltSynthesis channel in channels)
        {
            float[] signal = channel.Signal;
            _low[0] += (0.25f * signal[1]) + (0.5f * signal[0]);
            for (int i = 1; i < Half; i++)
            {
                _low[i] += (0.25f * signal[(2 * i) - 1]) + (0.25f * signal[(2 * i) + 1]) + (0.5f * signal[2 * i]);
            }
        }

        Span<float> correlations = stackalloc float[5];
        Correlate(_low, [], correlations);
        Span<float> filter = stackalloc float[4];
        Predict(correlations, filter);
        float narrower = 1;
        foreach (ref float weight in filter)
        {
            narrower *= 0.9f;
            weight *= narrower;
        }

        // Times 1 + 0.8 z^-1.
        Span<float> weights = stackalloc float[filter.Length + 1];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (i < filter.Length ? filter[i] : 0) + (0.8f * (i > 0 ? filter[i - 1] : 1));
        }

        for (int i = Half - 1; i >= 0; i--)
        {
            for (int j = 0; j < Math.Min(weights.Length, i); j++)
            {
                _low[i] += weights[j] * _low[i - 1 - j];
            }
        }
    }

    // The correlation at a lag, of each sample of all and each of so many steps of the recent ones.
    private static float At(ReadOnlySpan<float> recent, ReadOnlySpan<float> all, int lag, int count, int step)
    {
        float sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += recent[step * i] * all[lag + i];
        }

        return sum;
    }

    // The two lags whose correlations are the largest beside the energy there.
    private static (int First, int Second) Best(ReadOnlySpan<float> correlations, ReadOnlySpan<float> signal, int length)
    {
        (int Lag, double Score) best = (0, -1);
        (int Lag, double Score) second = (1, -1);
        float energy = 1;
        foreach (float value in signal[..length])
        {
            energy += value * value;
        }

        for (int lag = 0; lag < correlations.Length; lag++)
        {
            float correlation = correlations[lag];
            double score = correlation > 0 ? (double)correlation * correlation / energy : -1;
            if (score > best.Score)
            {
                (second, best) = (best, (lag, score));
            }
            else if (score > second.Score)
            {
                second = (lag, score);
            }

            (float gone, float come) = (signal[lag], signal[lag + length]);
            energy = Math.Max(1, energy + (come * come) - (gone * gone));
        }

        return (best.Lag, second.Lag);
    }
}
