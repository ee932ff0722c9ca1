using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed partial class DataOperationsCatalog
{
    /// <summary>Splits the rows at random, or by the values of a column: rows with the same value stay together.</summary>
    public TrainTestData TrainTestSplit(
        IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckParam(
            testFraction > 0 && testFraction < 1, nameof(testFraction), "Must be between 0 and 1 exclusive");
        var splitter = RowSplitter.Create(_env, data, samplingKeyColumnName, seed);
        return new TrainTestData(
            splitter.Rows(0, testFraction, includeUpper: false, inside: false),
            splitter.Rows(0, testFraction, includeUpper: false, inside: true));
    }

    /// <summary>As many pairs of training and test rows as there are folds, each row tested in one of them.</summary>
    public IReadOnlyList<TrainTestData> CrossValidationSplit(
        IDataView data, int numberOfFolds = 5, string samplingKeyColumnName = null, int? seed = null)
        => Folds(_env, data, numberOfFolds, samplingKeyColumnName, seed);

    internal static TrainTestData[] Folds(
        IHostEnvironment env, IDataView data, int numberOfFolds, string samplingKeyColumnName, int? seed)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckParam(numberOfFolds > 1, nameof(numberOfFolds), "Must be more than 1");
        var splitter = RowSplitter.Create(env, data, samplingKeyColumnName, seed);
        return Enumerable.Range(0, numberOfFolds)
            .Select(fold =>
            {
                double lower = (double)fold / numberOfFolds;
                double upper = (double)(fold + 1) / numberOfFolds;
                return new TrainTestData(
                    splitter.Rows(lower, upper, includeUpper: true, inside: false),
                    splitter.Rows(lower, upper, includeUpper: true, inside: true));
            })
            .ToArray();
    }

    public struct TrainTestData
    {
        public readonly IDataView TrainSet;

        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet)
        {
            TrainSet = trainSet;
            TestSet = testSet;
        }
    }
}
