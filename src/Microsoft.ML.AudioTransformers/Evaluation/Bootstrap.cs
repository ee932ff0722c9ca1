using System.Globalization;
using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers;

/// <summary>A metric and how far it would vary with other clips of the same kind.</summary>
/// <param name="Estimate">The metric over the clips as they are.</param>
/// <param name="Lower">The interval's lower end.</param>
/// <param name="Upper">The interval's upper end.</param>
/// <param name="Level">The share of resampled metrics that lies within the interval, 0 to 1.</param>
public sealed record ConfidenceInterval(double Estimate, double Lower, double Upper, double Level)
{
    /// <summary>For example <c>0.4712 (95 %: 0.4581 to 0.4840)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Estimate:F4} ({100 * Level:0.##} %: {Lower:F4} to {Upper:F4})");
}

/// <summary>Percentile bootstrap over clips (Efron 1979): the metric of many samples drawn from the clips themselves.
/// </summary>
internal static class Bootstrap
{
    /// <summary>The interval of a metric over resampled clips.</summary>
    /// <param name="clipCount">How many clips there are, 1 or more.</param>
    /// <param name="metric">The metric of the clips with the given indices; an index may come more than once. Where it
    /// is NaN, the resample is left out.</param>
    /// <param name="estimate">The metric over all clips.</param>
    /// <param name="resampleCount">How many samples to draw, 1 or more.</param>
    /// <param name="level">The share of the samples' metrics within the interval, above 0 and below 1.</param>
    /// <param name="seed">The seed of the draws.</param>
    public static ConfidenceInterval Interval(
        int clipCount, Func<int[], double> metric, double estimate, int resampleCount, double level, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clipCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(resampleCount, 1);
        if (!(level > 0 && level < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(level), level, $"The level is {level}; expected a share above 0 and below 1.");
        }

        var values = new List<double>(resampleCount);
        var sample = new int[clipCount];
        for (int resample = 0; resample < resampleCount; resample++)
        {
            Random random = SeededRandom.ForResample(seed, resample);
            for (int i = 0; i < sample.Length; i++)
            {
                sample[i] = random.Next(clipCount);
            }

            double value = metric(sample);
            if (!double.IsNaN(value))
            {
                values.Add(value);
            }
        }

        values.Sort();
        return new ConfidenceInterval(
            estimate, Quantile(values, (1 - level) / 2), Quantile(values, (1 + level) / 2), level);
    }

    /// <summary>The quantile of ascending values, interpolated linearly; NaN of none.</summary>
    private static double Quantile(List<double> ascending, double share)
    {
        if (ascending.Count == 0)
        {
            return double.NaN;
        }

        double position = share * (ascending.Count - 1);
        int below = (int)position;
        double rest = position - below;
        return rest == 0 ? ascending[below] : ascending[below] + rest * (ascending[below + 1] - ascending[below]);
    }
}
