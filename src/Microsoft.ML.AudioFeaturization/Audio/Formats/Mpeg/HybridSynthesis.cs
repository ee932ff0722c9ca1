using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>
/// From the 576 lines of a granule of layer III to 18 samples of each of 32 subbands: alias reduction, inverse cosine transform,
/// window, overlap, and the inversion of every other sample. ISO/IEC 11172-3, 2.4.3.4.10.
/// </summary>
internal sealed class HybridSynthesis
{
    /// <summary>Block type of three short transforms.</summary>
    public const int ShortBlock = 2;

    private const int Lines = 18;
    private const int Stride = PolyphaseSynthesis.Stride;
    private const int Lanes = 8;

    // One matrix for each block type and for even and odd subbands: what a line adds to 18 samples and to the 18 after them.
    private static readonly float[][] s_transforms = [.. Enumerable.Range(0, 8).Select(i => CreateTransform(i / 2, i % 2 == 1))];

    private static readonly (float Cs, float Ca)[] s_butterflies = CreateButterflies();

    private readonly float[] _overlap = new float[PolyphaseSynthesis.Bands * Stride];

    /// <summary>Forgets the granule before.</summary>
    public void Reset() => Array.Clear(_overlap);

    /// <summary>Transforms a granule.</summary>
    /// <param name="lines">576 lines, those of short blocks with the three windows in turn; overwritten.</param>
    /// <param name="used">Lines from this one on are 0.</param>
    /// <param name="blockType">0 to 3.</param>
    /// <param name="isMixed">Whether the two lowest subbands are of block type 0.</param>
    /// <param name="subbands">Receives (32, <see cref="PolyphaseSynthesis.Stride"/>) samples.</param>
    public void Process(Span<float> lines, int used, int blockType, bool isMixed, Span<float> subbands)
    {
        int bands = (used + Lines - 1) / Lines;
        int boundaries = blockType != ShortBlock ? Math.Min(bands, PolyphaseSynthesis.Bands - 1) : isMixed ? 1 : 0;
        for (int boundary = 1; boundary <= boundaries; boundary++)
        {
            ReduceAliases(lines.Slice((boundary * Lines) - 8, 16));
        }

        // The butterflies carry lines into the subband above.
        bands = Math.Min(bands + 1, PolyphaseSynthesis.Bands);
        for (int band = 0; band < bands; band++)
        {
            int type = isMixed && band < 2 ? 0 : blockType;
            Transform(
                lines.Slice(band * Lines, Lines),
                s_transforms[(2 * type) + (band & 1)],
                _overlap.AsSpan(band * Stride, Stride),
                subbands.Slice(band * Stride, Stride));
        }

        int rest = bands * Stride;
        _overlap.AsSpan(rest).CopyTo(subbands[rest..]);
        _overlap.AsSpan(rest).Clear();
    }

    private static void ReduceAliases(Span<float> lines)
    {
        for (int i = 0; i < s_butterflies.Length; i++)
        {
            (float cs, float ca) = s_butterflies[i];
            float below = lines[7 - i];
            float above = lines[8 + i];
            lines[7 - i] = (below * cs) - (above * ca);
            lines[8 + i] = (above * cs) + (below * ca);
        }
    }

    private static void Transform(ReadOnlySpan<float> lines, float[] transform, Span<float> overlap, Span<float> samples)
    {
        Vector256<float> now0 = default;
        Vector256<float> now1 = default;
        Vector256<float> now2 = default;
        Vector256<float> next0 = default;
        Vector256<float> next1 = default;
        Vector256<float> next2 = default;
        ref float row = ref transform[0];
        for (int k = 0; k < lines.Length; k++)
        {
            Vector256<float> line = Vector256.Create(lines[k]);
            nuint place = (nuint)(k * 2 * Stride);
            now0 = Vector256.FusedMultiplyAdd(line, Vector256.LoadUnsafe(ref row, place), now0);
            now1 = Vector256.FusedMultiplyAdd(line, Vector256.LoadUnsafe(ref row, place + Lanes), now1);
            now2 = Vector256.FusedMultiplyAdd(line, Vector256.LoadUnsafe(ref row, place + (2 * Lanes)), now2);
            next0 = Vector256.FusedMultiplyAdd(line, Vector256.LoadUnsafe(ref row, place + (3 * Lanes)), next0);
            next1 = Vector256.FusedMultiplyAdd(line, Vector256.LoadUnsafe(ref row, place + (4 * Lanes)), next1);
            next2 = Vector256.FusedMultiplyAdd(line, Vector256.LoadUnsafe(ref row, place + (5 * Lanes)), next2);
        }

        ref float before = ref overlap[0];
        ref float output = ref samples[0];
        (now0 + Vector256.LoadUnsafe(ref before)).StoreUnsafe(ref output);
        (now1 + Vector256.LoadUnsafe(ref before, Lanes)).StoreUnsafe(ref output, Lanes);
        (now2 + Vector256.LoadUnsafe(ref before, 2 * Lanes)).StoreUnsafe(ref output, 2 * Lanes);
        next0.StoreUnsafe(ref before);
        next1.StoreUnsafe(ref before, Lanes);
        next2.StoreUnsafe(ref before, 2 * Lanes);
    }

    private static (float Cs, float Ca)[] CreateButterflies()
    {
        // ISO/IEC 11172-3, Table B.9.
        double[] coefficients = [-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037];
        return Array.ConvertAll(coefficients, c => ((float)(1 / Math.Sqrt(1 + (c * c))), (float)(c / Math.Sqrt(1 + (c * c)))));
    }

    private static float[] CreateTransform(int blockType, bool isOddBand)
    {
        var transform = new float[Lines * 2 * Stride];
        for (int k = 0; k < Lines; k++)
        {
            for (int i = 0; i < 2 * Lines; i++)
            {
                double value = blockType == ShortBlock ? ShortAt(k, i) : LongWindow(blockType, i) * CosineAt(36, k, i);
                int slot = i % Lines;
                int place = (((2 * k) + (i / Lines)) * Stride) + slot;
                transform[place] = (float)(isOddBand && slot % 2 == 1 ? -value : value);
            }
        }

        return transform;
    }

    // Line k is the (k / 3)-th of window k % 3, of which the first begins at sample 6.
    private static double ShortAt(int k, int i)
    {
        int place = i - 6 - (6 * (k % 3));
        return place is >= 0 and < 12 ? Sine(12, place) * CosineAt(12, k / 3, place) : 0;
    }

    private static double CosineAt(int length, int k, int i) =>
        Math.Cos(Math.PI / (2 * length) * ((2 * i) + 1 + (length / 2)) * ((2 * k) + 1));

    private static double LongWindow(int blockType, int i) => (blockType, i) switch
    {
        (1, >= 30) or (3, < 6) => 0,
        (1, >= 24) => Sine(12, i - 18),
        (1, >= 18) or (3, >= 12 and < 18) => 1,
        (3, < 12) => Sine(12, i - 6),
        _ => Sine(36, i),
    };

    private static double Sine(int length, int i) => Math.Sin(Math.PI / length * (i + 0.5));
}
