using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Loaders;

/// <summary>Taking, skipping, filtering, shuffling and caching rows.</summary>
[TestClass]
public class RowsTests
{
    private readonly MLContext _ml = new(1);

    public class Row
    {
        public int Index { get; set; }

        public float Value { get; set; }

        [VectorType(2)]
        public float[] Pair { get; set; } = [];
    }

    [TestMethod]
    public void TakenAndSkippedRowsFollowEachOther()
    {
        IDataView data = Rows(10);

        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, Indices(_ml.Data.TakeRows(data, 3)));
        CollectionAssert.AreEqual(new[] { 8, 9 }, Indices(_ml.Data.SkipRows(data, 8)));
        CollectionAssert.AreEqual(new[] { 3, 4 }, Indices(_ml.Data.TakeRows(_ml.Data.SkipRows(data, 3), 2)));
        CollectionAssert.AreEqual(Array.Empty<int>(), Indices(_ml.Data.SkipRows(data, 20)));
        Assert.HasCount(10, Indices(_ml.Data.TakeRows(data, 20)));
    }

    [TestMethod]
    public void AFilterKeepsTheLowerBoundAndNotTheUpper()
    {
        IDataView data = Rows(10);

        CollectionAssert.AreEqual(new[] { 4, 5, 6 }, Indices(_ml.Data.FilterRowsByColumn(data, "Value", 2, 3.5)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.FilterRowsByColumn(data, "Missing", 0, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.FilterRowsByColumn(data, "Pair", 0, 1));
    }

    [TestMethod]
    [DataRow(1000)]
    [DataRow(7)]
    public void ShuffledRowsAreTheSameRowsInAnOrderThatTheSeedGives(int poolSize)
    {
        IDataView data = Rows(50);
        IDataView shuffled = _ml.Data.ShuffleRows(data, seed: 3, shufflePoolSize: poolSize);

        int[] order = Indices(shuffled);
        CollectionAssert.AreNotEqual(Indices(data), order);
        CollectionAssert.AreEquivalent(Indices(data), order);
        CollectionAssert.AreEqual(order, Indices(shuffled));
        CollectionAssert.AreEqual(order, Indices(_ml.Data.ShuffleRows(data, seed: 3, shufflePoolSize: poolSize)));
        CollectionAssert.AreNotEqual(order, Indices(_ml.Data.ShuffleRows(data, seed: 4, shufflePoolSize: poolSize)));
        foreach (Row row in _ml.Data.CreateEnumerable<Row>(shuffled, reuseRowObject: false))
        {
            Assert.AreEqual(row.Index / 2f, row.Value);
            CollectionAssert.AreEqual(new float[] { row.Index, -row.Index }, row.Pair);
        }
    }

    [TestMethod]
    public void APoolOfOneRowWithoutAShuffledSourceKeepsTheOrder()
    {
        IDataView data = Rows(10);

        CollectionAssert.AreEqual(
            Indices(data), Indices(_ml.Data.ShuffleRows(data, seed: 3, shufflePoolSize: 1, shuffleSource: false)));
    }

    [TestMethod]
    public void ACachedColumnIsComputedOnce()
    {
        int computed = 0;
        IDataView data = _ml.Transforms
            .CustomMapping<Row, Doubled>(
                (row, doubled) =>
                {
                    Interlocked.Increment(ref computed);
                    doubled.Twice = 2 * row.Value;
                },
                contractName: null)
            .Fit(Rows(10))
            .Transform(Rows(10));
        IDataView cached = _ml.Data.Cache(data);

        CollectionAssert.AreEqual(
            Enumerable.Range(0, 10).Select(i => (float)i).ToArray(), cached.GetColumn<float>("Twice").ToArray());
        Assert.AreEqual(10, cached.GetColumn<float>("Twice").Count());
        Assert.AreEqual(10, computed);
        CollectionAssert.AreEqual(Indices(data), Indices(cached));
        Assert.IsTrue(cached.CanShuffle);
    }

    public class Doubled
    {
        public float Twice { get; set; }
    }

    private static int[] Indices(IDataView data) => data.GetColumn<int>("Index").ToArray();

    private IDataView Rows(int count)
        => _ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, count).Select(i => new Row { Index = i, Value = i / 2f, Pair = [i, -i] }));
}
