namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>
/// What the side information says about one channel of a granule, and its scale factors. ISO/IEC 11172-3, 2.4.1.7 and 2.4.2.7;
/// ISO/IEC 13818-3, 2.4.3.2 for the lower sample rates.
/// </summary>
internal sealed class LayerThreeGranule
{
    /// <summary>Scale factors of short blocks: 13 bands of three windows.</summary>
    private const int Factors = 39;

    private static readonly byte[] s_length1 = [0, 0, 0, 0, 3, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4];
    private static readonly byte[] s_length2 = [0, 1, 2, 3, 0, 1, 2, 3, 1, 2, 3, 1, 2, 3, 2, 3];

    // For the lower sample rates: how many factors have each of four lengths, by the case of scalefac_compress (three without and
    // three with intensity stereo), then for long, short and mixed blocks.
    private static readonly byte[][] s_counts =
    [
        [6, 5, 5, 5], [9, 9, 9, 9], [6, 9, 9, 9],
        [6, 5, 7, 3], [9, 9, 12, 6], [6, 9, 12, 6],
        [11, 10, 0, 0], [18, 18, 0, 0], [15, 18, 0, 0],
        [7, 7, 7, 0], [12, 12, 12, 0], [6, 15, 12, 0],
        [6, 6, 6, 3], [12, 9, 9, 6], [6, 12, 9, 6],
        [8, 8, 5, 0], [15, 12, 9, 0], [6, 18, 9, 0],
    ];

    private readonly bool[] _isIllegal = new bool[Factors];

    /// <summary>Bits of scale factors and codes.</summary>
    public int MainBits { get; private set; }

    /// <summary>Pairs of lines with values that can be large.</summary>
    public int BigPairs { get; private set; }

    /// <summary>Gain of all lines, in quarters of a power of two.</summary>
    public int GlobalGain { get; private set; }

    /// <summary>Code of the lengths of scale factors; for the lower sample rates also the step of intensity.</summary>
    public int FactorCode { get; private set; }

    /// <summary>0 for long blocks, 1 and 3 for those before and after short ones, 2 for short ones.</summary>
    public int BlockType { get; private set; }

    /// <summary>Whether the two lowest subbands of a short block are long.</summary>
    public bool IsMixed { get; private set; }

    /// <summary>Whether the blocks are short, all but the lowest two subbands at least.</summary>
    public bool IsShort => BlockType == HybridSynthesis.ShortBlock;

    /// <summary>Table of codes of each of three regions of pairs.</summary>
    public int[] Tables { get; } = new int[3];

    /// <summary>Gain of each window of a short block, in powers of a quarter.</summary>
    public int[] WindowGains { get; } = new int[3];

    /// <summary>Band at which the second region of pairs starts, where <see cref="HasRegions"/>.</summary>
    public int SecondRegion { get; private set; }

    /// <summary>Band at which the third region of pairs starts, where <see cref="HasRegions"/>.</summary>
    public int ThirdRegion { get; private set; }

    /// <summary>Whether the regions are given by bands; else the first has a fixed length and the second the rest.</summary>
    public bool HasRegions { get; private set; }

    /// <summary>Whether high bands are raised by a fixed table.</summary>
    public bool HasPreemphasis { get; private set; }

    /// <summary>Quarters of a power of two that a scale factor counts: 2 or 4.</summary>
    public int FactorStep { get; private set; }

    /// <summary>Table of quadruples.</summary>
    public int QuadrupleTable { get; private set; }

    /// <summary>Scale factors in the order of the stream: of long bands, then of short bands with three windows each.</summary>
    public int[] ScaleFactors { get; } = new int[Factors];

    /// <summary>Reads the side information.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? ReadSideInfo(ref BitCursor bits, bool isLowRate)
    {
        MainBits = bits.Read(12);
        BigPairs = bits.Read(9);
        GlobalGain = bits.Read(8);
        FactorCode = bits.Read(isLowRate ? 9 : 4);
        HasRegions = bits.Read(1) == 0;
        Array.Clear(WindowGains);
        if (HasRegions)
        {
            BlockType = 0;
            IsMixed = false;
            for (int i = 0; i < 3; i++)
            {
                Tables[i] = bits.Read(5);
            }

            SecondRegion = bits.Read(4) + 1;
            ThirdRegion = SecondRegion + bits.Read(3) + 1;
        }
        else
        {
            BlockType = bits.Read(2);
            IsMixed = bits.Read(1) == 1 && IsShort;
            Tables[0] = bits.Read(5);
            Tables[1] = bits.Read(5);
            Tables[2] = 0;
            for (int i = 0; i < 3; i++)
            {
                WindowGains[i] = bits.Read(3);
            }
        }

        HasPreemphasis = !isLowRate && bits.Read(1) == 1;
        FactorStep = bits.Read(1) == 1 ? 4 : 2;
        QuadrupleTable = bits.Read(1);
        return BigPairs > 288 ? $"a granule has {BigPairs} pairs of lines, expected at most 288"
            : !HasRegions && BlockType == 0 ? "a granule with windows of its own has block type 0, expected 1 to 3"
            : null;
    }

    /// <summary>Reads the scale factors of MPEG-1.</summary>
    /// <param name="bits">The main data.</param>
    /// <param name="first">The channel's first granule, where this is the second; else null.</param>
    /// <param name="shared">Four bits: which groups of bands the second granule takes from the first.</param>
    public void ReadFactors(ref BitCursor bits, LayerThreeGranule? first, int shared)
    {
        int length1 = s_length1[FactorCode];
        int length2 = s_length2[FactorCode];
        Array.Clear(ScaleFactors);
        Array.Clear(_isIllegal);
        if (IsShort)
        {
            int count1 = IsMixed ? 8 + 9 : 18;
            ReadFactors(ref bits, 0, count1, length1);
            ReadFactors(ref bits, count1, 18, length2);
        }
        else
        {
            ReadOnlySpan<int> groups = [0, 6, 11, 16, 21];
            for (int group = 0; group < 4; group++)
            {
                int start = groups[group];
                int count = groups[group + 1] - start;
                if (first is not null && (shared & (8 >> group)) != 0)
                {
                    first.ScaleFactors.AsSpan(start, count).CopyTo(ScaleFactors.AsSpan(start));
                }
                else
                {
                    ReadFactors(ref bits, start, count, group < 2 ? length1 : length2);
                }
            }
        }

        for (int i = 0; i < Factors; i++)
        {
            _isIllegal[i] = ScaleFactors[i] >= 7;
        }
    }

    /// <summary>Reads the scale factors of MPEG-2 and 2.5.</summary>
    /// <param name="bits">The main data.</param>
    /// <param name="isIntensity">Whether they are positions of intensity stereo.</param>
    public void ReadLowRateFactors(ref BitCursor bits, bool isIntensity)
    {
        int code = isIntensity ? FactorCode >> 1 : FactorCode;
        Span<int> lengths = stackalloc int[4];
        lengths.Clear();
        int row = isIntensity ? 3 : 0;
        if (isIntensity ? code < 180 : code < 400)
        {
            (lengths[0], lengths[1], lengths[2], lengths[3]) = isIntensity
                ? (code / 36, code % 36 / 6, code % 6, 0)
                : ((code >> 4) / 5, (code >> 4) % 5, (code >> 2) & 3, code & 3);
        }
        else if (isIntensity ? code < 244 : code < 500)
        {
            row += 1;
            code -= isIntensity ? 180 : 400;
            (lengths[0], lengths[1], lengths[2]) = isIntensity
                ? (code >> 4, (code >> 2) & 3, code & 3)
                : ((code >> 2) / 5, (code >> 2) % 5, code & 3);
        }
        else
        {
            row += 2;
            code -= isIntensity ? 244 : 500;
            (lengths[0], lengths[1]) = (code / 3, code % 3);
            HasPreemphasis = !isIntensity;
        }

        byte[] counts = s_counts[(3 * row) + (!IsShort ? 0 : IsMixed ? 2 : 1)];
        Array.Clear(ScaleFactors);
        Array.Clear(_isIllegal);
        int place = 0;
        for (int i = 0; i < 4; i++)
        {
            ReadFactors(ref bits, place, counts[i], lengths[i]);
            for (int factor = place; factor < place + counts[i]; factor++)
            {
                _isIllegal[factor] = lengths[i] > 0 && ScaleFactors[factor] == (1 << lengths[i]) - 1;
            }

            place += counts[i];
        }
    }

    /// <summary>Whether a factor is no position of intensity stereo.</summary>
    public bool IsIllegalPosition(int factor) => _isIllegal[factor];

    private void ReadFactors(ref BitCursor bits, int start, int count, int length)
    {
        for (int i = start; i < start + count; i++)
        {
            ScaleFactors[i] = bits.Read(length);
        }
    }
}
