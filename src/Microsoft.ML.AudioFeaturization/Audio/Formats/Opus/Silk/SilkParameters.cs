namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>How a frame of one channel is filtered.</summary>
internal sealed class SilkParameters
{
    private const int Taps = 5;

    private readonly short[] _taps = new short[4 * Taps];

    /// <summary>Gain of each subframe, in Q16.</summary>
    public int[] Gains { get; } = new int[4];

    /// <summary>Short-term filter of the first half, in Q12.</summary>
    public short[] First { get; } = new short[16];

    /// <summary>Short-term filter of the second half, in Q12.</summary>
    public short[] Second { get; } = new short[16];

    /// <summary>Pitch lag of each subframe, or 0.</summary>
    public int[] Lags { get; } = new int[4];

    /// <summary>Scale of the long-term state, in Q14.</summary>
    public int LongTermScale { get; set; }

    /// <summary>The five taps of the long-term filter of a subframe, in Q14.</summary>
    public Span<short> TapsOf(int subframe) => _taps.AsSpan(subframe * Taps, Taps);
}
