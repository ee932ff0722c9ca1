using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>
/// Residuals in Rice's code (RFC 9639, section 9.2.7.2), made samples as they are read: decoding waits for one bit after the
/// other, and a processor can do the products meanwhile.
/// </summary>
internal static unsafe class FlacRice
{
    // What is read at once, less the bits of a byte already passed.
    private const int WholeBits = 56;

    /// <summary>Reads samples up to the first that needs more than 28 bits or so.</summary>
    /// <param name="bytes">The bytes; 16 more may be read behind the last number.</param>
    /// <param name="bit">The first bit; then that behind the last number.</param>
    /// <param name="samples">Room for the samples, behind <see cref="FlacPredictor.MaximumOrder"/> readable ones.</param>
    /// <param name="count">How many; <see cref="WholeBits"/> bits of each may be read.</param>
    /// <param name="parameter">Bits below the unary part, 0 to 30.</param>
    /// <param name="predictor">The predictor, of order 12 at most.</param>
    /// <returns>How many were read.</returns>
    public static int Read(byte* bytes, ref long bit, int* samples, int count, int parameter, ref FlacPredictor predictor)
    {
        int shift = predictor.Shift;
        if (predictor.IsWide)
        {
            fixed (long* c = predictor.Wide)
            {
                return ((predictor.Order + 1) / 2) switch
                {
                    0 or 1 => Read<long, Order2>(bytes, ref bit, samples, count, parameter, c, shift),
                    2 => Read<long, Order4>(bytes, ref bit, samples, count, parameter, c, shift),
                    3 => Read<long, Order6>(bytes, ref bit, samples, count, parameter, c, shift),
                    4 => Read<long, Order8>(bytes, ref bit, samples, count, parameter, c, shift),
                    5 => Read<long, Order10>(bytes, ref bit, samples, count, parameter, c, shift),
                    _ => Read<long, Order12>(bytes, ref bit, samples, count, parameter, c, shift),
                };
            }
        }

        fixed (int* c = predictor.Narrow)
        {
            return ((predictor.Order + 1) / 2) switch
            {
                0 or 1 => Read<int, Order2>(bytes, ref bit, samples, count, parameter, c, shift),
                2 => Read<int, Order4>(bytes, ref bit, samples, count, parameter, c, shift),
                3 => Read<int, Order6>(bytes, ref bit, samples, count, parameter, c, shift),
                4 => Read<int, Order8>(bytes, ref bit, samples, count, parameter, c, shift),
                5 => Read<int, Order10>(bytes, ref bit, samples, count, parameter, c, shift),
                _ => Read<int, Order12>(bytes, ref bit, samples, count, parameter, c, shift),
            };
        }
    }

    /// <summary>The 8 bytes at a place as one number, the first byte the highest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadBigEndian(byte* bytes)
    {
        ulong value = Unsafe.ReadUnaligned<ulong>(bytes);
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Read<TSum, TOrder>(
        byte* bytes, ref long bit, int* samples, int count, int parameter, TSum* c, int shift)
        where TSum : unmanaged, IBinaryInteger<TSum>
        where TOrder : struct, IFlacOrder
    {
        byte* next = bytes + (bit >> 3);
        int offset = (int)(bit & 7);
        ulong cache = ReadBigEndian(next) << offset;
        int valid = 56 - offset;
        next += 7;
        int tail = 63 - parameter;
        int below = parameter + 1;
        int last = samples[-1];
        int* x = samples;
        int* end = samples + (count & ~1);
        for (; x < end; x += 2)
        {
            // Bits of a byte that is not yet counted as valid may be in the cache already: they are the same bits.
            cache |= ReadBigEndian(next) >> valid;
            next += (63 - valid) >> 3;
            valid |= WholeBits;

            int zeros = BitOperations.LeadingZeroCount(cache);
            ulong first = cache << zeros;
            int firstBits = zeros + below;
            ulong rest = cache << firstBits;
            int moreZeros = BitOperations.LeadingZeroCount(rest);
            int bits = firstBits + moreZeros + below;
            if (bits > WholeBits)
            {
                break;
            }

            ulong second = rest << moreZeros;
            cache = rest << (moreZeros + below);
            valid -= bits;
            uint folded = (uint)(((zeros - 1) << parameter) + (int)(first >> tail));
            last = Unfold(folded) + FlacPredictor.Predict<TSum, TOrder>(x, last, c, shift);
            x[0] = last;
            folded = (uint)(((moreZeros - 1) << parameter) + (int)(second >> tail));
            last = Unfold(folded) + FlacPredictor.Predict<TSum, TOrder>(x + 1, last, c, shift);
            x[1] = last;
        }

        bit = (8 * (next - bytes)) - valid;
        return (int)(x - samples);
    }

    // Signs alternate: 0, -1, 1, -2, ...
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Unfold(uint folded) => (int)(folded >> 1) ^ -(int)(folded & 1);

    private readonly struct Order2 : IFlacOrder
    {
        public static int Value => 2;
    }

    private readonly struct Order4 : IFlacOrder
    {
        public static int Value => 4;
    }

    private readonly struct Order6 : IFlacOrder
    {
        public static int Value => 6;
    }

    private readonly struct Order8 : IFlacOrder
    {
        public static int Value => 8;
    }

    private readonly struct Order10 : IFlacOrder
    {
        public static int Value => 10;
    }

    private readonly struct Order12 : IFlacOrder
    {
        public static int Value => 12;
    }
}
