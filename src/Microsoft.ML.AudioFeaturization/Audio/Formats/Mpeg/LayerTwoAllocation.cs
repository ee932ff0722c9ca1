namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>
/// Bit allocation of layer II: which quantizers the subbands can have. ISO/IEC 11172-3, Table B.2; ISO/IEC 13818-3, Table B.1.
/// </summary>
internal sealed class LayerTwoAllocation
{
    private static readonly int[] s_fine = [0, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 8191, 16383, 32767, 65535];
    private static readonly int[] s_middle = [0, 3, 5, 7, 9, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 8191, 65535];
    private static readonly int[] s_eight = [0, 3, 5, 7, 9, 15, 31, 65535];
    private static readonly int[] s_four = [0, 3, 5, 65535];
    private static readonly int[] s_fewFine = [0, 3, 5, 9, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 8191, 16383, 32767];
    private static readonly int[] s_few = [0, 3, 5, 9, 15, 31, 63, 127];
    private static readonly int[] s_lowFine = [0, 3, 5, 7, 9, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 8191, 16383];
    private static readonly int[] s_lowFour = [0, 3, 5, 9];

    private static readonly LayerTwoAllocation s_high27 = new((3, s_fine), (8, s_middle), (12, s_eight), (4, s_four));
    private static readonly LayerTwoAllocation s_high30 = new((3, s_fine), (8, s_middle), (12, s_eight), (7, s_four));
    private static readonly LayerTwoAllocation s_few8 = new((2, s_fewFine), (6, s_few));
    private static readonly LayerTwoAllocation s_few12 = new((2, s_fewFine), (10, s_few));
    private static readonly LayerTwoAllocation s_low = new((4, s_lowFine), (7, s_few), (19, s_lowFour));

    private LayerTwoAllocation(params (int Bands, int[] Steps)[] parts) =>
        Steps = [.. parts.SelectMany(part => Enumerable.Repeat(part.Steps, part.Bands))];

    /// <summary>For each subband the numbers of steps that its allocation chooses from; 0 for none.</summary>
    public int[][] Steps { get; }

    /// <summary>The table that a frame uses.</summary>
    /// <param name="header">The frame's header.</param>
    /// <param name="bitRate">In kbit/s, also where the format is free.</param>
    public static LayerTwoAllocation Of(MpegFrameHeader header, int bitRate)
    {
        if (header.Version > 0)
        {
            return s_low;
        }

        int each = bitRate / header.Channels;
        return header.SampleRate == 48000
            ? each >= 56 ? s_high27 : s_few8
            : each >= 96 ? s_high30
            : each >= 56 ? s_high27
            : header.SampleRate == 32000 ? s_few12
            : s_few8;
    }
}
