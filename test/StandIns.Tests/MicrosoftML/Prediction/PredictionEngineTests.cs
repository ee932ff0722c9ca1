using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Prediction;

[TestClass]
public class PredictionEngineTests
{
    private readonly MLContext _ml = new(1);

    public class Input
    {
        public string Word { get; set; } = "";

        public float[] Items { get; set; } = [];
    }

    public class Prediction
    {
        public string Back { get; set; } = "";

        [ColumnName("Key")]
        public uint Raw { get; set; }

        public float[] Joined { get; set; } = [];
    }

    [TestMethod]
    public void AChainIsAppliedToOneObjectAtATime()
    {
        using PredictionEngine<Input, Prediction> engine = _ml.Model.CreatePredictionEngine<Input, Prediction>(Model());

        Prediction first = engine.Predict(new Input { Word = "no", Items = [1, 2] });
        Prediction second = engine.Predict(new Input { Word = "unknown", Items = [3] });

        Assert.AreEqual(("no", 2u), (first.Back, first.Raw));
        CollectionAssert.AreEqual(new float[] { 1, 2, 1, 2 }, first.Joined);
        Assert.AreEqual(("", 0u), (second.Back, second.Raw));
        CollectionAssert.AreEqual(new float[] { 3, 3 }, second.Joined);
        Assert.AreEqual(TextDataViewType.Instance, engine.OutputSchema["Back"].Type);
    }

    [TestMethod]
    public void APredictionCanBeMadeIntoAnObjectThatIsThere()
    {
        using PredictionEngine<Input, Prediction> engine = _ml.Model.CreatePredictionEngine<Input, Prediction>(Model());
        var prediction = new Prediction { Joined = new float[2] };
        Prediction reused = prediction;
        float[] items = prediction.Joined;

        engine.Predict(new Input { Word = "yes", Items = [5] }, ref reused);

        Assert.AreSame(prediction, reused);
        Assert.AreEqual("yes", prediction.Back);
        Assert.AreSame(items, prediction.Joined);
        CollectionAssert.AreEqual(new float[] { 5, 5 }, items);
    }

    public class Larger : Prediction
    {
        public float Missing { get; set; } = 42;
    }

    [TestMethod]
    public void AMemberWithoutAColumnKeepsItsValueOrIsAnError()
    {
        ITransformer model = Model();
        using PredictionEngine<Input, Larger> engine = _ml.Model.CreatePredictionEngine<Input, Larger>(model);

        Assert.AreEqual(42, engine.Predict(new Input()).Missing);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Model.CreatePredictionEngine<Input, Larger>(model, ignoreMissingColumns: false));
        StringAssert.Contains(error.Message, "'Missing'");
    }

    public class Incomplete
    {
        public string Word { get; set; } = "";
    }

    [TestMethod]
    public void AnInputThatLacksAColumnIsAnErrorThatNamesIt()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Model.CreatePredictionEngine<Incomplete, Prediction>(Model()));
        StringAssert.Contains(error.Message, "'Items'");
    }

    [TestMethod]
    public void TheInputsTypesCanBeASchemas()
    {
        var definition = SchemaDefinition.Create(typeof(Input));
        definition["Items"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        DataViewSchema schema = _ml.Data.LoadFromEnumerable<Input>([], definition).Schema;

        using PredictionEngine<Input, Prediction> bySchema
            = _ml.Model.CreatePredictionEngine<Input, Prediction>(Model(), schema);
        using PredictionEngine<Input, Prediction> byDefinition
            = _ml.Model.CreatePredictionEngine<Input, Prediction>(Model(), inputSchemaDefinition: definition);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 4), bySchema.OutputSchema["Joined"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 4), byDefinition.OutputSchema["Joined"].Type);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AnEngineDisposesTheTransformerThatItOwns(bool owns)
    {
        var transformer = new Disposed();
        using (_ml.Model.CreatePredictionEngine<Input, Input>(
            transformer, new PredictionEngineOptions { OwnsTransformer = owns }))
        {
        }

        Assert.AreEqual(owns, transformer.IsDisposed);
    }

    [TestMethod]
    public void OnlyARowToRowMapperCanPredict()
    {
        Assert.ThrowsExactly<ArgumentNullException>(
            () => _ml.Model.CreatePredictionEngine<Input, Prediction>(null!));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Model.CreatePredictionEngine<Input, Input>(new Disposed { IsRowToRowMapper = false }));
    }

    [TestMethod]
    public void APreviewHoldsTheFirstRowsAndTheirColumns()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Incomplete>([new() { Word = "a" }, new() { Word = "b" }]);

        DataDebuggerPreview preview = data.Preview(maxRows: 1);

        Assert.HasCount(1, preview.RowView);
        Assert.AreEqual("Word", preview.RowView[0].Values[0].Key);
        Assert.AreEqual("a", preview.RowView[0].Values[0].Value.ToString());
        Assert.AreEqual("a", preview.ColumnView.Single().Values.Single().ToString());
        Assert.AreEqual("1 columns, 1 rows", preview.ToString());
    }

    private ITransformer Model()
    {
        IDataView train = _ml.Data.LoadFromEnumerable<Input>([new() { Word = "yes" }, new() { Word = "no" }]);
        return _ml.Transforms.Conversion.MapValueToKey("Key", "Word")
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key"))
            .Append(_ml.Transforms.Concatenate("Joined", "Items", "Items"))
            .Fit(train);
    }

    /// <summary>Leaves rows as they are and remembers that it was disposed.</summary>
    private sealed class Disposed : ITransformer, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public bool IsRowToRowMapper { get; init; } = true;

        public void Dispose() => IsDisposed = true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => input;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
            => ((ITransformer)new TransformerChain<ITransformer>()).GetRowToRowMapper(inputSchema);

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();
    }
}
