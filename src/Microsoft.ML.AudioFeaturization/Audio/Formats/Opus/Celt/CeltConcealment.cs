namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>
/// Makes up for frames of the CELT layer that were lost: the last pitch period again and again, fading. RFC 6716, section 4.4,
/// leaves it open; this is what libopus 1.3 does, also where streams change from this layer to the other without a frame that
/// makes it smooth.
/// </summary>
/// <param name="channels">What was made of each channel.</param>
internal sealed class CeltConcealment(CeltSynthesis[] channels)
{
    private const int Order = 24;
    private const int MaximumPeriod = 1024;
    private const int LongestLag = 720;
    private const int ShortestLag = 100;
    private const int History = CeltSynthesis.History;
    private const int Overlap = CeltSynthesis.Overlap;

    private readonly float[][] _filters = [new float[Order], new float[Order]];
    private readonly float[] _excitation = new float[MaximumPeriod + Order];
    private readonly float[] _filtered = new float[MaximumPeriod];
    private readonly CeltPitchSearch _search = new();
    private int _lag;

    /// <summary>Makes up a frame of all channels.</summary>
    /// <param name="samples">How many samples it has.</param>
    /// <param name="isFirst">Whether the frame before it was decoded.</param>
    /// <param name="filter">The post-filter, which is taken off where the next frame begins.</param>
    public void Extrapolate(int samples, bool isFirst, CeltPostFilter filter)
    {
        if (isFirst || _lag == 0)
        {
            _lag = LongestLag - _search.Find(channels, LongestLag, ShortestLag);
        }

        for (int i = 0; i < channels.Length; i++)
        {
            Extrapolate(channels[i].Signal, _filters[i], samples, isFirst);
            Alias(channels[i].Signal, filter);
        }
    }

    private void Extrapolate(float[] signal, float[] filter, int samples, bool isFirst)
    {
        Span<float> excitation = _excitation.AsSpan(Order);
        signal.AsSpan(History - MaximumPeriod - Order, _excitation.Length).CopyTo(_excitation);
        if (isFirst)
        {
            Span<float> correlations = stackalloc float[Order + 1];
            CeltPitchSearch.Correlate(excitation, CeltSynthesis.Window, correlations);
            CeltPitchSearch.Predict(correlations, filter);
        }

        int length = Math.Min(2 * _lag, MaximumPeriod);
        for (int i = 0; i < length; i++)
        {
            int place = Order + MaximumPeriod - length + i;
            float sum = _excitation[place];
            for (int j = 0; j < Order; j++)
            {
                sum += filter[j] * _excitation[place - 1 - j];
            }

            _filtered[i] = sum;
        }

        _filtered.AsSpan(0, length).CopyTo(excitation[(MaximumPeriod - length)..]);
        float decay = DecayOf(excitation[^length..]);
        Array.Copy(signal, samples, signal, 0, History - samples);
        float attenuation = isFirst ? decay : decay * 0.8f;
        int made = samples + Overlap;
        int start = History - samples;
        Span<float> output = signal.AsSpan(start, made);
        ReadOnlySpan<float> period = excitation[^_lag..];
        ReadOnlySpan<float> past = signal.AsSpan(start - _lag, _lag);
        float before = 0;
        for (int at = 0; at < made; at += _lag, attenuation *= decay)
        {
            int count = Math.Min(_lag, made - at);
            for (int i = 0; i < count; i++)
            {
                output[at + i] = attenuation * period[i];
            }

            before += EnergyOf(past[..count]);
        }

        for (int i = start; i < start + made; i++)
        {
            float sum = signal[i];
            for (int j = 0; j < Order; j++)
            {
                sum -= filter[j] * signal[i - 1 - j];
            }

            signal[i] = sum;
        }

        Soften(output, before, EnergyOf(output));
    }

    private static float EnergyOf(ReadOnlySpan<float> samples)
    {
        float energy = 0;
        foreach (float sample in samples)
        {
            energy += sample * sample;
        }

        return energy;
    }

    // How the last half of two periods falls off from the one before.
    private static float DecayOf(ReadOnlySpan<float> excitation)
    {
        int half = excitation.Length / 2;
        float last = 1 + EnergyOf(excitation[^half..]);
        float before = 1 + EnergyOf(excitation[^(2 * half)..^half]);
        return MathF.Sqrt(Math.Min(last, before) / before);
    }

    // What was made is never louder than what it was made of.
    private static void Soften(Span<float> made, float before, float after)
    {
        if (!(before > 0.2f * after))
        {
            made.Clear();
        }
        else if (before < after)
        {
            float ratio = MathF.Sqrt((before + 1) / (after + 1));
            for (int i = 0; i < made.Length; i++)
            {
                made[i] *= i < Overlap ? 1 - (CeltSynthesis.Window[i] * (1 - ratio)) : ratio;
            }
        }
    }

    // What the next frame overlaps with looks as if a transform had left it.
    private static void Alias(float[] signal, CeltPostFilter filter)
    {
        Span<float> plain = stackalloc float[Overlap];
        signal.AsSpan(History, Overlap).CopyTo(plain);
        if (filter.Gain != 0)
        {
            int period = Math.Max(filter.Period, CeltSynthesis.LeastPeriod);
            for (int i = 0; i < Overlap; i++)
            {
                plain[i] -= CeltPostFilter.Comb(signal, History + i - period, filter.Taps);
            }
        }

        ReadOnlySpan<float> window = CeltSynthesis.Window;
        for (int i = 0, j = Overlap - 1; i < Overlap / 2; i++, j--)
        {
            signal[History + i] = (window[i] * plain[j]) + (window[j] * plain[i]);
        }
    }
}
