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

        // First at a quarter of the rate.
        Span<float> correlations = _correlations.AsSpan(0, lags / 4);
        for (int lag = 0; lag < correlations.Length; lag++)
        {
            float sum = 0;
            for (int i = 0; i < length / 4; i++)
            {
                sum += recent[2 * i] * _quarter[lag + i];
            }

            correlations[lag] = sum;
        }

        (int best, int second) = Best(correlations, _quarter, length / 4);
        correlations = _correlations.AsSpan(0, lags / 2);
        (int near, int other) = (2 * best, 2 * second);
        for (int lag = 0; lag < correlations.Length; lag++)
        {
            correlations[lag] = 0;
            if (Math.Abs(lag - near) <= 2 || Math.Abs(lag - other) <= 2)
            {
                float sum = 0;
                for (int i = 0; i < length / 2; i++)
                {
                    sum += recent[i] * all[lag + i];
                }

                correlations[lag] = Math.Max(-1, sum);
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

        Span<float> weights =
        [
            filter[0] + 0.8f, filter[1] + (0.8f * filter[0]), filter[2] + (0.8f * filter[1]), filter[3] + (0.8f * filter[2]),
            0.8f * filter[3],
        ];
        for (int i = Half - 1; i >= 0; i--)
        {
            for (int j = 0; j < Math.Min(weights.Length, i); j++)
            {
                _low[i] += weights[j] * _low[i - 1 - j];
            }
        }
    }

    // The two lags whose correlations are the largest beside the energy there.
    private static (int First, int Second) Best(ReadOnlySpan<float> correlations, ReadOnlySpan<float> signal, int length)
    {
        float energy = 1;
        for (int i = 0; i < length; i++)
        {
            energy += signal[i] * signal[i];
        }

        (float First, float Second) powers = (-1, -1);
        (float First, float Second) energies = (0, 0);
        (int First, int Second) lags = (0, 1);
        for (int lag = 0; lag < correlations.Length; lag++)
        {
            float scaled = correlations[lag] * 1e-12f;
            float power = scaled * scaled;
            if (correlations[lag] > 0 && power * energies.Second > powers.Second * energy)
            {
                if (power * energies.First > powers.First * energy)
                {
                    (powers, energies, lags) =
                        ((power, powers.First), (energy, energies.First), (lag, lags.First));
                }
                else
                {
                    (powers.Second, energies.Second, lags.Second) = (power, energy, lag);
                }
            }

            energy += (signal[lag + length] * signal[lag + length]) - (signal[lag] * signal[lag]);
            energy = Math.Max(1, energy);
        }

        return lags;
    }
}
