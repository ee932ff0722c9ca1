using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public abstract partial class TrainCatalogBase
{
    private protected (ITransformer Model, IDataView Scores, int Fold)[] CrossValidateTrain(
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds,
        string samplingKeyColumnName,
        int? seed)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckValue(estimator, nameof(estimator));
        return DataOperationsCatalog.Folds(Environment, data, numberOfFolds, samplingKeyColumnName, seed)
            .Select((fold, i) =>
            {
                ITransformer model = estimator.Fit(fold.TrainSet);
                // What a chain does only in training belongs to the test rows too: their labels are mapped there.
                IDataView scores = model is IScopedTransformer chain
                    ? chain.Transform(fold.TestSet, TransformerScope.Everything)
                    : model.Transform(fold.TestSet);
                return (model, scores, i);
            })
            .ToArray();
    }

    /// <summary>The model of one fold, and how well it does on the rows that it was not fitted on.</summary>
    public sealed class CrossValidationResult<T>
        where T : class
    {
        public readonly T Metrics;

        public readonly ITransformer Model;

        public readonly IDataView ScoredHoldOutSet;

        public readonly int Fold;

        internal CrossValidationResult(ITransformer model, T metrics, IDataView scores, int fold)
        {
            Model = model;
            Metrics = metrics;
            ScoredHoldOutSet = scores;
            Fold = fold;
        }
    }
}
