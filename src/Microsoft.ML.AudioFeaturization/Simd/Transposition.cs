using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.AudioFeaturization.Simd;

/// <summary>Swaps rows and columns of a matrix, by squares of eight where the processor has AVX, and of four.</summary>
internal static unsafe class Transposition
{
    /// <summary>Writes <c>source[row, column]</c> to <c>target[column, row]</c>.</summary>
    /// <param name="source">The matrix.</param>
    /// <param name="sourceStride">From one of its rows to the next.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="target">The transposed matrix.</param>
    /// <param name="targetStride">From one of its rows to the next.</param>
    public static void Run(float* source, long sourceStride, int rows, int columns, float* target, long targetStride)
    {
        int doneRows = 0;
        if (Avx.IsSupported)
        {
            // Portable vectors cannot mix two sources; without that, squares of four take two and a half times as long.
            doneRows = rows - (rows % 8);
            int doneColumns = columns - (columns % 8);
            for (int row = 0; row < doneRows; row += 8)
            {
                for (int column = 0; column < doneColumns; column += 8)
                {
                    SquareOfEight(
                        source + (row * sourceStride) + column,
                        sourceStride,
                        target + (column * targetStride) + row,
                        targetStride);
                }
            }

            Rest(source, sourceStride, 0, doneRows, doneColumns, columns, target, targetStride);
        }

        int lastRows = rows - (rows % 4);
        int lastColumns = columns - (columns % 4);
        for (int row = doneRows; row < lastRows; row += 4)
        {
            for (int column = 0; column < lastColumns; column += 4)
            {
                SquareOfFour(
                    source + (row * sourceStride) + column,
                    sourceStride,
                    target + (column * targetStride) + row,
                    targetStride);
            }
        }

        Rest(source, sourceStride, doneRows, lastRows, lastColumns, columns, target, targetStride);
        Rest(source, sourceStride, lastRows, rows, 0, columns, target, targetStride);
    }

    private static void Rest(
        float* source,
        long sourceStride,
        int row,
        int rows,
        int firstColumn,
        int columns,
        float* target,
        long targetStride)
    {
        for (; row < rows; row++)
        {
            for (int column = firstColumn; column < columns; column++)
            {
                target[(column * targetStride) + row] = source[(row * sourceStride) + column];
            }
        }
    }

    // Swaps the squares of two off the diagonal, then the elements off the diagonal in each.
    private static void SquareOfFour(float* source, long sourceStride, float* target, long targetStride)
    {
        Vector128<float> a = Vector128.Load(source);
        Vector128<float> b = Vector128.Load(source + sourceStride);
        Vector128<float> c = Vector128.Load(source + (2 * sourceStride));
        Vector128<float> d = Vector128.Load(source + (3 * sourceStride));
        Vector128<float> lowHalf = Vector128.Create(-1, -1, 0, 0).AsSingle();
        Vector128<float> ac = Vector128.ConditionalSelect(lowHalf, a, SwapHalves(c));
        Vector128<float> ca = Vector128.ConditionalSelect(lowHalf, SwapHalves(a), c);
        Vector128<float> bd = Vector128.ConditionalSelect(lowHalf, b, SwapHalves(d));
        Vector128<float> db = Vector128.ConditionalSelect(lowHalf, SwapHalves(b), d);
        Vector128<float> even = Vector128.Create(-1, 0, -1, 0).AsSingle();
        Vector128.ConditionalSelect(even, ac, SwapNeighbours(bd)).Store(target);
        Vector128.ConditionalSelect(even, SwapNeighbours(ac), bd).Store(target + targetStride);
        Vector128.ConditionalSelect(even, ca, SwapNeighbours(db)).Store(target + (2 * targetStride));
        Vector128.ConditionalSelect(even, SwapNeighbours(ca), db).Store(target + (3 * targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> SwapHalves(Vector128<float> vector) =>
        Vector128.Shuffle(vector, Vector128.Create(2, 3, 0, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> SwapNeighbours(Vector128<float> vector) =>
        Vector128.Shuffle(vector, Vector128.Create(1, 0, 3, 2));

    // In each half of the rows: pairs of rows interleaved, then pairs of pairs; then the halves are put together.
    private static void SquareOfEight(float* source, long sourceStride, float* target, long targetStride)
    {
        (Vector256<float> a0, Vector256<float> a1, Vector256<float> a2, Vector256<float> a3) =
            Interleave(source, sourceStride);
        (Vector256<float> b0, Vector256<float> b1, Vector256<float> b2, Vector256<float> b3) =
            Interleave(source + (4 * sourceStride), sourceStride);
        Avx.Permute2x128(a0, b0, 0x20).Store(target);
        Avx.Permute2x128(a1, b1, 0x20).Store(target + targetStride);
        Avx.Permute2x128(a2, b2, 0x20).Store(target + (2 * targetStride));
        Avx.Permute2x128(a3, b3, 0x20).Store(target + (3 * targetStride));
        Avx.Permute2x128(a0, b0, 0x31).Store(target + (4 * targetStride));
        Avx.Permute2x128(a1, b1, 0x31).Store(target + (5 * targetStride));
        Avx.Permute2x128(a2, b2, 0x31).Store(target + (6 * targetStride));
        Avx.Permute2x128(a3, b3, 0x31).Store(target + (7 * targetStride));
    }

    // Column i of four rows in the low half of result i, column i + 4 in its high half.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> C0, Vector256<float> C1, Vector256<float> C2, Vector256<float> C3) Interleave(
        float* rows, long stride)
    {
        Vector256<float> r0 = Vector256.Load(rows);
        Vector256<float> r1 = Vector256.Load(rows + stride);
        Vector256<float> r2 = Vector256.Load(rows + (2 * stride));
        Vector256<float> r3 = Vector256.Load(rows + (3 * stride));
        Vector256<float> low01 = Avx.UnpackLow(r0, r1);
        Vector256<float> high01 = Avx.UnpackHigh(r0, r1);
        Vector256<float> low23 = Avx.UnpackLow(r2, r3);
        Vector256<float> high23 = Avx.UnpackHigh(r2, r3);
        return (
            Avx.Shuffle(low01, low23, 0x44),
            Avx.Shuffle(low01, low23, 0xEE),
            Avx.Shuffle(high01, high23, 0x44),
            Avx.Shuffle(high01, high23, 0xEE));
    }
}
