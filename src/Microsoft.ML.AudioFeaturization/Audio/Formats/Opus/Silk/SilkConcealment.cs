namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>
/// Makes up for frames of a channel that were lost, or not sent in silence: the last pitch and noise, which fade. RFC 6716,
/// section 4.4, leaves it open; this is what libopus 1.3 does.
/// </summary>
/// <param name="channel">The channel.</param>
internal sealed class SilkConcealment(SilkChannel channel)
{
    private const int MaximumOrder = SilkSynthesis.MaximumOrder;
    private const int Memory = 320;
    private const int Taps = 5;
    private const int NoiseSamples = 128;

    private readonly short[] _filter = new short[MaximumOrder];
    private readonly short[] _scaled = new short[Memory];
    private readonly int[] _signal = new int[2 * Memory];
    private readonly short[] _whitened = new short[Memory];
    private readonly SilkComfortNoise _noise = new(channel);

    // The last lag in 1/256 sample, and the weight of a period before in Q14.
    private int _lag;
    private int _tap;
    private int _kilohertz;
    private int _gainBefore;
    private int _gain;
    private int _noiseScale;
    private int _longTermScale;
    private int _seed;
    private int _subframeSamples;
    private int _subframes;
    private long _energy;
    private bool _wasLost;

    /// <summary>Forgets the past.</summary>
    public void Reset()
    {
        _tap = 0;
        Array.Clear(_filter);
        _kilohertz = 0;
        _noiseScale = _longTermScale = _seed = 0;
        _energy = 0;
        _wasLost = false;
        _noise.Reset();
    }

    /// <summary>Keeps what is needed of a frame that was decoded.</summary>
    public void Update()
    {
        Begin();
        SilkParameters parameters = channel.Parameters;
        int last = channel.Subframes - 1;
        _tap = 0;
        if (channel.Indices.SignalType == SilkIndices.Voiced)
        {
            // The strongest of the subframes that the last pitch period covers.
            int strongest = 0;
            for (int i = 0; i <= last && i * channel.SubframeSamples < parameters.Lags[last]; i++)
            {
                int sum = 0;
                foreach (short tap in parameters.TapsOf(last - i))
                {
                    sum += tap;
                }

                if (sum > strongest)
                {
                    strongest = sum;
                    _lag = parameters.Lags[last - i] << 8;
                }
            }

            const int Least = 11469, Most = 15565;
            _tap = strongest == 0 ? 0 : Math.Clamp(strongest, Least, Most);
        }
        else
        {
            _lag = channel.Kilohertz * 18 << 8;
        }

        parameters.Second.CopyTo(_filter, 0);
        _longTermScale = parameters.LongTermScale;
        _gainBefore = parameters.Gains[last - 1];
        _gain = parameters.Gains[last];
        _subframeSamples = channel.SubframeSamples;
        _subframes = channel.Subframes;
    }

    /// <summary>Makes up a frame.</summary>
    public void Extrapolate(Span<short> output)
    {
        Begin();
        int order = channel.Spectrum.Order;
        Span<short> filter = _filter.AsSpan(0, order);
        if (channel.IsFirst)
        {
            filter.Clear();
        }

        ReadOnlySpan<int> noise = ChooseNoise();
        bool wasVoiced = channel.LastType == SilkIndices.Voiced;
        bool isFirstLost = channel.Lost == 0;
        int harmonicFade = isFirstLost ? 32440 : 31130;
        int noiseFade = (wasVoiced, isFirstLost) switch
        {
            (true, true) => 31130,
            (true, false) => 26214,
            (false, true) => 32440,
            _ => 29491,
        };
        SilkMath.Widen(filter, 64881);
        if (isFirstLost)
        {
            _noiseScale = 1 << 14;
            if (wasVoiced)
            {
                _noiseScale = Math.Max(3277, _noiseScale - _tap) * _longTermScale >> 14;
            }
            else
            {
                int inverse = Math.Clamp(SilkLineSpectrum.InverseGain(filter), 1 << 22, 1 << 27) << 3;
                noiseFade = SilkMath.Scale(inverse, noiseFade) >> 14;
            }
        }

        AddLongTerm(noise, harmonicFade, noiseFade, filter);
        int memory = channel.Memory;
        Span<int> signal = _signal.AsSpan(memory - MaximumOrder);
        channel.ShortState.CopyTo(signal);
        SilkSynthesis.Run(signal.Slice(MaximumOrder, output.Length), filter, _gain >> 6, signal, output);
        signal.Slice(output.Length, MaximumOrder).CopyTo(channel.ShortState);
    }

    /// <summary>Ends a frame, made up or not: adds noise, and lets what follows lost frames rise from them.</summary>
    public void Finish(Span<short> output)
    {
        _noise.Run(output, SilkMath.Multiply(_noiseScale, _gain));
        if (channel.Lost > 0)
        {
            _energy = EnergyOf(output);
            _wasLost = true;
            return;
        }

        if (_wasLost)
        {
            Rise(output);
        }

        _wasLost = false;
    }

    private static long EnergyOf(ReadOnlySpan<short> samples)
    {
        long energy = 0;
        foreach (short sample in samples)
        {
            energy += sample * sample;
        }

        return energy;
    }

    private void Begin()
    {
        if (channel.Kilohertz != _kilohertz)
        {
            _kilohertz = channel.Kilohertz;
            _lag = channel.FrameSamples << 7;
            _gain = _gainBefore = 65536;
            _subframeSamples = 20;
            _subframes = 2;
        }
    }

    // The quieter one of the last two subframes.
    private ReadOnlySpan<int> ChooseNoise()
    {
        int samples = channel.SubframeSamples;
        long before = ScaledEnergy((channel.Subframes - 2) * samples, samples, _gainBefore >> 6);
        long last = ScaledEnergy((channel.Subframes - 1) * samples, samples, _gain >> 6);
        int end = (before < last ? _subframes - 1 : _subframes) * _subframeSamples;
        return channel.Excitation.AsSpan(Math.Max(0, end - NoiseSamples), NoiseSamples);
    }

    private long ScaledEnergy(int start, int count, int gain)
    {
        for (int i = 0; i < count; i++)
        {
            _scaled[i] = SilkMath.Saturate(SilkMath.Multiply(channel.Excitation[start + i], gain) >> 8);
        }

        return EnergyOf(_scaled.AsSpan(0, count));
    }

    private void AddLongTerm(ReadOnlySpan<int> noise, int harmonicFade, int noiseFade, ReadOnlySpan<short> filter)
    {
        int memory = channel.Memory;
        int lag = SilkMath.Round(_lag, 8);
        int start = memory - lag - filter.Length - (Taps / 2);
        SilkMath.Whiten(
            channel.History.AsSpan(start, memory - start), filter, _whitened.AsSpan(start, memory - start));
        int inverse = Math.Min(SilkMath.Invert(_gain, 46), int.MaxValue >> 1);
        for (int i = start + filter.Length; i < memory; i++)
        {
            _signal[i] = SilkMath.Scale(inverse, _whitened[i]);
        }

        int place = memory;
        for (int subframe = 0; subframe < channel.Subframes; subframe++)
        {
            for (int i = 0; i < channel.SubframeSamples; i++, place++)
            {
                int predicted = 2 + SilkMath.Scale(_signal[place - lag], _tap);
                _seed = SilkMath.Random(_seed);
                int sample = noise[_seed >> 25 & (NoiseSamples - 1)];
                _signal[place] = unchecked((predicted + SilkMath.Scale(sample, _noiseScale)) << 2);
            }

            _tap = harmonicFade * _tap >> 15;
            _noiseScale = _noiseScale * noiseFade >> 15;
            _lag = Math.Min(_lag + SilkMath.Scale(_lag, 655), 18 * channel.Kilohertz << 8);
            lag = SilkMath.Round(_lag, 8);
        }

        Array.Fill(channel.Parameters.Lags, lag);
    }

    private void Rise(Span<short> output)
    {
        long energy = EnergyOf(output);
        if (energy <= _energy)
        {
            return;
        }

        // In Q24; the energy of a frame has at most 39 bits.
        int ratio = (int)((_energy << 24) / energy);
        int gain = SilkMath.Root(ratio) << 4;
        int slope = ((65536 - gain) / output.Length) << 2;
        for (int i = 0; i < output.Length && gain <= 65536; i++)
        {
            output[i] = (short)SilkMath.Scale(gain, output[i]);
            gain += slope;
        }
    }
}
