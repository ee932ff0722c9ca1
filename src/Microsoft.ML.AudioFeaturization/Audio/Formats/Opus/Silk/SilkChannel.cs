namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>One channel of the SILK layer: pulses through a long-term and a short-term filter (RFC 6716, section 4.2.7.9).</summary>
internal sealed class SilkChannel
{
    private const int MaximumOrder = SilkSynthesis.MaximumOrder;
    private const int MaximumSubframe = 80;
    private const int MaximumMemory = 320;
    private const int Taps = 5;

    private readonly RangeDecoder _range;
    private readonly SilkExcitation _excitation;
    private readonly SilkConcealment _concealment;
    private readonly SilkLineSpectrum _narrow = new(isWide: false);
    private readonly SilkLineSpectrum _wide = new(isWide: true);
    private readonly short[] _frequencies = new short[MaximumOrder];
    private readonly short[] _pulses = new short[SilkExcitation.MaximumSamples];

    // The short-term state behind which a subframe is made, in Q14 before gains; and the long-term one, in Q15.
    private readonly int[] _short = new int[MaximumOrder + MaximumSubframe];
    private readonly int[] _long = new int[2 * MaximumMemory];
    private readonly int[] _residual = new int[MaximumSubframe];
    private readonly short[] _whitened = new short[MaximumMemory];
    private int _lastGain;
    private int _gainIndex;

    /// <param name="range">From which frames are read.</param>
    public SilkChannel(RangeDecoder range)
    {
        _range = range;
        _excitation = new SilkExcitation(range);
        _concealment = new SilkConcealment(this);
        Reset();
    }

    /// <summary>What was read of the frame.</summary>
    public SilkIndices Indices { get; } = new();

    /// <summary>How the frame is filtered.</summary>
    public SilkParameters Parameters { get; } = new();

    /// <summary>How line spectral frequencies are coded at the sampling rate.</summary>
    public SilkLineSpectrum Spectrum => Kilohertz == 16 ? _wide : _narrow;

    /// <summary>The sampling rate: 8, 12 or 16; 0 before the first frame.</summary>
    public int Kilohertz { get; private set; }

    /// <summary>2 or 4.</summary>
    public int Subframes { get; private set; }

    /// <summary>Samples of a subframe.</summary>
    public int SubframeSamples => 5 * Kilohertz;

    /// <summary>Samples of a frame.</summary>
    public int FrameSamples => Subframes * SubframeSamples;

    /// <summary>Samples that are kept for the long-term filter.</summary>
    public int Memory => 20 * Kilohertz;

    /// <summary>The last samples that were made, up to <see cref="Memory"/>, and room for half a frame.</summary>
    public short[] History { get; } = new short[MaximumMemory + (2 * MaximumSubframe)];

    /// <summary>What goes into the filters, in Q14.</summary>
    public int[] Excitation { get; } = new int[MaximumMemory];

    /// <summary>The last frame's line spectral frequencies.</summary>
    public ReadOnlySpan<short> LastFrequencies => _frequencies;

    /// <summary>Type of the last frame.</summary>
    public int LastType { get; set; }

    /// <summary>Lag of the last subframe.</summary>
    public int LastLag { get; set; }

    /// <summary>Frames that were lost in a row.</summary>
    public int Lost { get; set; }

    /// <summary>Whether no frame has been decoded since the past was forgotten.</summary>
    public bool IsFirst { get; private set; }

    /// <summary>The short-term state, in Q14.</summary>
    public Span<int> ShortState => _short.AsSpan(0, MaximumOrder);

    /// <summary>The resampler of what is made.</summary>
    public SilkResampler Resampler { get; } = new();

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Kilohertz = 0;
        Lost = 0;
        _lastGain = 65536;
        IsFirst = true;
        LastType = LastLag = _gainIndex = 0;
        Array.Clear(_frequencies);
        Array.Clear(Excitation);
        Array.Clear(History);
        Array.Clear(_short);
        Indices.Reset();
        _concealment.Reset();
    }

    /// <summary>Sets the sampling rate and how long frames are; another rate forgets what was made.</summary>
    public void Begin(int kilohertz, int subframes)
    {
        Subframes = subframes;
        if (kilohertz != Kilohertz)
        {
            Kilohertz = kilohertz;
            Resampler.Reset(kilohertz);
            ForgetPrediction();
        }
    }

    /// <summary>Forgets what the next frame is predicted from.</summary>
    public void ForgetPrediction()
    {
        IsFirst = true;
        LastLag = 100;
        _gainIndex = 10;
        LastType = 0;
        Array.Clear(History);
        Array.Clear(_short, 0, MaximumOrder);
    }

    /// <summary>Lets the next gain fall as low as it likes.</summary>
    public void ForgetGain() => _gainIndex = 10;

    /// <summary>Reads a frame that is not decoded: a copy of an earlier one.</summary>
    public void Skip(bool isConditional)
    {
        Indices.Read(_range, Spectrum, Kilohertz, Subframes, isActive: true, isConditional, hasScale: !isConditional);
        _excitation.Read(_pulses, FrameSamples, Indices.SignalType, Indices.QuantizationType);
    }

    /// <summary>Decodes a frame.</summary>
    /// <param name="isActive">Whether it has voice activity.</param>
    /// <param name="isConditional">Whether it depends on the frame before.</param>
    /// <param name="hasScale">Whether the long-term state has a scale.</param>
    /// <param name="output">Room for its samples.</param>
    public void Decode(bool isActive, bool isConditional, bool hasScale, Span<short> output)
    {
        Indices.Read(_range, Spectrum, Kilohertz, Subframes, isActive, isConditional, hasScale);
        _excitation.Read(_pulses, FrameSamples, Indices.SignalType, Indices.QuantizationType);
        SetParameters();
        MakeExcitation();
        Filter(output);
        Keep(output);
        _concealment.Update();
        Lost = 0;
        LastType = Indices.SignalType;
        IsFirst = false;
        _concealment.Finish(output);
        LastLag = Parameters.Lags[Subframes - 1];
    }

    /// <summary>Makes up for a frame that was lost.</summary>
    /// <param name="output">Room for its samples.</param>
    public void Conceal(Span<short> output)
    {
        _concealment.Extrapolate(output);
        Lost++;
        Keep(output);
        _concealment.Finish(output);
        LastLag = Parameters.Lags[Subframes - 1];
    }

    private void Keep(ReadOnlySpan<short> output)
    {
        int kept = Memory - output.Length;
        Array.Copy(History, output.Length, History, 0, kept);
        output.CopyTo(History.AsSpan(kept));
    }

    private void SetParameters()
    {
        int order = Spectrum.Order;
        for (int i = 0; i < Subframes; i++)
        {
            SetGain(i, Indices.IsConditional || i > 0);
        }

        Span<short> frequencies = stackalloc short[MaximumOrder];
        Spectrum.Decode(Indices.Frequencies, frequencies);
        Spectrum.MakeFilter(frequencies, Parameters.Second);
        if (IsFirst)
        {
            Indices.Interpolation = 4;
        }

        Parameters.Second.CopyTo(Parameters.First, 0);
        if (Indices.Interpolation < 4)
        {
            Span<short> between = stackalloc short[MaximumOrder];
            for (int i = 0; i < order; i++)
            {
                int last = _frequencies[i];
                between[i] = (short)(last + (Indices.Interpolation * (frequencies[i] - last) >> 2));
            }

            Spectrum.MakeFilter(between, Parameters.First);
        }

        frequencies[..order].CopyTo(_frequencies);
        if (Lost > 0)
        {
            SilkMath.Widen(Parameters.First.AsSpan(0, order), 63570);
            SilkMath.Widen(Parameters.Second.AsSpan(0, order), 63570);
        }

        bool isVoiced = Indices.SignalType == SilkIndices.Voiced;
        for (int i = 0; i < Subframes; i++)
        {
            Span<short> taps = Parameters.TapsOf(i);
            taps.Clear();
            Parameters.Lags[i] = 0;
            if (isVoiced)
            {
                Parameters.Lags[i] = Indices.LagOf(i, Kilohertz, Subframes);
                Indices.FilterOf(i, taps);
            }
        }

        Parameters.LongTermScale = isVoiced ? SilkTables.LongTermScales[Indices.LongTermScale] : 0;
    }

    // Section 4.2.7.4.
    private void SetGain(int subframe, bool isStep)
    {
        int index = Indices.Gains[subframe];
        if (isStep)
        {
            int step = index - 4;
            int threshold = 8 + _gainIndex;
            _gainIndex += step > threshold ? (step << 1) - threshold : step;
        }
        else
        {
            _gainIndex = Math.Max(index, _gainIndex - 16);
        }

        _gainIndex = Math.Clamp(_gainIndex, 0, 63);
        Parameters.Gains[subframe] = SilkMath.Exponential(Math.Min(SilkMath.Scale(1907825, _gainIndex) + 2090, 3967));
    }

    // Section 4.2.7.8.6.
    private void MakeExcitation()
    {
        int offset = (Indices.SignalType == SilkIndices.Voiced, Indices.QuantizationType) switch
        {
            (true, 0) => 32,
            (false, 1) => 240,
            _ => 100,
        };
        int seed = Indices.Seed;
        for (int i = 0; i < FrameSamples; i++)
        {
            seed = SilkMath.Random(seed);
            int pulse = _pulses[i];
            int value = (pulse << 14) - (Math.Sign(pulse) * (80 << 4)) + (offset << 4);
            Excitation[i] = seed < 0 ? -value : value;
            seed = unchecked(seed + pulse);
        }
    }

    private void Filter(Span<short> output)
    {
        int samples = SubframeSamples;
        int place = Memory;
        for (int subframe = 0; subframe < Subframes; subframe++)
        {
            short[] filter = subframe < 2 ? Parameters.First : Parameters.Second;
            int gain = Parameters.Gains[subframe];
            int change = 65536;
            if (gain != _lastGain)
            {
                change = SilkMath.Divide(_lastGain, gain, 16);
                foreach (ref int value in ShortState)
                {
                    value = SilkMath.Multiply(change, value);
                }

                _lastGain = gain;
            }

            bool isVoiced = Indices.SignalType == SilkIndices.Voiced;
            if (Lost > 0 && LastType == SilkIndices.Voiced && !isVoiced && subframe < 2)
            {
                // Softens the end of a sound that was made up.
                Span<short> soft = Parameters.TapsOf(subframe);
                soft.Clear();
                soft[Taps / 2] = 4096;
                Parameters.Lags[subframe] = LastLag;
                isVoiced = true;
            }

            Span<int> residual = Excitation.AsSpan(subframe * samples, samples);
            if (isVoiced)
            {
                PrepareLongTerm(subframe, place, filter, gain, change, output);
                AddLongTerm(subframe, place, residual);
                residual = _residual.AsSpan(0, samples);
            }

            SilkSynthesis.Run(
                residual, filter.AsSpan(0, Spectrum.Order), gain >> 6, _short, output.Slice(subframe * samples, samples));
            Array.Copy(_short, samples, _short, 0, MaximumOrder);
            place += samples;
        }
    }

    // Section 4.2.7.9.1: what was made, without what the filter now predicts.
    private void PrepareLongTerm(
        int subframe, int place, short[] filter, int gain, int change, ReadOnlySpan<short> output)
    {
        int count = Parameters.Lags[subframe] + (Taps / 2);
        if (subframe == 0 || (subframe == 2 && Indices.Interpolation < 4))
        {
            int samples = SubframeSamples;
            int start = Memory - count - Spectrum.Order;
            if (subframe == 2)
            {
                output[..(2 * samples)].CopyTo(History.AsSpan(Memory));
            }

            SilkMath.Whiten(
                History.AsSpan(start + (subframe * samples), Memory - start), filter.AsSpan(0, Spectrum.Order),
                _whitened.AsSpan(start, Memory - start));
            int inverse = SilkMath.Invert(gain, 47);
            if (subframe == 0)
            {
                inverse = SilkMath.Scale(inverse, Parameters.LongTermScale) << 2;
            }

            for (int i = 1; i <= count; i++)
            {
                _long[place - i] = SilkMath.Scale(inverse, _whitened[Memory - i]);
            }
        }
        else if (change != 65536)
        {
            for (int i = 1; i <= count; i++)
            {
                _long[place - i] = SilkMath.Multiply(change, _long[place - i]);
            }
        }
    }

    private void AddLongTerm(int subframe, int place, ReadOnlySpan<int> excitation)
    {
        ReadOnlySpan<short> taps = Parameters.TapsOf(subframe);
        int[] state = _long;
        int past = place - Parameters.Lags[subframe] + (Taps / 2);
        for (int i = 0; i < excitation.Length; i++, past++)
        {
            int predicted = unchecked(2 + SilkMath.Scale(state[past], taps[0]) + SilkMath.Scale(state[past - 1], taps[1])
                + SilkMath.Scale(state[past - 2], taps[2]) + SilkMath.Scale(state[past - 3], taps[3])
                + SilkMath.Scale(state[past - 4], taps[4]));
            int value = unchecked(excitation[i] + (predicted << 1));
            _residual[i] = value;
            state[place + i] = value << 1;
        }
    }
}
