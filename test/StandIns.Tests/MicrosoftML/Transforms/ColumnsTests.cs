using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Transforms;

/// <summary>Copying, joining, keeping and dropping columns, and mapping rows by a method.</summary>
[TestClass]
public class ColumnsTests
{
    private readonly MLContext _ml = new(1);

    public class Row
    {
        public float A { get; set; }

        [VectorType(2)]
        public float[] B { get; set; } = [];

        [VectorType]
        public float[] C { get; set; } = [];

        public string D { get; set; } = "";
    }

    [TestMethod]
    public void ACopyHasTheValuesAndAnnotationsAndHidesWhatItIsNamedAfter()
    {
        IDataView data = Rows();
        IDataView keyed = _ml.Transforms.Conversion.MapValueToKey("Key", "D").Fit(data).Transform(data);

        IDataView copied = _ml.Transforms.CopyColumns("D", "Key").Fit(keyed).Transform(keyed);

        Assert.AreEqual(keyed.Schema["Key"].Type, copied.Schema["D"].Type);
        Assert.IsTrue(copied.Schema["D"].HasKeyValues());
        CollectionAssert.AreEqual(new uint[] { 1, 2 }, copied.GetColumn<uint>("D").ToArray());
        Assert.IsTrue(copied.Schema[3].IsHidden);
        CollectionAssert.AreEqual(new[] { "x", "y" }, copied.GetColumn<string>(copied.Schema[3]).ToArray());
    }

    [TestMethod]
    public void AJoinedVectorHasTheItemsAndNamesOfItsColumns()
    {
        IDataView data = Rows();

        IDataView joined = _ml.Transforms.Concatenate("All", "B", "A", "A")
            .Append(_ml.Transforms.Concatenate("Twice", "All", "A"))
            .Fit(data)
            .Transform(data);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 4), joined.Schema["All"].Type);
        CollectionAssert.AreEqual(new float[] { 2, 3, 1, 1 }, joined.GetColumn<float[]>("All").First());
        CollectionAssert.AreEqual(new[] { "", "", "A", "A" }, SlotNames(joined.Schema["All"]));
        CollectionAssert.AreEqual(new[] { "", "", "All.A", "All.A", "A" }, SlotNames(joined.Schema["Twice"]));
    }

    [TestMethod]
    public void AJoinWithAVariableVectorIsVariable()
    {
        IDataView data = Rows();

        IDataView joined = _ml.Transforms.Concatenate("All", "A", "C").Fit(data).Transform(data);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 0), joined.Schema["All"].Type);
        CollectionAssert.AreEqual(
            new[] { 2, 4 }, joined.GetColumn<float[]>("All").Select(items => items.Length).ToArray());
        Assert.IsFalse(joined.Schema["All"].HasSlotNames());
    }

    [TestMethod]
    public void ColumnsOfSeveralTypesOrKeysCannotBeJoined()
    {
        IDataView data = Rows();
        var key = _ml.Transforms.Conversion.MapValueToKey("Key", "D");

        Assert.ThrowsExactly<InvalidOperationException>(
            () => key.Append(_ml.Transforms.Concatenate("All", "A", "D")).Fit(data));
        Assert.ThrowsExactly<InvalidOperationException>(
            () => key.Append(_ml.Transforms.Concatenate("All", "Key")).Fit(data));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.Transforms.Concatenate("All", "Nothing").Fit(data).Transform(data)).Message,
            "Could not find input column 'Nothing'");
    }

    [TestMethod]
    public void AVectorThatHasNotItsTypesLengthIsAnErrorWhenItIsJoined()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Row>([new() { B = [1, 2, 3] }]);
        IDataView joined = _ml.Transforms.Concatenate("All", "A", "B").Fit(data).Transform(data);

        var error = Assert.ThrowsExactly<InvalidOperationException>(() => joined.GetColumn<float[]>("All").ToArray());
        StringAssert.Contains(error.ToString(), "Column 'B': expected 2 slots, but got 3");
    }

    [TestMethod]
    public void SelectedColumnsComeInTheirNamesOrderAndTheRestIsGone()
    {
        IDataView data = Rows();

        IDataView selected = _ml.Transforms.SelectColumns("D", "A").Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { "D", "A" }, selected.Schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "x", "y" }, selected.GetColumn<string>("D").ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 4 }, selected.GetColumn<float>("A").ToArray());

        IDataView dropped = _ml.Transforms.DropColumns("B", "D").Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { "A", "C" }, dropped.Schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 4 }, dropped.GetColumn<float>("A").ToArray());
    }

    [TestMethod]
    public void HiddenColumnsStayOnlyIfTheyAreToBeKept()
    {
        IDataView data = Rows();
        IDataView hidden = _ml.Transforms.CopyColumns("A", "D").Fit(data).Transform(data);

        Assert.HasCount(1, _ml.Transforms.SelectColumns("A").Fit(hidden).Transform(hidden).Schema);
        Assert.HasCount(2, _ml.Transforms.SelectColumns(["A"], keepHidden: true).Fit(hidden).Transform(hidden).Schema);
        Assert.HasCount(3, _ml.Transforms.DropColumns("A").Fit(hidden).Transform(hidden).Schema);
    }

    [TestMethod]
    public void SelectingOrDroppingWhatIsNotThereIsAnError()
    {
        IDataView data = Rows();

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.Transforms.SelectColumns("A", "X", "Y").Fit(data).Transform(data)).Message,
            "Could not find input column 'X,Y'");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.DropColumns("X").Fit(data).Transform(data));
        Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Transforms.SelectColumns());
    }

    public class Input
    {
        public float A { get; set; }

        public string D { get; set; } = "";
    }

    public class Output
    {
        public float Twice { get; set; }

        public string Shout { get; set; } = "";
    }

    [TestMethod]
    public void AMappedRowIsMappedOnceForAllItsColumnsAndOnlyIfItIsAskedFor()
    {
        int mapped = 0;
        IDataView data = Rows();
        IDataView mappedData = _ml.Transforms
            .CustomMapping<Input, Output>(
                (input, output) =>
                {
                    mapped++;
                    output.Twice = 2 * input.A;
                    output.Shout = input.D + "!";
                },
                contractName: null)
            .Fit(data)
            .Transform(data);

        Assert.HasCount(2, mappedData.GetColumn<float>("A").ToArray());
        Assert.AreEqual(0, mapped);
        Output[] rows = _ml.Data.CreateEnumerable<Output>(mappedData, reuseRowObject: false).ToArray();
        CollectionAssert.AreEqual(new[] { "x!", "y!" }, rows.Select(row => row.Shout).ToArray());
        CollectionAssert.AreEqual(new float[] { 2, 8 }, rows.Select(row => row.Twice).ToArray());
        Assert.AreEqual(2, mapped);
    }

    public class Wrong
    {
        public int A { get; set; }
    }

    [TestMethod]
    public void AMappingOfColumnsThatAreNotThereOrOfAnotherTypeIsAnError()
    {
        IDataView data = Rows();
        var copy = _ml.Transforms.CopyColumns("Copy", "A");

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => copy.Append(_ml.Transforms.CustomMapping<Output, Wrong>((_, _) => { }, null)).Fit(data)).Message,
            "Could not find input column 'Twice'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => copy.Append(_ml.Transforms.CustomMapping<Wrong, Output>((_, _) => { }, null)).Fit(data)).Message,
            "expected Int32, got Single");
    }

    private static string[] SlotNames(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }

    private IDataView Rows()
        => _ml.Data.LoadFromEnumerable<Row>(
        [
            new() { A = 1, B = [2, 3], C = [7], D = "x" },
            new() { A = 4, B = [5, 6], C = [8, 9, 10], D = "y" },
        ]);
}
