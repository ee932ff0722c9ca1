using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>How the energy of a shape is divided between two parts of it (RFC 6716, section 4.3.4.4).</summary>
internal readonly struct CeltAngle
{
    private const int Quarter = 16384;

    /// <summary>The angle, of which 16384 is a quarter turn.</summary>
    public int Theta { get; private init; }

    /// <summary>Norm of the first part.</summary>
    public float First { get; private init; }

    /// <summary>Norm of the second part.</summary>
    public float Second { get; private init; }

    /// <summary>By how many eighths of bits the second part has less than the first, both having half.</summary>
    public int Delta { get; private init; }

    /// <summary>Eighths of bits that the angle took.</summary>
    public int Cost { get; private init; }

    /// <summary>Whether the second channel is the negative of the first; only where there is no angle.</summary>
    public bool IsInverted { get; private init; }

    /// <summary>Reads an angle.</summary>
    /// <param name="range">Where from.</param>
    /// <param name="partition">The band.</param>
    /// <param name="width">Lines of each part.</param>
    /// <param name="bits">Eighths of bits of both, from which the angle's are taken.</param>
    /// <param name="blocks">Blocks of each part.</param>
    /// <param name="before">Blocks before the split.</param>
    /// <param name="level">As in <see cref="CeltFrame.Level"/>, of each part.</param>
    /// <param name="isStereo">Whether the parts are mid and side.</param>
    /// <param name="fill">The blocks to be filled of both parts; those that stay empty are taken off.</param>
    /// <param name="invertsPhases">Whether channels may be inverted.</param>
    public static CeltAngle Read(
        RangeDecoder range, CeltPartition partition, int width, ref int bits, int blocks, int before, int level,
        bool isStereo, ref int fill, bool invertsPhases = false)
    {
        int cap = CeltTables.LogWidths[partition.Band] + (level * 8);
        int offset = (cap >> 1) - (isStereo && width == 2 ? 16 : 4);
        int steps = isStereo && partition.Band >= partition.Frame.Intensity ? 1
            : Steps(width, bits, offset, cap, isStereo);
        int told = range.Eighths;
        int theta = 0;
        bool isInverted = false;
        if (steps != 1)
        {
            theta = isStereo && width > 2 ? ReadStepped(range, steps)
                : before > 1 || isStereo ? (int)range.ReadUniform((uint)steps + 1)
                : ReadTriangular(range, steps);
            theta = theta * Quarter / steps;
        }
        else if (isStereo && bits > 16 && partition.Remaining > 16)
        {
            isInverted = range.ReadFlag(2) && invertsPhases;
        }

        int cost = range.Eighths - told;
        bits -= cost;
        int mask = (1 << blocks) - 1;
        if (theta == 0)
        {
            fill &= mask;
            return new CeltAngle { First = 32767f / 32768, Delta = -Quarter, Cost = cost, IsInverted = isInverted };
        }

        if (theta == Quarter)
        {
            fill &= mask << blocks;
            return new CeltAngle { Theta = theta, Second = 32767f / 32768, Delta = Quarter, Cost = cost };
        }

        int first = Cosine(theta);
        int second = Cosine(Quarter - theta);
        return new CeltAngle
        {
            Theta = theta,
            First = first / 32768f,
            Second = second / 32768f,
            Delta = Product((width - 1) << 7, LogTangent(second, first)),
            Cost = cost,
        };
    }

    // Into how many steps the quarter turn is divided.
    private static int Steps(int width, int bits, int offset, int cap, bool isStereo)
    {
        ReadOnlySpan<short> powers = [16384, 17866, 19483, 21247, 23170, 25267, 27554, 30048];
        int freedoms = (2 * width) - (isStereo && width == 2 ? 2 : 1);
        int share = (bits + (freedoms * offset)) / freedoms;
        share = Math.Min(Math.Min(bits - cap - 32, share), 64);
        return share < 4 ? 1 : ((powers[share & 7] >> (14 - (share >> 3))) + 1) >> 1 << 1;
    }

    // The lower half is three times as likely as the upper one.
    private static int ReadStepped(RangeDecoder range, int steps)
    {
        int half = steps / 2;
        int likely = 3 * (half + 1);
        uint total = (uint)(likely + half);
        int found = (int)range.Locate(total);
        if (found < likely)
        {
            int step = found / 3;
            range.Take((uint)(3 * step), (uint)(3 * step) + 3, total);
            return step;
        }

        range.Take((uint)found, (uint)found + 1, total);
        return half + 1 + found - likely;
    }

    // The middle is the most likely.
    private static int ReadTriangular(RangeDecoder range, int steps)
    {
        int half = steps >> 1;
        int total = (half + 1) * (half + 1);
        int found = (int)range.Locate((uint)total);
        int theta;
        int low;
        int width;
        if (found < half * (half + 1) >> 1)
        {
            theta = (Root((8 * found) + 1) - 1) >> 1;
            width = theta + 1;
            low = theta * (theta + 1) >> 1;
        }
        else
        {
            theta = ((2 * (steps + 1)) - Root((8 * (total - found - 1)) + 1)) >> 1;
            width = steps + 1 - theta;
            low = total - (width * (width + 1) >> 1);
        }

        range.Take((uint)low, (uint)(low + width), (uint)total);
        return theta;
    }

    private static int Root(int square)
    {
        int root = (int)Math.Sqrt(square);
        return root;
    }

    private static int Product(int one, int other) => (16384 + ((short)one * (short)other)) >> 15;

    // Section 4.3.4.4: whole numbers, as the division of bits follows from it.
    private static int Cosine(int theta)
    {
        int square = (4096 + (theta * theta)) >> 13;
        return 1 + 32767 - square + Product(square, -7651 + Product(square, 8277 + Product(-626, square)));
    }

    // The logarithm of a tangent, in 1/2048.
    private static int LogTangent(int sine, int cosine)
    {
        int sineLog = 32 - BitOperations.LeadingZeroCount((uint)sine);
        int cosineLog = 32 - BitOperations.LeadingZeroCount((uint)cosine);
        cosine <<= 15 - cosineLog;
        sine <<= 15 - sineLog;
        return ((sineLog - cosineLog) << 11) + Product(sine, Product(sine, -2597) + 7932)
            - Product(cosine, Product(cosine, -2597) + 7932);
    }
}
