using System.Globalization;

namespace AudioMLNet.Benchmarks.Ablation;

/// <summary>Differences of two rows, paired by seed, and what they tell.</summary>
/// <param name="Mean">Mean of the differences.</param>
/// <param name="HalfWidth">Half of the mean's 95 % interval by Student's t; not a number for a single pair.</param>
internal readonly record struct PairedDifference(double Mean, double HalfWidth)
{
    // Student's t at 0.975 for 1 to 20 degrees of freedom.
    private static readonly double[] s_quantiles =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
        2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    ];

    /// <summary>Differences of values to others of the same seeds, at most 21.</summary>
    public static PairedDifference Of(IReadOnlyList<double> values, IReadOnlyList<double> others)
    {
        double[] differences = [.. values.Zip(others, (value, other) => value - other)];
        double mean = differences.Average();
        if (differences.Length < 2)
        {
            return new PairedDifference(mean, double.NaN);
        }

        double squares = differences.Sum(difference => (difference - mean) * (difference - mean));
        double error = Math.Sqrt(squares / (differences.Length - 1) / differences.Length);
        return new PairedDifference(mean, s_quantiles[differences.Length - 2] * error);
    }

    /// <summary>The mean and its interval.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Mean:+0.0;-0.0} ({Mean - HalfWidth:+0.0;-0.0} to {Mean + HalfWidth:+0.0;-0.0})");
}
