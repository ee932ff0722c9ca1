using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Metrics of a cross-validation, fold by fold.</summary>
/// <typeparam name="TMetrics">Metrics of a fold.</typeparam>
public sealed class FoldMetrics<TMetrics>
{
    internal FoldMetrics(IReadOnlyList<FoldResult<TMetrics>> folds) => Folds = folds;

    /// <summary>Folds, in the order of their names: numbers first, ascending.</summary>
    public IReadOnlyList<FoldResult<TMetrics>> Folds { get; }

    /// <summary>Mean of a metric over the folds, unweighted, for example <c>folds.Average(m => m.Accuracy)</c>.</summary>
    /// <param name="metric">Metric.</param>
    public double Average(Func<TMetrics, double> metric) => Folds.Average(fold => metric(fold.Metrics));

    /// <summary>Sample standard deviation (n - 1) of a metric over the folds.</summary>
    /// <param name="metric">Metric.</param>
    public double StandardDeviation(Func<TMetrics, double> metric) =>
        MetricSummary.StandardDeviation([.. Folds.Select(fold => metric(fold.Metrics))]);

    /// <summary>Table of a metric in plain text, one fold a line, with average and standard deviation.</summary>
    /// <param name="name">Heading.</param>
    /// <param name="metric">Metric.</param>
    public string GetFormattedTable(string name, Func<TMetrics, double> metric) => MetricSummary.Table(
        "fold", name, [.. Folds.Select(fold => (fold.Fold, metric(fold.Metrics)))]);
}

/// <summary>One fold of a cross-validation.</summary>
/// <typeparam name="TMetrics">Metrics of a fold.</typeparam>
/// <param name="Fold">Name of the fold.</param>
/// <param name="Metrics">Metrics of the model on the rows of the fold.</param>
/// <param name="Model">Model, fitted on the rows of all other folds; null where models are not kept.</param>
public sealed record FoldResult<TMetrics>(string Fold, TMetrics Metrics, ITransformer? Model);
