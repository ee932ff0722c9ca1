namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>Reads the shapes of a band of two channels, coded as mid and side (RFC 6716, section 4.3.4.4).</summary>
/// <param name="range">Where from.</param>
/// <param name="invertsPhases">Whether the second channel may be the first one's negative.</param>
internal sealed class CeltStereo(RangeDecoder range, bool invertsPhases)
{
    /// <summary>Reads a band.</summary>
    /// <param name="partition">The band's lines.</param>
    /// <param name="x">Room for the first channel.</param>
    /// <param name="y">Room for the second one.</param>
    /// <param name="bits">Eighths of bits of both.</param>
    /// <param name="blocks">How many blocks alternate.</param>
    /// <param name="low">Lines from which it folds, or empty.</param>
    /// <param name="next">Room for lines from which others fold, or empty.</param>
    /// <param name="fill">The blocks that are to be filled where there are no pulses.</param>
    /// <returns>The blocks that are filled.</returns>
    public uint Read(
        CeltPartition partition, Span<float> x, Span<float> y, int bits, int blocks, ReadOnlySpan<float> low,
        Span<float> next, int fill)
    {
        if (x.Length == 1)
        {
            x[0] = partition.ReadSign();
            y[0] = partition.ReadSign();
            if (!next.IsEmpty)
            {
                next[0] = x[0];
            }

            return 1;
        }

        int filling = fill;
        CeltAngle angle = CeltAngle.Read(
            range, partition, x.Length, ref bits, blocks, blocks, partition.Frame.Level, isStereo: true, ref fill,
            invertsPhases);
        uint filled;
        if (x.Length == 2)
        {
            filled = ReadPair(partition, angle, x, y, bits, blocks, low, next, filling);
        }
        else
        {
            filled = ReadBoth(partition, angle, x, y, bits, blocks, low, next, fill);
            Merge(x, y, angle.First);
        }

        if (angle.IsInverted)
        {
            foreach (ref float line in y)
            {
                line = -line;
            }
        }

        return filled;
    }

    // Of two lines, the weaker channel is the stronger one turned by a quarter: a sign is enough.
    private uint ReadPair(
        CeltPartition partition, CeltAngle angle, Span<float> x, Span<float> y, int bits, int blocks,
        ReadOnlySpan<float> low, Span<float> next, int fill)
    {
        bool hasSign = angle.Theta is not (0 or 16384);
        partition.Remaining -= angle.Cost + (hasSign ? 8 : 0);
        bool isSideStronger = angle.Theta > 8192;
        Span<float> stronger = isSideStronger ? y : x;
        Span<float> weaker = isSideStronger ? x : y;
        float sign = hasSign && range.ReadPlain(1) != 0 ? -1 : 1;
        uint filled = partition.ReadBand(stronger, bits - (hasSign ? 8 : 0), blocks, low, next, 1, fill);
        weaker[0] = -sign * stronger[1];
        weaker[1] = sign * stronger[0];
        for (int i = 0; i < 2; i++)
        {
            float mid = x[i] * angle.First;
            float side = y[i] * angle.Second;
            x[i] = mid - side;
            y[i] = mid + side;
        }

        return filled;
    }

    private static uint ReadBoth(
        CeltPartition partition, CeltAngle angle, Span<float> x, Span<float> y, int bits, int blocks,
        ReadOnlySpan<float> low, Span<float> next, int fill)
    {
        int midBits = Math.Clamp((bits - angle.Delta) / 2, 0, Math.Max(0, bits));
        int sideBits = bits - midBits;
        partition.Remaining -= angle.Cost;
        int start = partition.Remaining;
        uint filled;
        if (midBits >= sideBits)
        {
            filled = partition.ReadBand(x, midBits, blocks, low, next, 1, fill);
            sideBits += CeltPartition.Surplus(midBits, start - partition.Remaining, angle.Theta != 0);
            return filled | partition.ReadBand(y, sideBits, blocks, [], [], angle.Second, fill >> blocks);
        }

        filled = partition.ReadBand(y, sideBits, blocks, [], [], angle.Second, fill >> blocks);
        midBits += CeltPartition.Surplus(sideBits, start - partition.Remaining, angle.Theta != 16384);
        return filled | partition.ReadBand(x, midBits, blocks, low, next, 1, fill);
    }

    private static void Merge(Span<float> x, Span<float> y, float mid)
    {
        float product = 0;
        float side = 0;
        for (int i = 0; i < x.Length; i++)
        {
            product += x[i] * y[i];
            side += y[i] * y[i];
        }

        product *= mid;
        float left = (mid * mid) + side - (2 * product);
        float right = (mid * mid) + side + (2 * product);
        if (left < 6e-4f || right < 6e-4f)
        {
            x.CopyTo(y);
            return;
        }

        float leftGain = 1 / MathF.Sqrt(left);
        float rightGain = 1 / MathF.Sqrt(right);
        for (int i = 0; i < x.Length; i++)
        {
            float m = mid * x[i];
            float s = y[i];
            x[i] = leftGain * (m - s);
            y[i] = rightGain * (m + s);
        }
    }
}
