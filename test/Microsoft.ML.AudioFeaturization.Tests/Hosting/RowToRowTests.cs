using AudioMLNet.TestSupport;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Hosting;

[TestClass]
public sealed class RowToRowTests
{
    [TestMethod]
    public void NothingIsComputedBeforeAGetterIsCalled()
    {
        var mlContext = new MLContext();
        var doubling = new DoublingTransformer(mlContext, "Doubled", "Number");
        IDataView view = doubling.Transform(Numbers(mlContext));

        using (DataViewRowCursor cursor = view.GetRowCursor(view.Schema))
        {
            ValueGetter<float> getter = cursor.GetGetter<float>(view.Schema["Doubled"]);
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(0, doubling.Computed);
            float value = 0;
            getter(ref value);
            Assert.AreEqual(2f, value);
            Assert.AreEqual(1, doubling.Computed);
        }

        Assert.AreEqual(1, doubling.Disposed);
    }

    [TestMethod]
    public void InputColumnsPassThroughAndOnlyNeededOnesAreAskedFor()
    {
        var mlContext = new MLContext();
        var doubling = new DoublingTransformer(mlContext, "Doubled", "Number");
        IDataView input = Numbers(mlContext);
        var mapper = ((ITransformer)doubling).GetRowToRowMapper(input.Schema);

        Assert.AreEqual(
            "Number", string.Join(',', mapper.GetDependencies([mapper.OutputSchema["Doubled"]]).Select(c => c.Name)));
        Assert.AreEqual(
            "Name", string.Join(',', mapper.GetDependencies([mapper.OutputSchema["Name"]]).Select(c => c.Name)));
        CollectionAssert.AreEqual(
            new[] { "one", "two", "three" }, doubling.Transform(input).GetColumn<string>("Name").ToArray());
        Assert.AreEqual(0, doubling.Computed);
    }

    [TestMethod]
    public void OutputMayHideAnInputColumnOfItsName()
    {
        var mlContext = new MLContext();
        IDataView view = new DoublingTransformer(mlContext, "Number", "Number").Transform(Numbers(mlContext));

        CollectionAssert.AreEqual(new[] { 2f, 4f, 6f }, view.GetColumn<float>("Number").ToArray());
    }

    [TestMethod]
    public void ErrorsNameTheColumnAndTheType()
    {
        var mlContext = new MLContext();
        IDataView input = Numbers(mlContext);

        var missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new DoublingTransformer(mlContext, "Doubled", "Count").Transform(input));
        StringAssert.Contains(missing.Message, "Number column 'Count' not found; the columns are: Name, Number", StringComparison.Ordinal);

        IDataView view = new DoublingTransformer(mlContext, "Doubled", "Number").Transform(input);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Doubled"]]);
        var wrongType = Assert.ThrowsExactly<InvalidOperationException>(
            () => cursor.GetGetter<double>(view.Schema["Doubled"]));
        StringAssert.Contains(wrongType.Message, "'Doubled'", StringComparison.Ordinal);
        StringAssert.Contains(wrongType.Message, "System.Double", StringComparison.Ordinal);
        var inactive = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Name"]));
        StringAssert.Contains(inactive.Message, "'Name'", StringComparison.Ordinal);
    }

    [TestMethod]
    public void PredictionEngineSeesTheAddedColumn()
    {
        var mlContext = new MLContext();
        var doubling = new DoublingTransformer(mlContext, "Doubled", "Number");
        using var engine = mlContext.Model.CreatePredictionEngine<Row, Doubled>(doubling);

        Assert.AreEqual(14f, engine.Predict(new Row { Number = 7 }).Value);
        Assert.AreEqual(-2f, engine.Predict(new Row { Number = -1 }).Value);
    }

    [TestMethod]
    public void LoadsInAnotherProcessOnceItsLoaderIsRegistered()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        var mlContext = new MLContext();
        IDataView input = Numbers(mlContext);
        mlContext.Model.Save(new DoublingTransformer(mlContext, "Doubled", "Number"), input.Schema, path);

        Assert.AreEqual("2 4 6", FreshProcess.Run(LoadAndDouble, path));
        Assert.ThrowsExactly<InvalidOperationException>(() => FreshProcess.Run(LoadUnregistered, path));
    }

    [TestMethod]
    public void RegisteringTwiceDoesNothing()
    {
        var mlContext = new MLContext();
        DoublingTransformer.Register(mlContext);
        DoublingTransformer.Register(mlContext);
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        mlContext.Model.Save(new DoublingTransformer(mlContext, "Doubled", "Number"), Numbers(mlContext).Schema, path);

        Assert.IsInstanceOfType<ITransformer>(mlContext.Model.Load(path, out _));
    }

    private static string LoadAndDouble(string[] arguments)
    {
        var mlContext = new MLContext();
        DoublingTransformer.Register(mlContext);
        ITransformer model = mlContext.Model.Load(arguments[0], out _);
        return string.Join(' ', model.Transform(Numbers(mlContext)).GetColumn<float>("Doubled"));
    }

    private static string LoadUnregistered(string[] arguments) =>
        new MLContext().Model.Load(arguments[0], out _).ToString()!;

    private static IDataView Numbers(MLContext mlContext) => mlContext.Data.LoadFromEnumerable<Row>(
    [
        new() { Name = "one", Number = 1 },
        new() { Name = "two", Number = 2 },
        new() { Name = "three", Number = 3 },
    ]);

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class Doubled
    {
        [ColumnName("Doubled")]
        public float Value { get; set; }
    }
}
