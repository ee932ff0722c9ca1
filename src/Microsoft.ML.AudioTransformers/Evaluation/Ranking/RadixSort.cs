using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>
/// Radix sort of scores in descending order, by integer keys, in linear time: the average precision of AudioSet's evaluation
/// set sorts ten million scores.
/// </summary>
internal static class RadixSort
{
    private const int DigitBits = 11;
    private const int DigitCount = 1 << DigitBits;
    private const int ComparisonSortLimit = 512;

    /// <summary>
    /// Sort key of a score, which must not be NaN: smaller the higher the score is, equal for equal scores.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint DescendingKey(float score)
    {
        // Adding 0 makes the negative zero the positive one, which it equals.
        int bits = BitConverter.SingleToInt32Bits(score + 0f);
        return ~((uint)bits ^ ((uint)(bits >> 31) | 0x80000000u));
    }

    /// <summary>Score of a key.</summary>
    public static float Score(uint key)
    {
        uint ascending = ~key;
        uint bits = (ascending & 0x80000000u) != 0 ? ascending ^ 0x80000000u : ~ascending;
        return BitConverter.UInt32BitsToSingle(bits);
    }

    /// <summary>Sorts <paramref name="keys"/> ascending.</summary>
    /// <param name="keys">Keys, sorted in place.</param>
    /// <param name="scratch">Scratch memory, at least as long; its content is lost.</param>
    public static void Sort(Span<uint> keys, Span<uint> scratch)
    {
        if (keys.Length <= ComparisonSortLimit)
        {
            keys.Sort();
            return;
        }

        // Three digits of 11, 11 and 10 bits, the lowest first; all are counted in one pass.
        Span<int> counts = stackalloc int[3 * DigitCount];
        counts.Clear();
        foreach (uint key in keys)
        {
            counts[(int)(key & (DigitCount - 1))]++;
            counts[DigitCount + (int)(key >> DigitBits & (DigitCount - 1))]++;
            counts[2 * DigitCount + (int)(key >> (2 * DigitBits))]++;
        }

        Span<uint> source = keys;
        Span<uint> target = scratch[..keys.Length];
        for (int digit = 0; digit < 3; digit++)
        {
            if (Scatter(source, target, counts.Slice(digit * DigitCount, DigitCount), digit * DigitBits))
            {
                Span<uint> sorted = target;
                target = source;
                source = sorted;
            }
        }

        if (!Unsafe.AreSame(ref MemoryMarshal.GetReference(source), ref MemoryMarshal.GetReference(keys)))
        {
            source.CopyTo(keys);
        }
    }

    /// <summary>Moves the keys to their places by one digit; false, and nothing moved, where all have the same digit.</summary>
    private static bool Scatter(ReadOnlySpan<uint> source, Span<uint> target, Span<int> counts, int shift)
    {
        int start = 0;
        for (int digit = 0; digit < counts.Length; digit++)
        {
            int count = counts[digit];
            if (count == source.Length)
            {
                return false;
            }

            counts[digit] = start;
            start += count;
        }

        foreach (uint key in source)
        {
            target[counts[(int)(key >> shift & (DigitCount - 1))]++] = key;
        }

        return true;
    }
}
