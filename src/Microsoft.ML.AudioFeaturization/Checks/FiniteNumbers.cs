using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>Search for numbers that are infinite or none, as fast as memory gives them.</summary>
internal static class FiniteNumbers
{
    // Twice the bits of a number without its sign, so that one comparison is enough: infinity, above which lie only NaNs.
    private const uint InfinityTwice = 0x7F800000u << 1;

    /// <summary>Place of the first number that is not finite; -1 where all are.</summary>
    public static int FirstOther(ReadOnlySpan<float> values)
    {
        int place = AreFinite(values) ? values.Length : 0;
        while (place < values.Length && float.IsFinite(values[place]))
        {
            place++;
        }

        return place < values.Length ? place : -1;
    }

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        ReadOnlySpan<Vector<uint>> vectors = MemoryMarshal.Cast<uint, Vector<uint>>(bits);
        Vector<uint> largest = Vector<uint>.Zero;
        foreach (Vector<uint> vector in vectors)
        {
            largest = Vector.Max(largest, vector << 1);
        }

        if (Vector.GreaterThanOrEqualAny(largest, new Vector<uint>(InfinityTwice)))
        {
            return false;
        }

        foreach (uint value in bits[(vectors.Length * Vector<uint>.Count)..])
        {
            if (value << 1 >= InfinityTwice)
            {
                return false;
            }
        }

        return true;
    }
}
