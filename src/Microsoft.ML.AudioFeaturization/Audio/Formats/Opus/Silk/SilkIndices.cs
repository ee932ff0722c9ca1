namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>What is read of a frame of one channel but its pulses (RFC 6716, section 4.2.7).</summary>
internal sealed class SilkIndices
{
    /// <summary>0 inactive, 1 unvoiced, 2 voiced.</summary>
    public const int Voiced = 2;

    private int _lastLag;
    private int _lastType;

    /// <summary>0 inactive, 1 unvoiced, 2 voiced (section 4.2.7.3).</summary>
    public int SignalType { get; private set; }

    /// <summary>0 low, 1 high (section 4.2.7.3).</summary>
    public int QuantizationType { get; private set; }

    /// <summary>Whether the first gain is a step from the last frame's (section 4.2.7.4).</summary>
    public bool IsConditional { get; private set; }

    /// <summary>Gain of each subframe (section 4.2.7.4).</summary>
    public int[] Gains { get; } = new int[4];

    /// <summary>Line spectral frequencies (section 4.2.7.5).</summary>
    public sbyte[] Frequencies { get; } = new sbyte[17];

    /// <summary>Quarters between the last frame's frequencies and these, 4 for none (section 4.2.7.5.5).</summary>
    public int Interpolation { get; set; }

    /// <summary>Pitch lag without its least (section 4.2.7.6.1).</summary>
    public int Lag { get; private set; }

    /// <summary>How the lag changes (section 4.2.7.6.1).</summary>
    public int Contour { get; private set; }

    /// <summary>Which of the sets of long-term filters is used (section 4.2.7.6.2).</summary>
    public int Periodicity { get; private set; }

    /// <summary>The long-term filter of each subframe (section 4.2.7.6.2).</summary>
    public int[] Filters { get; } = new int[4];

    /// <summary>Scale of the long-term state (section 4.2.7.6.3).</summary>
    public int LongTermScale { get; private set; }

    /// <summary>Seed of the signs of what is not coded (section 4.2.7.7).</summary>
    public int Seed { get; private set; }

    /// <summary>Forgets the past.</summary>
    public void Reset() => _lastLag = _lastType = 0;

    /// <summary>Reads a frame.</summary>
    /// <param name="range">Where from.</param>
    /// <param name="spectrum">How frequencies are coded.</param>
    /// <param name="kilohertz">Sampling rate: 8, 12 or 16.</param>
    /// <param name="subframes">2 or 4.</param>
    /// <param name="isActive">Whether there is voice activity.</param>
    /// <param name="isConditional">Whether it depends on the frame before.</param>
    /// <param name="hasScale">Whether the long-term state has a scale.</param>
    public void Read(
        RangeDecoder range, SilkLineSpectrum spectrum, int kilohertz, int subframes, bool isActive, bool isConditional,
        bool hasScale)
    {
        int type = isActive ? range.ReadSymbol(SilkTables.ActiveTypeSymbols) + 2
            : range.ReadSymbol(SilkTables.InactiveTypeSymbols);
        SignalType = type >> 1;
        QuantizationType = type & 1;
        IsConditional = isConditional;
        Gains[0] = isConditional ? range.ReadSymbol(SilkTables.GainStepSymbols)
            : (range.ReadSymbol(SilkTables.GainSymbols[(SignalType * 8)..]) << 3) + range.ReadSymbol(SilkTables.Of8);
        for (int i = 1; i < subframes; i++)
        {
            Gains[i] = range.ReadSymbol(SilkTables.GainStepSymbols);
        }

        spectrum.Read(range, SignalType == Voiced, Frequencies);
        Interpolation = subframes == 4 ? range.ReadSymbol(SilkTables.InterpolationSymbols) : 4;
        if (SignalType == Voiced)
        {
            ReadPitch(range, kilohertz, subframes, isConditional);
            LongTermScale = hasScale ? range.ReadSymbol(SilkTables.LongTermScaleSymbols) : 0;
        }

        _lastType = SignalType;
        Seed = range.ReadSymbol(SilkTables.Of4);
    }

    /// <summary>The pitch lag of a subframe, in samples.</summary>
    public int LagOf(int subframe, int kilohertz, int subframes)
    {
        ReadOnlySpan<sbyte> contours = (kilohertz == 8, subframes == 4) switch
        {
            (true, true) => SilkTables.NarrowContours,
            (true, false) => SilkTables.NarrowShortContours,
            (false, true) => SilkTables.Contours,
            _ => SilkTables.ShortContours,
        };
        int change = contours[(subframe * (contours.Length / subframes)) + Contour];
        return Math.Clamp((2 * kilohertz) + Lag + change, 2 * kilohertz, 18 * kilohertz);
    }

    /// <summary>Gives the five taps of the long-term filter of a subframe, in Q14.</summary>
    public void FilterOf(int subframe, Span<short> taps)
    {
        int first = ((8 << Periodicity) - 8 + Filters[subframe]) * 5;
        for (int i = 0; i < taps.Length; i++)
        {
            taps[i] = (short)(SilkTables.Filters[first + i] << 7);
        }
    }

    private void ReadPitch(RangeDecoder range, int kilohertz, int subframes, bool isConditional)
    {
        int step = isConditional && _lastType == Voiced ? range.ReadSymbol(SilkTables.LagStepSymbols) : 0;
        if (step > 0)
        {
            Lag = _lastLag + step - 9;
        }
        else
        {
            ReadOnlySpan<byte> low = kilohertz == 16 ? SilkTables.Of8 : kilohertz == 12 ? SilkTables.Of6 : SilkTables.Of4;
            Lag = (range.ReadSymbol(SilkTables.LagSymbols) * (kilohertz >> 1)) + range.ReadSymbol(low);
        }

        // A step is kept in 16 bits, whatever damaged packets add up to.
        Lag = (short)Lag;
        _lastLag = Lag;
        ReadOnlySpan<byte> contours = (kilohertz == 8, subframes == 4) switch
        {
            (true, true) => SilkTables.NarrowContourSymbols,
            (true, false) => SilkTables.NarrowShortContourSymbols,
            (false, true) => SilkTables.ContourSymbols,
            _ => SilkTables.ShortContourSymbols,
        };
        Contour = range.ReadSymbol(contours);
        Periodicity = range.ReadSymbol(SilkTables.PeriodicitySymbols);
        for (int i = 0; i < subframes; i++)
        {
            Filters[i] = range.ReadSymbol(SilkTables.FilterSymbols[((8 << Periodicity) - 8)..]);
        }
    }
}
