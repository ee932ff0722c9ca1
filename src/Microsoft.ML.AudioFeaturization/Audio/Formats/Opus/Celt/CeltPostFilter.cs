namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>A filter that strengthens the harmonics of a pitch (RFC 6716, section 4.3.7.1).</summary>
/// <param name="Period">In samples, or 0.</param>
/// <param name="Gain">0 for none.</param>
/// <param name="TapSet">0 to 2, from the softest to the sharpest.</param>
internal readonly record struct CeltPostFilter(int Period, float Gain, int TapSet)
{
    /// <summary>Weights of the sample a period ago, of its neighbours, and of theirs.</summary>
    public (float Middle, float Near, float Far) Taps => TapSet switch
    {
        0 => (Gain * 0.3066406250f, Gain * 0.2170410156f, Gain * 0.1296386719f),
        1 => (Gain * 0.4638671875f, Gain * 0.2680664062f, 0),
        _ => (Gain * 0.7998046875f, Gain * 0.1000976562f, 0),
    };

    /// <summary>Sums up samples around one with the weights of <see cref="Taps"/>.</summary>
    /// <param name="signal">The samples.</param>
    /// <param name="past">The one a period ago.</param>
    /// <param name="taps">The weights.</param>
    public static float Comb(ReadOnlySpan<float> signal, int past, (float Middle, float Near, float Far) taps)
    {
        ReadOnlySpan<float> around = signal.Slice(past - 2, 5);
        return (taps.Middle * around[2]) + (taps.Near * (around[3] + around[1])) + (taps.Far * (around[4] + around[0]));
    }

    /// <summary>Reads the filter of a frame.</summary>
    /// <param name="range">Where from.</param>
    /// <returns>The filter; its gain is not 0.</returns>
    public static CeltPostFilter Read(RangeDecoder range)
    {
        int octave = (int)range.ReadUniform(6);
        int period = (16 << octave) + (int)range.ReadPlain(4 + octave) - 1;
        float gain = 0.09375f * (range.ReadPlain(3) + 1);
        int tapSet = range.Bits + 2 <= range.Length * 8 ? range.ReadSymbol(CeltTables.TapSetSymbols, 2) : 0;
        return new CeltPostFilter(period, gain, tapSet);
    }
}
