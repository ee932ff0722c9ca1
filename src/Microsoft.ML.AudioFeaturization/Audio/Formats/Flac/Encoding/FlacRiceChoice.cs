using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac.Encoding;

/// <summary>How the residuals of a subframe are cut into partitions, and with which parameters they are coded.</summary>
internal sealed class FlacRiceChoice
{
    // RFC 9639, section 7: the streamable subset allows 2^8 partitions; more than 2^6 gain nothing.
    private const int MaximumOrder = 6;
    private const int MaximumParameter = 30;

    // Up to here a parameter has 4 bits.
    private const int MaximumShort = 14;

    private readonly ulong[] _sums = new ulong[1 << MaximumOrder];
    private readonly int[] _parameters = new int[1 << MaximumOrder];
    private readonly int[] _candidate = new int[1 << MaximumOrder];

    /// <summary>The logarithm to base 2 of the number of partitions.</summary>
    public int Order { get; private set; }

    /// <summary>Bits of all residuals and parameters.</summary>
    public long Bits { get; private set; }

    /// <summary>Finds the shortest code.</summary>
    /// <param name="residuals">A residual for each sample of the block but the first ones.</param>
    /// <param name="skipped">How many samples of the block come before the residuals.</param>
    public void Choose(ReadOnlySpan<int> residuals, int skipped)
    {
        int block = residuals.Length + skipped;
        int order = Math.Min(MaximumOrder, BitOperations.TrailingZeroCount(block));
        while (order > 0 && block >> order <= skipped)
        {
            order--;
        }

        // The sums of the finest partitions; those of coarser ones are sums of two.
        int partitions = 1 << order;
        int length = block >> order;
        for (int i = 0, start = 0; i < partitions; i++)
        {
            int end = ((i + 1) * length) - skipped;
            ulong sum = 0;
            foreach (int residual in residuals[start..end])
            {
                sum += Fold(residual);
            }

            _sums[i] = sum;
            start = end;
        }

        Bits = long.MaxValue;
        for (; order >= 0; order--)
        {
            Try(order, block, skipped);
            for (int i = 0; i < 1 << order >> 1; i++)
            {
                _sums[i] = _sums[2 * i] + _sums[(2 * i) + 1];
            }
        }
    }

    /// <summary>Writes the code that was found.</summary>
    public void Write(FlacBitWriter writer, ReadOnlySpan<int> residuals, int skipped)
    {
        int partitions = 1 << Order;
        bool isLong = _parameters.AsSpan(0, partitions).ContainsAnyInRange(MaximumShort + 1, MaximumParameter);
        writer.Write(isLong ? 1 : 0, 2);
        writer.Write(Order, 4);
        int length = (residuals.Length + skipped) >> Order;
        for (int i = 0, start = 0; i < partitions; i++)
        {
            int parameter = _parameters[i];
            int end = ((i + 1) * length) - skipped;
            writer.Write(parameter, isLong ? 5 : 4);
            foreach (int residual in residuals[start..end])
            {
                uint folded = Fold(residual);
                writer.WriteUnary(folded >> parameter);
                writer.Write(folded, parameter);
            }

            start = end;
        }
    }

    private static uint Fold(int residual) => (uint)(residual << 1) ^ (uint)(residual >> 31);

    // The bits with a parameter p are estimated as count (p + 1) + sum / 2^p, which is at most one bit a residual too many.
    private void Try(int order, int block, int skipped)
    {
        long total = 6;
        int length = block >> order;
        for (int i = 0; i < 1 << order; i++)
        {
            int count = length - (i == 0 ? skipped : 0);
            ulong mean = _sums[i] / (ulong)Math.Max(1, count);
            int guess = mean == 0 ? 0 : BitOperations.Log2(mean);
            long best = long.MaxValue;
            for (int parameter = Math.Max(0, guess - 1); parameter <= Math.Min(MaximumParameter, guess + 1); parameter++)
            {
                long bits = ((long)count * (parameter + 1)) + (long)(_sums[i] >> parameter);
                if (bits < best)
                {
                    best = bits;
                    _candidate[i] = parameter;
                }
            }

            total += best + 5;
        }

        if (total < Bits)
        {
            Bits = total;
            Order = order;
            _candidate.AsSpan(0, 1 << order).CopyTo(_parameters);
        }
    }
}
