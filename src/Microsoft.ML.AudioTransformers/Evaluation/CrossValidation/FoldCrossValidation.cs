using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Cross-validation over the folds that a column names, such as the official folds of a dataset.</summary>
internal static class FoldCrossValidation
{
    /// <summary>For each fold, fits on the rows of all other folds and evaluates on the fold's own.</summary>
    /// <param name="mlContext">Context.</param>
    /// <param name="data">Rows of all folds.</param>
    /// <param name="estimator">Estimator to fit.</param>
    /// <param name="foldColumnName">Fold column: text, a number or a key.</param>
    /// <param name="evaluate">Metrics of scored rows.</param>
    /// <param name="keepModels">Whether the models of the folds are kept; otherwise each is disposed after its fold.</param>
    /// <exception cref="ArgumentException">There are fewer than two folds, or a row has none.</exception>
    public static FoldMetrics<TMetrics> Run<TMetrics>(
        MLContext mlContext,
        IDataView data,
        IEstimator<ITransformer> estimator,
        string foldColumnName,
        Func<IDataView, TMetrics> evaluate,
        bool keepModels)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(estimator);
        IHost host = ((IHostEnvironment)mlContext).Register("FoldCrossValidation");
        using IChannel channel = host.Start("CrossValidate");
        DataViewSchema.Column column = SchemaChecks.GetColumn(data.Schema, foldColumnName, "Fold");
        string[] folds = FoldsOf(data, column);
        if (folds.Length < 2)
        {
            throw new ArgumentException(
                $"Column '{foldColumnName}' names {folds.Length} folds; expected at least two.", nameof(foldColumnName));
        }

        var results = new List<FoldResult<TMetrics>>();
        foreach (string fold in folds)
        {
            channel.Info(MessageSensitivity.None, "Fold {0} of {1}.", results.Count + 1, folds.Length);
            ITransformer model = estimator.Fit(new FoldDataView(data, column, fold, without: true));
            TMetrics metrics = evaluate(model.Transform(new FoldDataView(data, column, fold, without: false)));
            results.Add(new FoldResult<TMetrics>(fold, metrics, keepModels ? model : null));
            if (!keepModels)
            {
                (model as IDisposable)?.Dispose();
            }
        }

        return new FoldMetrics<TMetrics>(results);
    }

    private static string[] FoldsOf(IDataView data, DataViewSchema.Column column)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Func<string> reader = GroupReader.Of(cursor, column, "Fold");
        var folds = new HashSet<string>(StringComparer.Ordinal);
        while (cursor.MoveNext())
        {
            folds.Add(reader());
        }

        return GroupReader.Sort(folds);
    }
}
