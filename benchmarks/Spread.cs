using System.Globalization;

namespace AudioMLNet.Benchmarks;

/// <summary>Repeated measurements of one thing.</summary>
/// <param name="Median">The middle one; the mean of the middle two of an even count.</param>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The most.</param>
/// <param name="Count">How many there are.</param>
internal sealed record Spread(double Median, double Minimum, double Maximum, int Count)
{
    /// <summary>Of these measurements, one or more.</summary>
    public static Spread Of(IEnumerable<double> measurements)
    {
        double[] ordered = [.. measurements.Order()];
        double median = (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
        return new Spread(median, ordered[0], ordered[^1], ordered.Length);
    }

    /// <summary>How much is done in a second where these are the seconds that an amount took.</summary>
    public Spread RateOf(double amount) => new(amount / Median, amount / Maximum, amount / Minimum, Count);

    /// <summary>The median, and in parentheses the range where there is one.</summary>
    public override string ToString() => Count == 1
        ? Digits(Median)
        : $"{Digits(Median)} ({Digits(Minimum)} to {Digits(Maximum)})";

    /// <summary>A number with as many digits as a reader needs.</summary>
    public static string Digits(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "F0" : "G3", CultureInfo.InvariantCulture);
}
