using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.DataOperationsCatalog;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Loaders;

[TestClass]
public class SplitTests
{
    private const int Count = 500;

    private readonly MLContext _ml = new(1);

    public class Row
    {
        public int Index { get; set; }

        public string Voice { get; set; } = "";

        public float Number { get; set; }

        [KeyType(10)]
        public uint Key { get; set; }

        public DateTime Day { get; set; }
    }

    [TestMethod]
    public void EveryRowIsInExactlyOneOfTheTwoSets()
    {
        TrainTestData split = _ml.Data.TrainTestSplit(Rows(), testFraction: 0.3);

        int[] train = Indices(split.TrainSet);
        int[] test = Indices(split.TestSet);
        CollectionAssert.AreEqual(Enumerable.Range(0, Count).ToArray(), train.Concat(test).Order().ToArray());
        // 150 expected with a standard deviation of 10.
        Assert.IsTrue(test.Length is > 100 and < 200, $"{test.Length} of {Count} rows to test");
        CollectionAssert.AreEqual(train, train.Order().ToArray());
        CollectionAssert.AreEqual(Rows().Schema.Select(c => c.Name).ToArray(), split.TestSet.Schema.Select(c => c.Name).ToArray());
    }

    [TestMethod]
    public void TheSeedDecidesTheSplit()
    {
        int[] Test(int? seed, int? contextSeed = null)
            => Indices(new MLContext(contextSeed).Data.TrainTestSplit(Rows(), 0.3, seed: seed).TestSet);

        CollectionAssert.AreEqual(Test(5), Test(5));
        CollectionAssert.AreNotEqual(Test(5), Test(6));
        CollectionAssert.AreEqual(Test(5), Test(null, contextSeed: 5));
        CollectionAssert.AreEqual(Test(null), Test(null));
    }

    [TestMethod]
    public void WithoutASeedTheSplitsAreThoseOfThePackagesDocumentation()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.TakeRows(Rows(), 10);
        int[][] Folds() => ml.Data.CrossValidationSplit(data, 3).Select(fold => Indices(fold.TestSet)).ToArray();

        // The rows that its samples of the two methods print.
        CollectionAssert.AreEqual(new[] { 5, 6 }, Indices(ml.Data.TrainTestSplit(data, 0.2).TestSet));
        CollectionAssert.AreEqual(new[] { 5, 6 }, Folds()[0]);
        CollectionAssert.AreEqual(new[] { 0, 1, 8, 9 }, Folds()[1]);
        CollectionAssert.AreEqual(new[] { 2, 3, 4, 7 }, Folds()[2]);
    }

    [TestMethod]
    [DataRow(nameof(Row.Voice))]
    [DataRow(nameof(Row.Number))]
    [DataRow(nameof(Row.Key))]
    [DataRow(nameof(Row.Day))]
    [DataRow(nameof(Row.Index))]
    public void RowsWithTheSameSamplingKeyStayTogether(string column)
    {
        TrainTestData split = _ml.Data.TrainTestSplit(Rows(), 0.4, samplingKeyColumnName: column);

        var train = _ml.Data.CreateEnumerable<Row>(split.TrainSet, reuseRowObject: false).ToList();
        var test = _ml.Data.CreateEnumerable<Row>(split.TestSet, reuseRowObject: false).ToList();
        Assert.AreEqual(Count, train.Count + test.Count);
        Assert.IsNotEmpty(train);
        Assert.IsNotEmpty(test);
        object KeyOf(Row row) => typeof(Row).GetProperty(column)!.GetValue(row)!;
        CollectionAssert.AreEqual(
            Array.Empty<object>(), train.Select(KeyOf).Intersect(test.Select(KeyOf)).ToArray());
    }

    [TestMethod]
    public void EveryRowIsTestedInExactlyOneFold()
    {
        IReadOnlyList<TrainTestData> folds = _ml.Data.CrossValidationSplit(
            Rows(), numberOfFolds: 4, samplingKeyColumnName: nameof(Row.Voice), seed: 2);

        Assert.HasCount(4, folds);
        CollectionAssert.AreEqual(
            Enumerable.Range(0, Count).ToArray(), folds.SelectMany(fold => Indices(fold.TestSet)).Order().ToArray());
        foreach (TrainTestData fold in folds)
            CollectionAssert.AreEqual(
                Enumerable.Range(0, Count).ToArray(),
                Indices(fold.TrainSet).Concat(Indices(fold.TestSet)).Order().ToArray());
    }

    [TestMethod]
    public void AMissingKeyIsInNeitherSet()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Row>([new() { Key = 3 }, new() { Key = 10 }]);

        TrainTestData split = _ml.Data.TrainTestSplit(data, 0.5, nameof(Row.Key));

        Assert.AreEqual(1, Indices(split.TrainSet).Length + Indices(split.TestSet).Length);
    }

    [TestMethod]
    public void WrongArgumentsAreErrors()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(Rows(), 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(Rows(), 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.CrossValidationSplit(Rows(), 1));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Data.TrainTestSplit(Rows(), 0.5, "Missing"));
        StringAssert.Contains(error.Message, "'Missing'");
    }

    private static int[] Indices(IDataView data) => data.GetColumn<int>("Index").ToArray();

    private IDataView Rows()
        => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, Count).Select(i => new Row
        {
            Index = i,
            Voice = $"voice {i % 20}",
            Number = i % 20,
            Key = (uint)(i % 10),
            Day = new DateTime(2024, 1, 1).AddDays(i % 20),
        }));
}
