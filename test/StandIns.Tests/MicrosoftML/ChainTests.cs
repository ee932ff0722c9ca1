using Microsoft.ML;
using Microsoft.ML.Data;

namespace AudioMLNet.StandIns.Tests.MicrosoftML;

[TestClass]
public class ChainTests
{
    [TestMethod]
    public void FittingAChainComputesNothingThatNoEstimatorReads()
    {
        CountingDataView data = new(3);

        TransformerChain<AddingTransformer> model = TwoSteps().Fit(data);
        IDataView transformed = model.Transform(data);

        Assert.AreEqual(0, data.CursorsOpened);
        CollectionAssert.AreEqual(
            new[] { "X", "Name", "Vector", "Y", "Z" }, transformed.Schema.Select(column => column.Name).ToArray());
        Assert.AreEqual(10f, model.LastTransformer.Summand);
    }

    [TestMethod]
    public void ACursorReadsOnlyWhatItsColumnsNeed()
    {
        CountingDataView data = new(3);
        IDataView transformed = TwoSteps().Fit(data).Transform(data);

        using (DataViewRowCursor idle = transformed.GetRowCursor([]))
        {
            while (idle.MoveNext())
            {
            }
        }

        Assert.IsEmpty(data.ColumnsAsked);
        Assert.AreEqual(0, data.ValuesRead);
        CollectionAssert.AreEqual(new[] { 11f, 12f, 13f }, Values(transformed, "Z"));
        CollectionAssert.AreEqual(new[] { "X" }, data.ColumnsAsked);
        Assert.AreEqual(3, data.ValuesRead);
        Assert.AreEqual(data.CursorsOpened, data.CursorsDisposed);
    }

    [TestMethod]
    public void WhatDoesNotFitTogetherFailsBeforeAnythingIsFitted()
    {
        AddingEstimator first = new("Y", "X", 1);
        EstimatorChain<AddingTransformer> chain = first.Append(new AddingEstimator("Z", "Missing", 1));

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(new CountingDataView(3)));

        Assert.AreEqual(0, first.Fits);
    }

    [TestMethod]
    public void ACacheCheckpointReadsItsSourceOnce()
    {
        CountingDataView data = new(4);
        ReadingEstimator reader = new();
        IEstimator<ITransformer> chain = new AddingEstimator("Y", "X", 1)
            .AppendCacheCheckpoint(new MLContext(0))
            .Append(reader);

        chain.Fit(data);

        Assert.AreEqual(4, data.ValuesRead);
        CollectionAssert.AreEqual(new[] { 1f, 2, 3, 4 }, reader.First);
        CollectionAssert.AreEqual(new[] { 1f, 2, 3, 4 }, reader.Second);
        CollectionAssert.AreEquivalent(new[] { 1f, 2, 3, 4 }, reader.Shuffled);
        Assert.ThrowsExactly<InvalidOperationException>(
            () => new EstimatorChain<ITransformer>().AppendCacheCheckpoint(new MLContext()));
    }

    [TestMethod]
    public void ScopesSayWhichTransformersTakePart()
    {
        CountingDataView data = new(1);
        TransformerChain<AddingTransformer> model = new AddingEstimator("Y", "X", 1)
            .Append(new AddingEstimator("Label", "X", 1), TransformerScope.TrainTest)
            .Append(new AddingEstimator("Z", "Y", 1))
            .Fit(data);

        Assert.HasCount(3, model);
        Assert.HasCount(2, model.GetModelFor(TransformerScope.Scoring));
        Assert.IsNull(model.Transform(data).Schema.GetColumnOrNull("Label"));
        Assert.IsNotNull(model.Transform(data, TransformerScope.Testing).Schema.GetColumnOrNull("Label"));
        Assert.IsNotNull(model.GetOutputSchema(data.Schema, TransformerScope.Everything).GetColumnOrNull("Label"));
    }

    [TestMethod]
    public void AChainMapsRowsThroughAllItsTransformers()
    {
        CountingDataView data = new(2);
        ITransformer model = TwoSteps().Fit(data);
        Assert.IsTrue(model.IsRowToRowMapper);
        IRowToRowMapper mapper = model.GetRowToRowMapper(data.Schema);
        DataViewSchema.Column z = mapper.OutputSchema["Z"];
        CollectionAssert.AreEqual(new[] { "X" }, mapper.GetDependencies([z]).Select(column => column.Name).ToArray());

        using DataViewRowCursor cursor = data.GetRowCursor(mapper.GetDependencies([z]));
        using DataViewRow row = mapper.GetRow(cursor, [z]);
        ValueGetter<float> getter = row.GetGetter<float>(z);
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsTrue(cursor.MoveNext());
        float value = 0;
        getter(ref value);

        Assert.AreEqual(12f, value);
        Assert.AreEqual(1L, row.Position);
    }

    [TestMethod]
    public void TransformersCanBeChainedByHandAndAreDisposedTogether()
    {
        AddingTransformer first = new("Y", "X", 1);
        AddingTransformer second = new("Z", "Y", 1);
        TransformerChain<AddingTransformer> chain = first.Append(second);

        Assert.AreSame(second, chain.LastTransformer);
        chain.Dispose();

        Assert.IsTrue(first.IsDisposed);
        Assert.IsTrue(second.IsDisposed);
        Assert.IsEmpty(new TransformerChain<ITransformer>());
    }

    [TestMethod]
    public void AFittedTransformerIsHandedToWhoAskedForIt()
    {
        AddingTransformer? seen = null;
        IEstimator<AddingTransformer> estimator =
            new AddingEstimator("Y", "X", 3).WithOnFitDelegate(transformer => seen = transformer);

        AddingTransformer fitted = estimator.Fit(new CountingDataView(1));

        Assert.AreSame(fitted, seen);
    }

    [TestMethod]
    public void ATrainerSaysWhatItWantsOfItsData()
    {
        TrainerInfo info = Reach.CreateTrainerInfo(false, false, true, true, false, false);

        Assert.IsFalse(info.NeedNormalization);
        Assert.IsTrue(info.WantCaching);
    }

    private static EstimatorChain<AddingTransformer> TwoSteps()
        => new AddingEstimator("Y", "X", 1).Append(new AddingEstimator("Z", "Y", 10));

    private static float[] Values(IDataView data, string name, Random? rand = null)
    {
        DataViewSchema.Column column = data.Schema[name];
        using DataViewRowCursor cursor = data.GetRowCursor([column], rand);
        ValueGetter<float> getter = cursor.GetGetter<float>(column);
        List<float> values = [];
        while (cursor.MoveNext())
        {
            float value = 0;
            getter(ref value);
            values.Add(value);
        }

        Assert.IsFalse(cursor.MoveNext());
        return [.. values];
    }

    /// <summary>Reads its input twice, as a trainer of several epochs does.</summary>
    private sealed class ReadingEstimator : IEstimator<AddingTransformer>
    {
        public float[] First { get; private set; } = [];

        public float[] Second { get; private set; } = [];

        public float[] Shuffled { get; private set; } = [];

        public AddingTransformer Fit(IDataView input)
        {
            First = Values(input, "Y");
            Second = Values(input, "Y");
            Assert.IsTrue(input.CanShuffle);
            Shuffled = Values(input, "Y", new Random(3));
            return new AddingTransformer("Z", "Y", 0);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }
}
