using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>Reads the shape of a band of one channel, split as often as its bits ask for (RFC 6716, section 4.3.4).</summary>
/// <param name="range">Where from.</param>
internal sealed class CeltPartition(RangeDecoder range)
{
    private const int MaximumWidth = 22 * 8;

    // What the half that is read first may leave over by chance: three bits.
    private const int Kept = 24;

    // The order of the blocks of a split that has been made finer in time: for 2, 4, 8 and 16 blocks.
    private static ReadOnlySpan<byte> TimeOrder =>
        [1, 0, 3, 0, 2, 1, 7, 0, 4, 3, 6, 1, 5, 2, 15, 0, 8, 7, 12, 3, 11, 4, 14, 1, 9, 6, 13, 2, 10, 5];

    private readonly CeltPulses _pulses = new();
    private readonly float[] _low = new float[MaximumWidth];
    private readonly float[] _ordered = new float[MaximumWidth];
    private CeltFrame _frame = new();

    /// <summary>The state of the generator of noise.</summary>
    public uint Seed { get; set; }

    /// <summary>Eighths of bits that are left to the frame.</summary>
    public int Remaining { get; set; }

    /// <summary>The frame that is read.</summary>
    public CeltFrame Frame => _frame;

    /// <summary>The band that is read.</summary>
    public int Band { get; private set; }

    /// <summary>Begins a band.</summary>
    public void Begin(CeltFrame frame, int band, int remaining)
    {
        _frame = frame;
        Band = band;
        Remaining = remaining;
    }

    /// <summary>The next state of a generator of noise.</summary>
    public static uint NextSeed(uint seed) => unchecked((1664525 * seed) + 1013904223);

    /// <summary>Tells how many eighths of bits go from one half to the other one (section 4.3.4.4).</summary>
    /// <param name="given">What the half was given.</param>
    /// <param name="used">What it used.</param>
    /// <param name="isWanted">Whether the other one has anything to code.</param>
    public static int Surplus(int given, int used, bool isWanted) => isWanted ? Math.Max(0, given - used - Kept) : 0;

    /// <summary>Scales a shape to a norm.</summary>
    public static void Scale(Span<float> shape, float norm)
    {
        float square = 1e-15f;
        foreach (float value in shape)
        {
            square += value * value;
        }

        float scale = norm / MathF.Sqrt(square);
        foreach (ref float value in shape)
        {
            value *= scale;
        }
    }

    /// <summary>Reads a sign, which is all that a line alone has.</summary>
    public float ReadSign()
    {
        if (Remaining < 8)
        {
            return 1;
        }

        Remaining -= 8;
        return range.ReadPlain(1) == 0 ? 1 : -1;
    }

    /// <summary>Reads a band.</summary>
    /// <param name="shape">Room for its lines.</param>
    /// <param name="bits">Eighths of bits.</param>
    /// <param name="blocks">How many blocks alternate in it.</param>
    /// <param name="low">Lines from which it folds, or empty.</param>
    /// <param name="next">Room for lines from which others fold, or empty.</param>
    /// <param name="gain">Its norm.</param>
    /// <param name="fill">The blocks that are to be filled where there are no pulses.</param>
    /// <returns>The blocks that are filled.</returns>
    public uint ReadBand(
        Span<float> shape, int bits, int blocks, ReadOnlySpan<float> low, Span<float> next, float gain, int fill)
    {
        int width = shape.Length;
        if (width == 1)
        {
            shape[0] = ReadSign();
            if (!next.IsEmpty)
            {
                next[0] = shape[0];
            }

            return 1;
        }

        int resolution = _frame.Resolutions[Band];
        int joins = Math.Max(0, resolution);
        bool isLong = blocks == 1;
        int length = width / blocks;
        Span<float> folded = [];
        if (!low.IsEmpty)
        {
            folded = _low.AsSpan(0, width);
            low.CopyTo(folded);
        }

        // Section 4.3.4.5: finer in frequency, by joining blocks, or in time, by splitting them.
        for (int i = 0; i < joins; i++)
        {
            Combine(folded, 1 << i);
            fill = JoinBits(fill);
        }

        blocks >>= joins;
        length <<= joins;
        int splits = 0;
        for (; (length & 1) == 0 && resolution < 0; splits++, resolution++)
        {
            Combine(folded, blocks);
            fill |= fill << blocks;
            blocks <<= 1;
            length >>= 1;
        }

        int parts = blocks << joins;
        if (blocks > 1 && !folded.IsEmpty)
        {
            Separate(folded, parts, isLong);
        }

        uint filled = Read(shape, bits, blocks, folded, _frame.Level, gain, fill);
        if (blocks > 1)
        {
            Interleave(shape, parts, isLong);
        }

        for (int i = 0; i < splits; i++)
        {
            blocks >>= 1;
            filled |= filled >> blocks;
            Combine(shape, blocks);
        }

        for (int i = 0; i < joins; i++)
        {
            filled = SplitBits(filled);
            Combine(shape, 1 << i);
        }

        if (!next.IsEmpty)
        {
            float scale = MathF.Sqrt(width);
            for (int i = 0; i < width; i++)
            {
                next[i] = shape[i] * scale;
            }
        }

        return filled & ((1u << (blocks << joins)) - 1);
    }

    // The depth is that of levels, from 3 down to -1.
    private uint Read(Span<float> shape, int bits, int blocks, ReadOnlySpan<float> low, int level, float gain, int fill)
    {
        if (level >= 0 && shape.Length > 2)
        {
            ReadOnlySpan<byte> costs = CeltPulses.Costs(Band, level);
            if (bits > costs[costs[0]] + 12)
            {
                return ReadHalves(shape, bits, blocks, low, level - 1, gain, fill);
            }
        }

        return ReadWhole(shape, bits, blocks, low, level, gain, fill);
    }

    private uint ReadHalves(
        Span<float> shape, int bits, int blocks, ReadOnlySpan<float> low, int level, float gain, int fill)
    {
        int half = shape.Length / 2;
        int before = blocks;
        if (blocks == 1)
        {
            fill = (fill & 1) | (fill << 1);
        }

        blocks = (blocks + 1) >> 1;
        CeltAngle angle = CeltAngle.Read(range, this, half, ref bits, blocks, before, level, isStereo: false, ref fill);
        int delta = angle.Delta;
        if (before > 1 && (angle.Theta & 0x3fff) != 0)
        {
            // Masking before and after a sound, in time.
            delta = angle.Theta > 8192
                ? delta - (delta >> (4 - level))
                : Math.Min(0, delta + (half << 3 >> (5 - level)));
        }

        int firstBits = Math.Clamp((bits - delta) / 2, 0, Math.Max(0, bits));
        int secondBits = bits - firstBits;
        Remaining -= angle.Cost;
        ReadOnlySpan<float> secondLow = low.IsEmpty ? low : low.Slice(half, half);
        ReadOnlySpan<float> firstLow = low.IsEmpty ? low : low[..half];
        Span<float> first = shape[..half];
        Span<float> second = shape.Slice(half, half);
        int start = Remaining;
        uint filled;
        if (firstBits >= secondBits)
        {
            filled = Read(first, firstBits, blocks, firstLow, level, gain * angle.First, fill);
            secondBits += Surplus(firstBits, start - Remaining, angle.Theta != 0);
            filled |= Read(second, secondBits, blocks, secondLow, level, gain * angle.Second, fill >> blocks)
                << (before >> 1);
        }
        else
        {
            filled = Read(second, secondBits, blocks, secondLow, level, gain * angle.Second, fill >> blocks)
                << (before >> 1);
            firstBits += Surplus(secondBits, start - Remaining, angle.Theta != 16384);
            filled |= Read(first, firstBits, blocks, firstLow, level, gain * angle.First, fill);
        }

        return filled;
    }

    private uint ReadWhole(
        Span<float> shape, int bits, int blocks, ReadOnlySpan<float> low, int level, float gain, int fill)
    {
        ReadOnlySpan<byte> costs = CeltPulses.Costs(Band, level);
        int place = CeltPulses.Nearest(costs, bits);
        int cost = CeltPulses.CostOf(costs, place);
        Remaining -= cost;
        while (Remaining < 0 && place > 0)
        {
            Remaining += cost;
            cost = CeltPulses.CostOf(costs, --place);
            Remaining -= cost;
        }

        if (place > 0)
        {
            return _pulses.Read(range, shape, CeltPulses.CountOf(place), _frame.Spread, blocks, gain);
        }

        uint all = (1u << blocks) - 1;
        uint wanted = (uint)fill & all;
        if (wanted == 0)
        {
            shape.Clear();
            return 0;
        }

        uint seed = Seed;
        for (int i = 0; i < shape.Length; i++)
        {
            seed = NextSeed(seed);
            shape[i] = low.IsEmpty ? (int)seed >> 20
                : low[i] + ((seed & 0x8000) != 0 ? 1f / 256 : -1f / 256);
        }

        Seed = seed;
        Scale(shape, gain);
        return low.IsEmpty ? all : wanted;
    }

    // Haar's transform of neighbours at a distance.
    private static void Combine(Span<float> shape, int distance)
    {
        const float Root = 0.70710678f;
        for (int i = 0; i + (2 * distance) <= shape.Length; i += 2 * distance)
        {
            for (int j = i; j < i + distance; j++)
            {
                float one = Root * shape[j];
                float other = Root * shape[j + distance];
                shape[j] = one + other;
                shape[j + distance] = one - other;
            }
        }
    }

    private void Separate(Span<float> shape, int blocks, bool isOrdered)
    {
        int length = shape.Length / blocks;
        Span<float> ordered = _ordered.AsSpan(0, shape.Length);
        for (int block = 0; block < blocks; block++)
        {
            int place = (isOrdered ? TimeOrder[blocks - 2 + block] : block) * length;
            for (int i = 0; i < length; i++)
            {
                ordered[place + i] = shape[(i * blocks) + block];
            }
        }

        ordered.CopyTo(shape);
    }

    private void Interleave(Span<float> shape, int blocks, bool isOrdered)
    {
        int length = shape.Length / blocks;
        Span<float> ordered = _ordered.AsSpan(0, shape.Length);
        for (int block = 0; block < blocks; block++)
        {
            int place = (isOrdered ? TimeOrder[blocks - 2 + block] : block) * length;
            for (int i = 0; i < length; i++)
            {
                ordered[(i * blocks) + block] = shape[place + i];
            }
        }

        ordered.CopyTo(shape);
    }

    // A bit of two that follow each other is set if either is.
    private static int JoinBits(int bits)
    {
        int joined = 0;
        for (int i = 0; i < 4; i++)
        {
            joined |= (bits >> (2 * i) & 3) != 0 ? 1 << i : 0;
        }

        return joined;
    }

    private static uint SplitBits(uint bits)
    {
        uint split = 0;
        for (uint left = bits; left != 0; left &= left - 1)
        {
            split |= 3u << (2 * BitOperations.TrailingZeroCount(left));
        }

        return split;
    }
}
