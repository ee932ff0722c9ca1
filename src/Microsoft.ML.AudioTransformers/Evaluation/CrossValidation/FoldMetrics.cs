using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What cross-validation gave in each fold.</summary>
/// <typeparam name="TMetrics">The metrics of a fold.</typeparam>
public sealed class FoldMetrics<TMetrics>
{
    internal FoldMetrics(IReadOnlyList<FoldResult<TMetrics>> folds) => Folds = folds;

    /// <summary>The folds, in the order of their names.</summary>
    public IReadOnlyList<FoldResult<TMetrics>> Folds { get; }

    /// <summary>The mean of a metric over the folds, each counting alike, for example
    /// <c>folds.Average(m => m.Accuracy)</c>.</summary>
    public double Average(Func<TMetrics, double> metric) => Folds.Average(fold => metric(fold.Metrics));

    /// <summary>The sample standard deviation of a metric over the folds.</summary>
    public double StandardDeviation(Func<TMetrics, double> metric)
    {
        double mean = Average(metric);
        return Math.Sqrt(Folds.Sum(fold => Math.Pow(metric(fold.Metrics) - mean, 2)) / (Folds.Count - 1));
    }

    /// <summary>A metric of each fold, one a line, with average and standard deviation.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="metric">The metric.</param>
    public string GetFormattedTable(string name, Func<TMetrics, double> metric)
    {
        var table = new TextTable("fold", name);
        foreach (FoldResult<TMetrics> fold in Folds)
        {
            table.Add(fold.Fold, TextTable.Number(metric(fold.Metrics)));
        }

        return table
            .Add("average", TextTable.Number(Average(metric)))
            .Add("standard deviation", TextTable.Number(StandardDeviation(metric)))
            .ToString();
    }
}

/// <summary>One fold of a cross-validation.</summary>
/// <typeparam name="TMetrics">The metrics of a fold.</typeparam>
/// <param name="Fold">The fold's name.</param>
/// <param name="Metrics">How the model did on the fold's rows.</param>
/// <param name="Model">The model, fitted on the rows of all other folds; null where models are not kept.</param>
public sealed record FoldResult<TMetrics>(string Fold, TMetrics Metrics, ITransformer? Model);
