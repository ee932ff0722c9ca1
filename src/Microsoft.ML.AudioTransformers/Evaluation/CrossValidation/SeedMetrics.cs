using System.Globalization;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Metrics of the same training from several seeds, seed by seed.</summary>
/// <typeparam name="TMetrics">Metrics of a training.</typeparam>
public sealed class SeedMetrics<TMetrics>
{
    internal SeedMetrics(IReadOnlyList<SeedResult<TMetrics>> seeds) => Seeds = seeds;

    /// <summary>Results, in the order in which the seeds were given.</summary>
    public IReadOnlyList<SeedResult<TMetrics>> Seeds { get; }

    /// <summary>Mean of a metric over the seeds, for example <c>seeds.Average(m => m.Accuracy)</c>.</summary>
    /// <param name="metric">Metric.</param>
    public double Average(Func<TMetrics, double> metric) => Seeds.Average(seed => metric(seed.Metrics));

    /// <summary>Sample standard deviation (n - 1) of a metric over the seeds.</summary>
    /// <param name="metric">Metric.</param>
    public double StandardDeviation(Func<TMetrics, double> metric) =>
        MetricSummary.StandardDeviation([.. Seeds.Select(seed => metric(seed.Metrics))]);

    /// <summary>Table of a metric in plain text, one seed a line, with average and standard deviation.</summary>
    /// <param name="name">Heading.</param>
    /// <param name="metric">Metric.</param>
    public string GetFormattedTable(string name, Func<TMetrics, double> metric) => MetricSummary.Table(
        "seed",
        name,
        [.. Seeds.Select(seed => (seed.Seed.ToString(CultureInfo.InvariantCulture), metric(seed.Metrics)))]);
}

/// <summary>One of several trainings that differ in their seed.</summary>
/// <typeparam name="TMetrics">Metrics of a training.</typeparam>
/// <param name="Seed">Seed.</param>
/// <param name="Metrics">Metrics of the model on the test set.</param>
/// <param name="Model">Model; null where models are not kept.</param>
public sealed record SeedResult<TMetrics>(int Seed, TMetrics Metrics, ITransformer? Model);
