using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Loaders;

[TestClass]
public class EnumerableTests
{
    private readonly MLContext _ml = new(1);

    public class Everything
    {
        [VectorType(3)]
        public float[] Known = [1, 2, 3];

        public string? Text { get; set; }

        public ReadOnlyMemory<char> Span { get; set; }

        public bool Flag { get; set; }

        public sbyte SByte { get; set; }

        public byte Byte { get; set; }

        public short Int16 { get; set; }

        public ushort UInt16 { get; set; }

        public int Int32 { get; set; }

        public uint UInt32 { get; set; }

        public long Int64 { get; set; }

        public ulong UInt64 { get; set; }

        public float Single { get; set; }

        public double Double { get; set; }

        public DateTime Time { get; set; }

        public TimeSpan Duration { get; set; }

        [VectorType]
        public int[]? Variable { get; set; }

        public VBuffer<double> Buffer { get; set; }

        public string[]? Texts { get; set; }

        [ColumnName("Renamed")]
        public int Original { get; set; }

        [NoColumn]
        public object? Skipped { get; set; }
    }

    [TestMethod]
    public void EveryTypeMakesItsColumnAndComesBack()
    {
        Everything[] rows =
        [
            new()
            {
                Text = "kiwi", Span = "pear".AsMemory(), Flag = true, SByte = -1, Byte = 2, Int16 = -3, UInt16 = 4,
                Int32 = -5, UInt32 = 6, Int64 = -7, UInt64 = 8, Single = 9.5f, Double = -10.5,
                Time = new DateTime(2024, 2, 29), Duration = TimeSpan.FromSeconds(11), Variable = [12, 13],
                Buffer = new VBuffer<double>(4, 1, [14.0], [2]), Texts = ["a", "b"], Original = 15,
            },
            new() { Variable = null, Known = [float.NaN, 0, -0f] },
        ];

        IDataView data = _ml.Data.LoadFromEnumerable(rows);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), data.Schema["Known"].Type);
        Assert.AreEqual(TextDataViewType.Instance, data.Schema["Text"].Type);
        Assert.AreEqual(TextDataViewType.Instance, data.Schema["Span"].Type);
        Assert.AreEqual(BooleanDataViewType.Instance, data.Schema["Flag"].Type);
        Assert.AreEqual(NumberDataViewType.SByte, data.Schema["SByte"].Type);
        Assert.AreEqual(NumberDataViewType.UInt64, data.Schema["UInt64"].Type);
        Assert.AreEqual(DateTimeDataViewType.Instance, data.Schema["Time"].Type);
        Assert.AreEqual(TimeSpanDataViewType.Instance, data.Schema["Duration"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Int32, 0), data.Schema["Variable"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Double, 0), data.Schema["Buffer"].Type);
        Assert.AreEqual(new VectorDataViewType(TextDataViewType.Instance, 0), data.Schema["Texts"].Type);
        Assert.AreEqual(NumberDataViewType.Int32, data.Schema["Renamed"].Type);
        Assert.IsNull(data.Schema.GetColumnOrNull("Original"));
        Assert.IsNull(data.Schema.GetColumnOrNull("Skipped"));
        Assert.AreEqual(2L, data.GetRowCount());

        Everything[] back = _ml.Data.CreateEnumerable<Everything>(data, reuseRowObject: false).ToArray();

        Assert.AreEqual("kiwi", back[0].Text);
        Assert.AreEqual("pear", back[0].Span.ToString());
        Assert.IsTrue(back[0].Flag);
        Assert.AreEqual((-1, 2, -3, 4), (back[0].SByte, back[0].Byte, back[0].Int16, back[0].UInt16));
        Assert.AreEqual((-5, 6u, -7L, 8UL), (back[0].Int32, back[0].UInt32, back[0].Int64, back[0].UInt64));
        Assert.AreEqual((9.5f, -10.5), (back[0].Single, back[0].Double));
        Assert.AreEqual(new DateTime(2024, 2, 29), back[0].Time);
        Assert.AreEqual(TimeSpan.FromSeconds(11), back[0].Duration);
        CollectionAssert.AreEqual(new[] { 12, 13 }, back[0].Variable);
        CollectionAssert.AreEqual(new[] { 0, 0, 14.0, 0 }, back[0].Buffer.DenseValues().ToArray());
        Assert.IsFalse(back[0].Buffer.IsDense);
        CollectionAssert.AreEqual(new[] { "a", "b" }, back[0].Texts);
        Assert.AreEqual(15, back[0].Original);
        Assert.AreEqual("", back[1].Text);
        Assert.IsNull(back[1].Variable);
        CollectionAssert.AreEqual(new[] { float.NaN, 0, -0f }, back[1].Known);
    }

    public class Keyed
    {
        [KeyType(3)]
        public uint Key { get; set; }
    }

    [TestMethod]
    public void AKeyMemberCountsFromZeroAndWhatLiesOutsideIsMissing()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Keyed>([new() { Key = 0 }, new() { Key = 2 }, new() { Key = 3 }]);

        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), data.Schema["Key"].Type);
        CollectionAssert.AreEqual(new uint[] { 1, 3, 0 }, data.GetColumn<uint>("Key").ToArray());
    }

    public class Number
    {
        public int Value { get; set; }
    }

    [TestMethod]
    public void TheEnumerableIsReadAgainByEveryCursorAndOnlyAsFarAsItMoves()
    {
        int read = 0;
        IEnumerable<Number> Rows()
        {
            for (int i = 0; i < 10; i++)
            {
                read++;
                yield return new Number { Value = i };
            }
        }

        IDataView data = _ml.Data.LoadFromEnumerable(Rows());
        IEnumerable<int> values = data.GetColumn<int>("Value");
        Assert.AreEqual(0, read);
        Assert.IsNull(data.GetRowCount());

        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, values.Take(3).ToArray());
        Assert.AreEqual(3, read);

        CollectionAssert.AreEqual(Enumerable.Range(0, 10).ToArray(), values.ToArray());
        Assert.AreEqual(13, read);
    }

    [TestMethod]
    public void OneObjectIsReusedForAllRowsWhenThatIsAskedFor()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Number>([new() { Value = 1 }, new() { Value = 2 }]);

        List<Number> reused = _ml.Data.CreateEnumerable<Number>(data, reuseRowObject: true).ToList();
        Assert.AreSame(reused[0], reused[1]);
        Assert.AreEqual(2, reused[0].Value);

        List<Number> fresh = _ml.Data.CreateEnumerable<Number>(data, reuseRowObject: false).ToList();
        Assert.AreEqual((1, 2), (fresh[0].Value, fresh[1].Value));
    }

    public class Larger
    {
        public int Value { get; set; }

        public string? Other { get; set; } = "untouched";
    }

    [TestMethod]
    public void AMemberWithoutAColumnIsAnErrorUnlessThatIsAllowed()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Number>([new() { Value = 1 }]);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Data.CreateEnumerable<Larger>(data, reuseRowObject: false));
        StringAssert.Contains(error.Message, "'Other'");

        Larger row = _ml.Data.CreateEnumerable<Larger>(data, reuseRowObject: false, ignoreMissingColumns: true).Single();
        Assert.AreEqual((1, "untouched"), (row.Value, row.Other));
    }

    public class Wrong
    {
        public float Value { get; set; }
    }

    [TestMethod]
    public void AMemberOfAnotherTypeThanItsColumnIsAnError()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Number>([new() { Value = 1 }]);

        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.Data.CreateEnumerable<Wrong>(data, reuseRowObject: false));
        StringAssert.Contains(error.Message, "'Value'");
        StringAssert.Contains(error.Message, "Int32");
    }

    [TestMethod]
    public void ASchemaDefinitionGivesSizesNamesAndAnnotations()
    {
        var definition = SchemaDefinition.Create(typeof(Vector));
        definition["Items"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        definition["Items"].ColumnName = "Renamed";
        definition["Renamed"].AddAnnotation(
            "SlotNames", new[] { "x", "y" }, new VectorDataViewType(TextDataViewType.Instance, 2));

        IDataView data = _ml.Data.LoadFromEnumerable<Vector>([new() { Items = [1, 2] }], definition);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2), data.Schema["Renamed"].Type);
        VBuffer<ReadOnlyMemory<char>> names = default;
        data.Schema["Renamed"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(
            new[] { "x", "y" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 2 }, data.GetColumn<float[]>("Renamed").Single());
    }

    public class Vector
    {
        public float[]? Items { get; set; }
    }

    [TestMethod]
    public void ASchemaOfAnotherDataViewGivesItsTypesToAnEnumerable()
    {
        var definition = SchemaDefinition.Create(typeof(Vector));
        definition["Items"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        DataViewSchema schema = _ml.Data.LoadFromEnumerable<Vector>([], definition).Schema;

        IDataView data = _ml.Data.LoadFromEnumerable<Vector>([new() { Items = [3, 4] }], schema);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2), data.Schema["Items"].Type);
        CollectionAssert.AreEqual(new float[] { 3, 4 }, data.GetColumn<float[]>("Items").Single());
    }

    [TestMethod]
    public void ANullRowIsAnError()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new Number(), null! });

        Assert.ThrowsExactly<InvalidOperationException>(() => data.GetColumn<int>("Value").ToArray());
    }

    [TestMethod]
    public void ACursorGivesOnlyTheColumnsItWasAskedFor()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Larger>([new() { Value = 5 }]);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Value"]]);

        Assert.IsTrue(cursor.IsColumnActive(data.Schema["Value"]));
        Assert.IsFalse(cursor.IsColumnActive(data.Schema["Other"]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["Other"]));
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(data.Schema["Value"]));
        var getter = cursor.GetGetter<int>(data.Schema["Value"]);
        int value = 0;
        Assert.IsTrue(cursor.MoveNext());
        getter(ref value);
        Assert.AreEqual(5, value);
        Assert.IsFalse(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void GetColumnChecksTheTypeThatIsAskedFor()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Larger>([new() { Value = 5, Other = "text" }]);

        CollectionAssert.AreEqual(new[] { "text" }, data.GetColumn<string>("Other").ToArray());
        Assert.AreEqual("text", data.GetColumn<ReadOnlyMemory<char>>(data.Schema["Other"]).Single().ToString());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<float>("Value"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<int>("Missing"));
    }
}
