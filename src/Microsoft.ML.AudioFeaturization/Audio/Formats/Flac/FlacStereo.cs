using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>Left and right from left and side, side and right, or mid and side (RFC 9639, section 4.2).</summary>
internal static class FlacStereo
{
    /// <summary>Combines in place channels whose side fits 32 bits.</summary>
    /// <param name="assignment">The frame's channel assignment, 8 to 10.</param>
    /// <param name="first">The first channel as coded; then left.</param>
    /// <param name="second">The second channel as coded; then right.</param>
    public static void Combine(int assignment, Span<int> first, Span<int> second)
    {
        int done = 0;
        Span<Vector<int>> firsts = MemoryMarshal.Cast<int, Vector<int>>(first);
        Span<Vector<int>> seconds = MemoryMarshal.Cast<int, Vector<int>>(second)[..firsts.Length];
        for (int i = 0; i < firsts.Length; i++)
        {
            Vector<int> a = firsts[i];
            Vector<int> b = seconds[i];
            switch (assignment)
            {
                case FlacFrameHeader.LeftSide:
                    seconds[i] = a - b;
                    break;
                case FlacFrameHeader.SideRight:
                    firsts[i] = a + b;
                    break;
                default:
                    // Half the side, its lost bit put back: no sum is wider than a sample then.
                    Vector<int> right = a - (b >> 1);
                    firsts[i] = right + b;
                    seconds[i] = right;
                    break;
            }
        }

        done = firsts.Length * Vector<int>.Count;
        for (int i = done; i < first.Length; i++)
        {
            (first[i], second[i]) = Combine(assignment, first[i], second[i]);
        }
    }

    /// <summary>Combines the channels of 32-bit audio, whose side has 33 bits.</summary>
    /// <param name="assignment">The frame's channel assignment, 8 to 10.</param>
    /// <param name="first">The first channel as coded, unless that is the side; then left.</param>
    /// <param name="second">The second channel as coded, unless that is the side; then right.</param>
    /// <param name="side">The side.</param>
    public static void Combine(int assignment, Span<int> first, Span<int> second, ReadOnlySpan<long> side)
    {
        for (int i = 0; i < side.Length; i++)
        {
            (long left, long right) = assignment switch
            {
                FlacFrameHeader.SideRight => Combine(assignment, side[i], second[i]),
                _ => Combine(assignment, first[i], side[i]),
            };
            first[i] = (int)left;
            second[i] = (int)right;
        }
    }

    private static (T Left, T Right) Combine<T>(int assignment, T a, T b)
        where T : IBinaryInteger<T>
    {
        switch (assignment)
        {
            case FlacFrameHeader.LeftSide:
                return (a, a - b);
            case FlacFrameHeader.SideRight:
                return (a + b, b);
            default:
                T right = a - (b >> 1);
                return (right + b, right);
        }
    }
}
