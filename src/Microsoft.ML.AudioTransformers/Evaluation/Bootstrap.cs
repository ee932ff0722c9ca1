using System.Globalization;
using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Confidence interval of a metric, from bootstrap resamples of the clips.</summary>
/// <param name="Estimate">The metric over all clips, not resampled.</param>
/// <param name="Lower">Lower end; NaN where no resample has the metric.</param>
/// <param name="Upper">Upper end; NaN where no resample has the metric.</param>
/// <param name="Level">Confidence level, 0 to 1: the share of resamples whose metric lies within the interval.</param>
public sealed record ConfidenceInterval(double Estimate, double Lower, double Upper, double Level)
{
    /// <summary>For example <c>0.4712 (95 %: 0.4581 to 0.4840)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Estimate:F4} ({100 * Level:0.##} %: {Lower:F4} to {Upper:F4})");
}

/// <summary>Percentile bootstrap (Efron 1979): the metric over many resamples, drawn from the clips with replacement.</summary>
internal static class Bootstrap
{
    /// <summary>Confidence interval of a metric.</summary>
    /// <param name="clipCount">Clips, 1 or more.</param>
    /// <param name="metric">Metric of the clips with the given indices, of which some come more than once. Where it is NaN,
    /// the resample is left out. The array is reused.</param>
    /// <param name="estimate">Metric over all clips.</param>
    /// <param name="resampleCount">Resamples, 1 or more.</param>
    /// <param name="level">Confidence level, above 0 and below 1.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static ConfidenceInterval Interval(
        int clipCount, Func<int[], double> metric, double estimate, int resampleCount, double level, int seed)
    {
        Check(clipCount, resampleCount, level);
        var values = new double[resampleCount];
        var sample = new int[clipCount];
        for (int resample = 0; resample < resampleCount; resample++)
        {
            Draw(sample, seed, resample);
            values[resample] = metric(sample);
        }

        return Interval(values, estimate, level);
    }

    /// <summary>Confidence intervals of several metrics of the same resamples, which are computed on all cores.</summary>
    /// <param name="clipCount">Clips, 1 or more.</param>
    /// <param name="metrics">Metrics of the clips with the given indices; it is called on several threads at once.</param>
    /// <param name="estimates">Metrics over all clips.</param>
    /// <param name="resampleCount">Resamples, 1 or more.</param>
    /// <param name="level">Confidence level, above 0 and below 1.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static ConfidenceInterval[] Intervals(
        int clipCount, Func<int[], double[]> metrics, double[] estimates, int resampleCount, double level, int seed)
    {
        Check(clipCount, resampleCount, level);
        var values = new double[resampleCount][];
        Parallel.For(
            0,
            resampleCount,
            () => new int[clipCount],
            (resample, _, sample) =>
            {
                Draw(sample, seed, resample);
                values[resample] = metrics(sample);
                return sample;
            },
            _ => { });
        return [.. estimates.Select((estimate, i) => Interval(values.Select(resample => resample[i]), estimate, level))];
    }

    private static void Check(int clipCount, int resampleCount, double level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clipCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(resampleCount, 1);
        if (!(level > 0 && level < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(level), level, $"The level is {level}; expected a share above 0 and below 1.");
        }
    }

    private static void Draw(int[] sample, int seed, int resample)
    {
        Random random = SeededRandom.ForResample(seed, resample);
        for (int i = 0; i < sample.Length; i++)
        {
            sample[i] = random.Next(sample.Length);
        }
    }

    private static ConfidenceInterval Interval(IEnumerable<double> values, double estimate, double level)
    {
        List<double> ascending = [.. values.Where(value => !double.IsNaN(value)).Order()];
        return new ConfidenceInterval(
            estimate, Quantile(ascending, (1 - level) / 2), Quantile(ascending, (1 + level) / 2), level);
    }

    /// <summary>Quantile of ascending values, interpolated linearly; NaN of none.</summary>
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
