namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>The lines of one channel of a granule: Huffman codes, requantization, and the order of short blocks.</summary>
internal sealed class LayerThreeSpectrum
{
    /// <summary>Lines of a granule.</summary>
    public const int Lines = 576;

    // A value is at most 15 and 13 linear bits.
    private const int MaximumValue = 15 + (1 << 13);
    private const int LowestGain = -400;

    private static readonly float[] s_powers = CreatePowers();
    private static readonly float[] s_gains = CreateGains();

    // ISO/IEC 11172-3, Table B.6.
    private static readonly byte[] s_preemphasis = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 3, 2, 0];

    private readonly short[] _values = new short[Lines + 2];
    private readonly float[] _ordered = new float[Lines];

    /// <summary>The lines; those of short blocks with the three windows in turn.</summary>
    public float[] Values { get; } = new float[Lines];

    /// <summary>Lines from this one on are 0.</summary>
    public int Used { get; set; }

    /// <summary>Sets all lines to 0.</summary>
    public void Clear()
    {
        Array.Clear(Values);
        Used = 0;
    }

    /// <summary>Reads and scales the lines.</summary>
    /// <param name="bits">The main data, behind the scale factors.</param>
    /// <param name="end">The bit at which the granule's data end.</param>
    /// <param name="granule">Its side information.</param>
    /// <param name="bands">The bands of the sample rate.</param>
    /// <returns>Null, or what is wrong.</returns>
    public string? Read(ref BitCursor bits, int end, LayerThreeGranule granule, LayerThreeBands bands)
    {
        int pairsEnd = 2 * granule.BigPairs;
        int second = granule.HasRegions ? bands.LongEdges[Math.Min(granule.SecondRegion, 22)]
            : granule.IsShort ? bands.ShortStart
            : bands.LongEdges[8];
        int third = granule.HasRegions ? bands.LongEdges[Math.Min(granule.ThirdRegion, 22)] : Lines;
        int line = 0;
        for (int region = 0; region < 3; region++)
        {
            int regionEnd = Math.Min(pairsEnd, region == 0 ? second : region == 1 ? third : Lines);
            string? wrong = ReadPairs(ref bits, end, granule.Tables[region], line, regionEnd);
            if (wrong is not null)
            {
                return wrong;
            }

            line = Math.Max(line, regionEnd);
        }

        Used = ReadQuadruples(ref bits, end, HuffmanTable.Quadruples[granule.QuadrupleTable], line);
        _values.AsSpan(Used).Clear();
        Scale(granule, bands);
        return null;
    }

    private string? ReadPairs(ref BitCursor bits, int end, int table, int line, int lineEnd)
    {
        if (line >= lineEnd)
        {
            return null;
        }

        if (table == 0)
        {
            _values.AsSpan(line, lineEnd - line).Clear();
            return null;
        }

        if (HuffmanTable.Pairs[table] is not { } codes)
        {
            return $"a granule uses Huffman table {table}, which does not exist";
        }

        for (; line < lineEnd; line += 2)
        {
            ulong next = bits.Peek();
            int pair = codes.Find(next, out int length);
            next <<= length;
            _values[line] = ReadValue(pair >> 4, codes.LinearBits, ref next, ref length);
            _values[line + 1] = ReadValue(pair & 15, codes.LinearBits, ref next, ref length);
            bits.Position += length;
            if (bits.Position > end)
            {
                return "a granule's Huffman codes are longer than its data";
            }
        }

        return null;
    }

    private static short ReadValue(int value, int linearBits, ref ulong next, ref int length)
    {
        if (value == 0)
        {
            return 0;
        }

        if (value == 15 && linearBits > 0)
        {
            value += (int)(next >> (64 - linearBits));
            next <<= linearBits;
            length += linearBits;
        }

        bool isNegative = (long)next < 0;
        next <<= 1;
        length++;
        return (short)(isNegative ? -value : value);
    }

    private int ReadQuadruples(ref BitCursor bits, int end, HuffmanTable codes, int line)
    {
        while (line <= Lines - 4 && bits.Position < end)
        {
            ulong next = bits.Peek();
            int values = codes.Find(next, out int length);
            next <<= length;
            for (int i = 0; i < 4; i++)
            {
                _values[line + i] = ReadValue((values >> (3 - i)) & 1, 0, ref next, ref length);
            }

            bits.Position += length;
            if (bits.Position > end)
            {
                // Bits that fill up the data look like half a code.
                break;
            }

            line += 4;
        }

        return line;
    }

    private void Scale(LayerThreeGranule granule, LayerThreeBands bands)
    {
        LayerThreeBand[] own = !granule.IsShort ? bands.Long : granule.IsMixed ? bands.Mixed : bands.Short;
        float[] target = granule.IsShort ? _ordered : Values;
        foreach (LayerThreeBand band in own)
        {
            int factor = granule.ScaleFactors[band.Factor];
            if (granule.HasPreemphasis && band.Window < 0)
            {
                factor += s_preemphasis[band.Factor];
            }

            int gain = granule.GlobalGain - 210 - (granule.FactorStep * factor)
                - (band.Window < 0 ? 0 : 8 * granule.WindowGains[band.Window]);
            float scale = s_gains[gain - LowestGain];
            ReadOnlySpan<short> values = _values.AsSpan(band.Start, band.Width);
            Span<float> lines = target.AsSpan(band.Start, band.Width);
            if (band.Start >= Used)
            {
                lines.Clear();
                continue;
            }

            for (int i = 0; i < lines.Length; i++)
            {
                lines[i] = s_powers[values[i] + MaximumValue] * scale;
            }
        }

        if (granule.IsShort)
        {
            short[] order = granule.IsMixed ? bands.MixedOrder : bands.ShortOrder;
            for (int i = 0; i < order.Length; i++)
            {
                Values[order[i]] = _ordered[i];
            }

            // A band's windows are mixed: lines up to its end can be used.
            foreach (LayerThreeBand band in own)
            {
                if (band.Start < Used)
                {
                    continue;
                }

                Used = band.Window <= 0 ? band.Start : band.Start + ((3 - band.Window) * band.Width);
                break;
            }
        }
    }

    private static float[] CreatePowers()
    {
        var powers = new float[(2 * MaximumValue) + 1];
        for (int i = 0; i <= MaximumValue; i++)
        {
            float power = (float)Math.Pow(i, 4.0 / 3);
            powers[MaximumValue + i] = power;
            powers[MaximumValue - i] = -power;
        }

        return powers;
    }

    private static float[] CreateGains()
    {
        // Global gain is at most 255.
        var gains = new float[255 - 210 + 1 - LowestGain];
        for (int i = 0; i < gains.Length; i++)
        {
            gains[i] = (float)Math.Pow(2, (i + LowestGain) / 4.0);
        }

        return gains;
    }
}
