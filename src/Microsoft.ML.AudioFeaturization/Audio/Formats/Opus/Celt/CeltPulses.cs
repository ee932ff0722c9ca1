namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>
/// Vectors of whole numbers whose magnitudes have a given sum, the pulses, which are shapes of bands (RFC 6716, sections 4.3.4.1
/// to 4.3.4.3).
/// </summary>
internal sealed class CeltPulses
{
    private const int MaximumRow = 16;
    private const int MaximumColumn = 180;

    // U(n, k) of section 4.3.4.2, which is U(k, n) as well; the smaller number is the row. What does not fit is never asked for.
    private static readonly uint[][] s_counts = MakeCounts();

    private readonly int[] _pulses = new int[MaximumColumn];

    /// <summary>The costs of a band: their number, then for each number of pulses eighths of bits less one.</summary>
    /// <param name="band">The band.</param>
    /// <param name="level">Logarithm of its part's length in 2.5 ms, -1 for half of that.</param>
    public static ReadOnlySpan<byte> Costs(int band, int level) =>
        CeltTables.Costs[CeltTables.CostPlaces[((level + 1) * CeltTables.Bands) + band]..];

    /// <summary>Finds the place among the costs that comes nearest to some bits.</summary>
    /// <param name="costs">As <see cref="Costs"/> gives them.</param>
    /// <param name="bits">Eighths of bits.</param>
    public static int Nearest(ReadOnlySpan<byte> costs, int bits)
    {
        int low = 0;
        int high = costs[0];
        bits--;
        while (high - low > 1)
        {
            int middle = (low + high + 1) / 2;
            if (costs[middle] >= bits)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        int below = low == 0 ? -1 : costs[low];
        return bits - below <= costs[high] - bits ? low : high;
    }

    /// <summary>What a place among the costs costs, in eighths of bits.</summary>
    public static int CostOf(ReadOnlySpan<byte> costs, int place) => place == 0 ? 0 : costs[place] + 1;

    /// <summary>How many pulses a place among the costs stands for: each up to 8, then in steps.</summary>
    public static int CountOf(int place) => place < 8 ? place : (8 + (place & 7)) << ((place >> 3) - 1);

    /// <summary>Reads a vector and makes a shape of it.</summary>
    /// <param name="range">Where from.</param>
    /// <param name="shape">Room for its lines, two or more.</param>
    /// <param name="count">Pulses, one or more.</param>
    /// <param name="spread">As in <see cref="CeltFrame.Spread"/>.</param>
    /// <param name="blocks">How many blocks lie one after the other in the shape.</param>
    /// <param name="gain">The shape's norm.</param>
    /// <returns>A bit for each block that has any pulse.</returns>
    public uint Read(RangeDecoder range, Span<float> shape, int count, int spread, int blocks, float gain)
    {
        Span<int> pulses = _pulses.AsSpan(0, shape.Length);
        int square = ReadVector(range, pulses, count);
        float scale = gain / MathF.Sqrt(square);
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = pulses[i] * scale;
        }

        if (spread != 0 && 2 * count < shape.Length)
        {
            Spread(shape, count, spread, blocks);
        }

        return Filled(pulses, blocks);
    }

    private static uint Filled(ReadOnlySpan<int> pulses, int blocks)
    {
        if (blocks <= 1)
        {
            return 1;
        }

        uint filled = 0;
        int length = pulses.Length / blocks;
        for (int block = 0; block < blocks; block++)
        {
            if (pulses.Slice(block * length, length).ContainsAnyExcept(0))
            {
                filled |= 1u << block;
            }
        }

        return filled;
    }

    // Section 4.3.4.2. Returns the sum of squares.
    private static int ReadVector(RangeDecoder range, Span<int> pulses, int count)
    {
        int n = pulses.Length;
        uint index = range.ReadUniform(Count(n, count) + Count(n, count + 1));
        int square = 0;
        for (int i = 0; i < pulses.Length; i++, n--)
        {
            uint negatives = Count(n, count + 1);
            bool isNegative = index >= negatives;
            if (isNegative)
            {
                index -= negatives;
            }

            int left = count;
            uint before = Count(n, left);
            while (before > index)
            {
                before = Count(n, --left);
            }

            index -= before;
            int pulse = count - left;
            pulses[i] = isNegative ? -pulse : pulse;
            square += pulse * pulse;
            count = left;
        }

        return square;
    }

    private static uint Count(int n, int k) => n < k ? s_counts[n][k] : s_counts[k][n];

    private static uint[][] MakeCounts()
    {
        var counts = new uint[MaximumRow][];
        for (int n = 0; n < MaximumRow; n++)
        {
            counts[n] = new uint[MaximumColumn];
            for (int k = n; k < MaximumColumn; k++)
            {
                counts[n][k] = n == 0 ? (k == 0 ? 1u : 0)
                    : n == 1 ? 1
                    : k == n ? unchecked((2 * counts[n - 1][n]) + counts[n - 1][n - 1])
                    : unchecked(counts[n - 1][k] + counts[n][k - 1] + counts[n - 1][k - 1]);
            }
        }

        return counts;
    }

    // Section 4.3.4.3.
    private static void Spread(Span<float> shape, int count, int spread, int blocks)
    {
        int factor = spread == 1 ? 15 : spread == 2 ? 10 : 5;
        float gain = shape.Length / (float)(shape.Length + (factor * count));
        (float sine, float cosine) = MathF.SinCos(MathF.PI / 4 * gain * gain);
        int far = 0;
        if (shape.Length >= 8 * blocks)
        {
            // The root of a block's length, rounded.
            far = 1;
            while ((((far * far) + far) * blocks) + (blocks >> 2) < shape.Length)
            {
                far++;
            }
        }

        int length = shape.Length / blocks;
        for (int block = 0; block < blocks; block++)
        {
            Span<float> part = shape.Slice(block * length, length);
            if (far > 0)
            {
                Turn(part, far, sine, cosine);
            }

            Turn(part, 1, cosine, sine);
        }
    }

    private static void Turn(Span<float> part, int step, float cosine, float sine)
    {
        for (int i = 0; i < part.Length - step; i++)
        {
            float near = part[i];
            float far = part[i + step];
            part[i + step] = (cosine * far) + (sine * near);
            part[i] = (cosine * near) - (sine * far);
        }

        for (int i = part.Length - (2 * step) - 1; i >= 0; i--)
        {
            float near = part[i];
            float far = part[i + step];
            part[i + step] = (cosine * far) + (sine * near);
            part[i] = (cosine * near) - (sine * far);
        }
    }
}
