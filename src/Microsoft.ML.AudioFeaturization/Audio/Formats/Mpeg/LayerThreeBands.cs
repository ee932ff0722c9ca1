namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>One scale factor band of a granule: lines with one scale factor.</summary>
/// <param name="Start">First line, in the order of the stream.</param>
/// <param name="Width">Lines.</param>
/// <param name="Window">Window of a short block, 0 to 2; -1 for a long band.</param>
/// <param name="Factor">Place of its scale factor.</param>
internal readonly record struct LayerThreeBand(int Start, int Width, int Window, int Factor);

/// <summary>
/// The scale factor bands of one sample rate. ISO/IEC 11172-3, Table B.8; ISO/IEC 13818-3, Table B.2; MPEG-2.5 as encoders have
/// it.
/// </summary>
internal sealed class LayerThreeBands
{
    private const int Lines = 576;

    private static readonly LayerThreeBands?[] s_all = new LayerThreeBands?[9];

    private static readonly short[] s_low22 =
        [0, 6, 12, 18, 24, 30, 36, 44, 54, 66, 80, 96, 116, 140, 168, 200, 238, 284, 336, 396, 464, 522, 576];

    private static readonly short[] s_short16 = [0, 4, 8, 12, 18, 26, 36, 48, 62, 80, 104, 134, 174, 192];

    private static readonly short[][] s_long =
    [
        [0, 4, 8, 12, 16, 20, 24, 30, 36, 44, 52, 62, 74, 90, 110, 134, 162, 196, 238, 288, 342, 418, 576],
        [0, 4, 8, 12, 16, 20, 24, 30, 36, 42, 50, 60, 72, 88, 106, 128, 156, 190, 230, 276, 330, 384, 576],
        [0, 4, 8, 12, 16, 20, 24, 30, 36, 44, 54, 66, 82, 102, 126, 156, 194, 240, 296, 364, 448, 550, 576],
        s_low22,
        [0, 6, 12, 18, 24, 30, 36, 44, 54, 66, 80, 96, 114, 136, 162, 194, 232, 278, 332, 394, 464, 540, 576],
        s_low22,
        s_low22,
        s_low22,
        [0, 12, 24, 36, 48, 60, 72, 88, 108, 132, 160, 192, 232, 280, 336, 400, 476, 566, 568, 570, 572, 574, 576],
    ];

    private static readonly short[][] s_short =
    [
        [0, 4, 8, 12, 16, 22, 30, 40, 52, 66, 84, 106, 136, 192],
        [0, 4, 8, 12, 16, 22, 28, 38, 50, 64, 80, 100, 126, 192],
        [0, 4, 8, 12, 16, 22, 30, 42, 58, 78, 104, 138, 180, 192],
        [0, 4, 8, 12, 18, 24, 32, 42, 56, 74, 100, 132, 174, 192],
        [0, 4, 8, 12, 18, 26, 36, 48, 62, 80, 104, 136, 180, 192],
        s_short16,
        s_short16,
        s_short16,
        [0, 8, 16, 24, 36, 52, 72, 96, 124, 160, 162, 164, 166, 192],
    ];

    private LayerThreeBands(int rate)
    {
        LongEdges = s_long[rate];
        ShortStart = rate == 8 ? 72 : 36;
        Long = AddLong([], 22);
        Short = AddShort([], 0);
        Mixed = AddShort(AddLong([], rate < 3 ? 8 : 6), 3);
        ShortOrder = OrderOf(Short);
        MixedOrder = OrderOf(Mixed);

        LayerThreeBand[] AddLong(List<LayerThreeBand> bands, int count)
        {
            for (int i = 0; i < count; i++)
            {
                bands.Add(new(LongEdges[i], LongEdges[i + 1] - LongEdges[i], -1, i));
            }

            return [.. bands];
        }

        LayerThreeBand[] AddShort(LayerThreeBand[] before, int first)
        {
            var bands = before.ToList();
            short[] edges = s_short[rate];
            for (int i = first; i < 13; i++)
            {
                int width = edges[i + 1] - edges[i];
                for (int window = 0; window < 3; window++)
                {
                    bands.Add(new((3 * edges[i]) + (window * width), width, window, before.Length + (3 * (i - first)) + window));
                }
            }

            return [.. bands];
        }
    }

    /// <summary>Edges of the long bands.</summary>
    public short[] LongEdges { get; }

    /// <summary>Lines of the first region of pairs of a short block.</summary>
    public int ShortStart { get; }

    /// <summary>Bands of long blocks.</summary>
    public LayerThreeBand[] Long { get; }

    /// <summary>Bands of short blocks.</summary>
    public LayerThreeBand[] Short { get; }

    /// <summary>Bands of short blocks whose lowest two subbands are long.</summary>
    public LayerThreeBand[] Mixed { get; }

    /// <summary>For each line of a short block in the order of the stream, its place with the windows in turn.</summary>
    public short[] ShortOrder { get; }

    /// <summary>The same for mixed blocks.</summary>
    public short[] MixedOrder { get; }

    /// <summary>The bands of a sample rate.</summary>
    public static LayerThreeBands Of(MpegFrameHeader header)
    {
        int rate = (3 * header.Version) + header.SampleRateIndex;
        return s_all[rate] ??= new LayerThreeBands(rate);
    }

    private static short[] OrderOf(LayerThreeBand[] bands)
    {
        var order = new short[Lines];
        foreach (LayerThreeBand band in bands)
        {
            int first = band.Start - (Math.Max(band.Window, 0) * band.Width);
            for (int i = 0; i < band.Width; i++)
            {
                order[band.Start + i] = (short)(band.Window < 0 ? band.Start + i : first + (3 * i) + band.Window);
            }
        }

        return order;
    }
}
