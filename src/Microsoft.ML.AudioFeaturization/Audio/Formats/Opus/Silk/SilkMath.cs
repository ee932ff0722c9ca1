using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>
/// Whole-number arithmetic of the SILK layer, which is the same on all machines (RFC 6716, section 4.2). Where docs say Qn,
/// n bits are a fraction.
/// </summary>
internal static class SilkMath
{
    /// <summary>The product of a number and the low 16 bits of another, in 1/65536, rounded down.</summary>
    public static int Scale(int value, int low) => (int)((value * (long)(short)low) >> 16);

    /// <summary>The product of two numbers in 1/65536, rounded down.</summary>
    public static int Multiply(int value, int other) => (int)((value * (long)other) >> 16);

    /// <summary>The high half of the product of two numbers.</summary>
    public static int High(int value, int other) => (int)((value * (long)other) >> 32);

    /// <summary>Takes bits off, rounding to the nearest.</summary>
    public static int Round(int value, int bits) => bits == 1 ? (value >> 1) + (value & 1) : ((value >> (bits - 1)) + 1) >> 1;

    /// <summary>Takes bits off, rounding to the nearest.</summary>
    public static long Round(long value, int bits) => ((value >> (bits - 1)) + 1) >> 1;

    /// <summary>Limits a number to 16 bits.</summary>
    public static short Saturate(int value) => (short)Math.Clamp(value, short.MinValue, short.MaxValue);

    /// <summary>Limits a number to 32 bits.</summary>
    public static int Saturate(long value) => (int)Math.Clamp(value, int.MinValue, int.MaxValue);

    /// <summary>The next state of the generator of random numbers (section 4.2.7.7).</summary>
    public static int Random(int seed) => unchecked(907633515 + (seed * 196314165));

    /// <summary>Approximates 2^bits / value.</summary>
    public static int Invert(int value, int bits)
    {
        int room = BitOperations.LeadingZeroCount((uint)Math.Abs(value)) - 1;
        int normal = value << room;
        int inverse = (int.MaxValue >> 2) / (normal >> 16);
        int result = inverse << 16;
        int error = ((1 << 29) - Scale(normal, inverse)) << 3;
        result = unchecked(result + Multiply(error, inverse));
        int shift = 61 - room - bits;
        return shift <= 0 ? Saturate((long)result << -shift) : shift < 32 ? result >> shift : 0;
    }

    /// <summary>Approximates value * 2^bits / divisor.</summary>
    public static int Divide(int value, int divisor, int bits)
    {
        int valueRoom = BitOperations.LeadingZeroCount((uint)Math.Abs(value)) - 1;
        int normalValue = value << valueRoom;
        int room = BitOperations.LeadingZeroCount((uint)Math.Abs(divisor)) - 1;
        int normal = divisor << room;
        int inverse = (int.MaxValue >> 2) / (normal >> 16);
        int result = Scale(normalValue, inverse);
        normalValue = unchecked(normalValue - (High(normal, result) << 3));
        result = unchecked(result + Scale(normalValue, inverse));
        int shift = 29 + valueRoom - room - bits;
        return shift < 0 ? Saturate((long)result << -shift) : shift < 32 ? result >> shift : 0;
    }

    /// <summary>Approximates 2^(log / 128) (section 4.2.7.4).</summary>
    public static int Exponential(int log)
    {
        if (log >= 3967)
        {
            return int.MaxValue;
        }

        int power = 1 << (log >> 7);
        int fraction = log & 127;
        int curve = fraction + Scale(fraction * (128 - fraction), -174);
        return log < 2048 ? power + (power * curve >> 7) : power + ((power >> 7) * curve);
    }

    /// <summary>Approximates a square root.</summary>
    public static int Root(int value)
    {
        if (value <= 0)
        {
            return 0;
        }

        int zeros = BitOperations.LeadingZeroCount((uint)value);
        int fraction = (int)(BitOperations.RotateRight((uint)value, 24 - zeros) & 127);
        int root = ((zeros & 1) != 0 ? 32768 : 46214) >> (zeros >> 1);
        return root + Scale(root, 213 * fraction);
    }

    /// <summary>Moves the poles of a filter inwards.</summary>
    public static void Widen(Span<short> filter, int chirp)
    {
        int less = chirp - 65536;
        foreach (ref short weight in filter)
        {
            weight = (short)Round(chirp * weight, 16);
            chirp += Round(chirp * less, 16);
        }
    }

    /// <inheritdoc cref="Widen(Span{short}, int)"/>
    public static void Widen(Span<int> filter, int chirp)
    {
        int less = chirp - 65536;
        foreach (ref int weight in filter)
        {
            weight = Multiply(chirp, weight);
            chirp += Round(chirp * less, 16);
        }
    }

    /// <summary>Takes off what a filter predicts.</summary>
    /// <param name="signal">Samples; those of the filter's order at the start are not predicted, and give 0.</param>
    /// <param name="filter">Weights in Q12 of the samples before.</param>
    /// <param name="residual">Room for as many.</param>
    public static void Whiten(ReadOnlySpan<short> signal, ReadOnlySpan<short> filter, Span<short> residual)
    {
        residual[..filter.Length].Clear();
        for (int i = filter.Length; i < signal.Length; i++)
        {
            int predicted = 0;
            for (int j = 0; j < filter.Length; j++)
            {
                predicted = unchecked(predicted + (signal[i - 1 - j] * filter[j]));
            }

            residual[i] = Saturate(Round(unchecked((signal[i] << 12) - predicted), 12));
        }
    }
}
