using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>How many coefficients of a predictor are taken, as a type, so that code is made for each number.</summary>
internal interface IFlacOrder
{
    /// <summary>An even number, 2 to 12.</summary>
    static abstract int Value { get; }
}

/// <summary>
/// A predictor of FLAC (RFC 9639, section 9.2.5 and 9.2.6): a sample is a weighted sum of those before it, shifted down,
/// plus its residual. The fixed predictors, the polynomials through the last samples, are such sums without a shift.
/// </summary>
/// <remarks>
/// Sums wrap around, as they do in the encoder; what a damaged file makes of that, its checksum tells.
/// </remarks>
internal unsafe struct FlacPredictor
{
    /// <summary>The highest order.</summary>
    public const int MaximumOrder = 32;

    /// <summary>The highest order for which there is code of its own.</summary>
    public const int MaximumShort = 12;

    private static readonly int[][] s_fixed = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

    /// <summary>The coefficients, the last sample's first, zeros beyond the order.</summary>
    public fixed int Narrow[MaximumOrder];

    /// <summary>The same in 64 bits.</summary>
    public fixed long Wide[MaximumOrder];

    /// <summary>The number of coefficients, 0 to <see cref="MaximumOrder"/>.</summary>
    public int Order;

    /// <summary>Bits by which the sum is shifted down, 0 to 15.</summary>
    public int Shift;

    /// <summary>Whether a sum may need more than 32 bits.</summary>
    public bool IsWide;

    /// <summary>The fixed predictor of an order from 0 to 4.</summary>
    public static FlacPredictor Fixed(int order)
    {
        var predictor = new FlacPredictor { Order = order };
        for (int i = 0; i < order; i++)
        {
            predictor.Narrow[i] = s_fixed[order][i];
            predictor.Wide[i] = s_fixed[order][i];
        }

        return predictor;
    }

    /// <summary>The prediction of one sample.</summary>
    /// <param name="x">The place of the sample, behind 12 readable ones.</param>
    /// <param name="last">The sample before it.</param>
    /// <param name="c">The coefficients.</param>
    /// <param name="shift">Bits by which the sum is shifted down.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Predict<TSum, TOrder>(int* x, int last, TSum* c, int shift)
        where TSum : unmanaged, IBinaryInteger<TSum>
        where TOrder : struct, IFlacOrder
    {
        TSum sum = Times(x[-2], c[1]);
        if (TOrder.Value >= 4)
        {
            sum += Times(x[-4], c[3]) + Times(x[-3], c[2]);
        }

        if (TOrder.Value >= 6)
        {
            sum += Times(x[-6], c[5]) + Times(x[-5], c[4]);
        }

        if (TOrder.Value >= 8)
        {
            sum += Times(x[-8], c[7]) + Times(x[-7], c[6]);
        }

        if (TOrder.Value >= 10)
        {
            sum += Times(x[-10], c[9]) + Times(x[-9], c[8]);
        }

        if (TOrder.Value >= 12)
        {
            sum += Times(x[-12], c[11]) + Times(x[-11], c[10]);
        }

        // The last sample is only just known: its product comes last.
        return int.CreateTruncating((sum + Times(last, c[0])) >> shift);
    }

    /// <summary>Makes samples of residuals, in place.</summary>
    /// <param name="samples">The first residual; <see cref="MaximumOrder"/> readable samples lie before it.</param>
    /// <param name="count">How many.</param>
    public void Undo(int* samples, int count)
    {
        fixed (long* c = Wide)
        {
            Undo(samples, count, c, Order, Shift);
        }
    }

    /// <summary>Makes samples of residuals, in place.</summary>
    /// <param name="samples">The first residual; <see cref="MaximumOrder"/> readable samples lie before it.</param>
    /// <param name="count">How many.</param>
    public void Undo(long* samples, int count)
    {
        fixed (long* c = Wide)
        {
            Undo(samples, count, c, Order, Shift);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Undo<TSample>(TSample* samples, int count, long* c, int order, int shift)
        where TSample : unmanaged, IBinaryInteger<TSample>
    {
        int rounded = (order + 3) & ~3;
        TSample* end = samples + count;
        for (TSample* x = samples; x < end; x++)
        {
            long sum = 0;
            for (int j = rounded - 4; j >= 0; j -= 4)
            {
                sum += (long.CreateTruncating(x[-4 - j]) * c[j + 3]) + (long.CreateTruncating(x[-3 - j]) * c[j + 2])
                    + (long.CreateTruncating(x[-2 - j]) * c[j + 1]) + (long.CreateTruncating(x[-1 - j]) * c[j]);
            }

            *x += TSample.CreateTruncating(sum >> shift);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TSum Times<TSum>(int sample, TSum coefficient)
        where TSum : unmanaged, IBinaryInteger<TSum> => TSum.CreateTruncating(sample) * coefficient;
}
