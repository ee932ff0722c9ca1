using System.Diagnostics;

namespace AudioMLNet.Benchmarks;

/// <summary>Measures several sides in turns, A B A B, so that whatever else the machine does meets all of them.</summary>
internal static class Turns
{
    private const int Least = 2;

    /// <param name="most">How many turns at most.</param>
    /// <param name="limit">After how much time no further turn begins; there are two at least.</param>
    /// <param name="sides">Each measures once and gives the seconds.</param>
    /// <returns>The seconds of each side.</returns>
    public static Spread[] Take(int most, TimeSpan limit, params IReadOnlyList<Func<double>> sides)
    {
        double[][] seconds = [.. sides.Select(_ => new double[most])];
        int taken = 0;
        for (long start = Stopwatch.GetTimestamp();
            taken < most && (taken < Least || Stopwatch.GetElapsedTime(start) < limit);
            taken++)
        {
            for (int side = 0; side < sides.Count; side++)
            {
                seconds[side][taken] = sides[side]();
            }
        }

        return [.. seconds.Select(all => Spread.Of(all[..taken]))];
    }
}
