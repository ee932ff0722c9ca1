using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AudioMLNet.StandIns.Tests.MicrosoftML;

[TestClass]
public class DataViewSchemaTests
{
    [TestMethod]
    public void OfColumnsWithOneNameOnlyTheLastIsVisible()
    {
        DataViewSchema.Builder builder = new();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("B", TextDataViewType.Instance);
        builder.AddColumn("A", NumberDataViewType.Int32);

        DataViewSchema schema = builder.ToSchema();

        Assert.HasCount(3, schema);
        CollectionAssert.AreEqual(new[] { true, false, false }, schema.Select(column => column.IsHidden).ToArray());
        Assert.AreEqual(2, schema["A"].Index);
        Assert.AreEqual(NumberDataViewType.Single, schema[0].Type);
        Assert.AreEqual("B", schema[1].Name);
        Assert.IsNull(schema.GetColumnOrNull("C"));
        ArgumentOutOfRangeException missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schema["C"]);
        Assert.Contains("'C'", missing.Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schema[3]);
        Assert.ThrowsExactly<ArgumentNullException>(() => schema.GetColumnOrNull(""));
    }

    [TestMethod]
    public void AnnotationsAreReadOnlyWhenAskedFor()
    {
        int reads = 0;
        ValueGetter<float> getter = (ref float value) => value = ++reads;
        DataViewSchema.Annotations.Builder annotations = new();
        annotations.Add("Gain", NumberDataViewType.Single, getter);
        annotations.AddPrimitiveValue("Unit", TextDataViewType.Instance, "dB".AsMemory());
        DataViewSchema.Builder builder = new();
        builder.AddColumn("Level", NumberDataViewType.Single, annotations.ToAnnotations());
        DataViewSchema.Column column = builder.ToSchema()["Level"];
        Assert.AreEqual(0, reads);

        float gain = 0;
        column.Annotations.GetValue("Gain", ref gain);
        ReadOnlyMemory<char> unit = default;
        column.Annotations.GetValue("Unit", ref unit);

        Assert.AreEqual(1f, gain);
        Assert.AreEqual("dB", unit.ToString());
        CollectionAssert.AreEqual(new[] { "Gain", "Unit" }, column.Annotations.Schema.Select(a => a.Name).ToArray());
    }

    [TestMethod]
    public void AnnotationsRefuseWhatTheyDoNotHold()
    {
        DataViewSchema.Annotations.Builder builder = new();
        ValueGetter<float> single = (ref float value) => value = 1;
        Assert.ThrowsExactly<ArgumentException>(() => builder.Add("Wrong", NumberDataViewType.Double, single));
        Exception mistyped = Assert.Throws<Exception>(
            () => builder.Add("Wrong", NumberDataViewType.Double, (Delegate)single));
        Assert.IsInstanceOfType<ArgumentException>(mistyped.GetBaseException());
        Assert.ThrowsExactly<ArgumentException>(
            () => builder.AddPrimitiveValue("Wrong", TextDataViewType.Instance, "a string is not text"));

        builder.Add("Right", NumberDataViewType.Single, (Delegate)single);
        DataViewSchema.Annotations annotations = builder.ToAnnotations();
        double number = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => annotations.GetValue("Right", ref number));
        Assert.ThrowsExactly<InvalidOperationException>(() => annotations.GetValue("Missing", ref number));
        Assert.IsEmpty(DataViewSchema.Annotations.Empty.Schema);
    }

    [TestMethod]
    public void AnnotationsAreCopiedByName()
    {
        DataViewSchema.Annotations.Builder first = new();
        first.AddPrimitiveValue("Keep", NumberDataViewType.Int32, 1);
        first.AddPrimitiveValue("Drop", NumberDataViewType.Int32, 2);
        DataViewSchema.Annotations.Builder second = new();
        second.Add(first.ToAnnotations(), name => name == "Keep");
        second.Add(null, name => true);

        DataViewSchema.Annotations annotations = second.ToAnnotations();

        Assert.AreEqual("Keep", annotations.Schema.Single().Name);
        int value = 0;
        annotations.GetValue("Keep", ref value);
        Assert.AreEqual(1, value);
    }

    [TestMethod]
    public void SlotNamesAndKeyValuesAreFoundByTheirSize()
    {
        ReadOnlyMemory<char>[] names = ["yes".AsMemory(), "no".AsMemory()];
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter =
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new VBuffer<ReadOnlyMemory<char>>(2, names);
        DataViewSchema.Annotations.Builder slots = new();
        slots.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 2), getter);
        DataViewSchema.Annotations.Builder keys = new();
        keys.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, 2), getter);
        DataViewSchema.Annotations.Builder normalized = new();
        normalized.AddPrimitiveValue("IsNormalized", BooleanDataViewType.Instance, true);
        DataViewSchema.Builder builder = new();
        builder.AddColumn("Two", new VectorDataViewType(NumberDataViewType.Single, 2), slots.ToAnnotations());
        builder.AddColumn("Three", new VectorDataViewType(NumberDataViewType.Single, 3), slots.ToAnnotations());
        builder.AddColumn("Key", new KeyDataViewType(typeof(uint), 2), keys.ToAnnotations());
        builder.AddColumn("Number", NumberDataViewType.UInt32, keys.ToAnnotations());
        builder.AddColumn("Scaled", NumberDataViewType.Single, normalized.ToAnnotations());
        DataViewSchema schema = builder.ToSchema();

        Assert.IsTrue(schema["Two"].HasSlotNames());
        Assert.IsFalse(schema["Three"].HasSlotNames());
        Assert.IsTrue(schema["Key"].HasKeyValues());
        Assert.IsFalse(schema["Key"].HasKeyValues(NumberDataViewType.Single));
        Assert.IsFalse(schema["Number"].HasKeyValues());
        Assert.IsTrue(schema["Scaled"].IsNormalized());
        Assert.IsFalse(schema["Two"].IsNormalized());
        VBuffer<ReadOnlyMemory<char>> read = default;
        schema["Two"].GetSlotNames(ref read);
        Assert.AreEqual("no", read.GetValues()[1].ToString());
        schema["Key"].GetKeyValues(ref read);
        Assert.AreEqual("yes", read.GetValues()[0].ToString());
    }

    [TestMethod]
    public void TypesAreEqualByWhatTheyHold()
    {
        VectorDataViewType matrix = new(NumberDataViewType.Single, 2, 3);

        Assert.AreEqual(6, matrix.Size);
        Assert.AreEqual(typeof(VBuffer<float>), matrix.RawType);
        Assert.AreEqual("Vector<Single, 2, 3>", matrix.ToString());
        Assert.AreEqual(matrix, new VectorDataViewType(NumberDataViewType.Single, ImmutableArray.Create(2, 3)));
        Assert.AreNotEqual(matrix, new VectorDataViewType(NumberDataViewType.Single, 6));
        Assert.IsFalse(new VectorDataViewType(NumberDataViewType.Single).IsKnownSize);
        Assert.AreEqual("Vector<Single>", new VectorDataViewType(NumberDataViewType.Single).ToString());
        Assert.AreEqual("Key<UInt32, 0-9>", new KeyDataViewType(typeof(uint), 10).ToString());
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 10), new KeyDataViewType(typeof(uint), 10UL));
        Assert.AreNotEqual(new KeyDataViewType(typeof(uint), 10), new KeyDataViewType(typeof(ulong), 10));
        Assert.AreEqual("String", TextDataViewType.Instance.ToString());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(float), 10));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(byte), 256));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(uint), 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VectorDataViewType(NumberDataViewType.Single, -1));
    }

    [TestMethod]
    public void AShapeLeavesSizesOpenAndHiddenColumnsOut()
    {
        DataViewSchema.Annotations.Builder annotations = new();
        annotations.AddPrimitiveValue("Set", new KeyDataViewType(typeof(uint), 5), 1u);
        DataViewSchema.Builder builder = new();
        builder.AddColumn("Label", TextDataViewType.Instance);
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), 3), annotations.ToAnnotations());
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, 4));
        builder.AddColumn("Waveform", new VectorDataViewType(NumberDataViewType.Single));

        SchemaShape shape = Reach.ShapeOf(builder.ToSchema());

        Assert.HasCount(3, shape);
        Assert.IsTrue(shape[0].IsKey);
        Assert.AreEqual(NumberDataViewType.UInt32, shape[0].ItemType);
        Assert.AreEqual(SchemaShape.Column.VectorKind.Scalar, shape[0].Kind);
        Assert.AreEqual("Set", shape[0].Annotations.Single().Name);
        Assert.IsTrue(shape[0].Annotations[0].IsKey);
        Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, shape[1].Kind);
        Assert.IsEmpty(shape[1].Annotations);
        Assert.AreEqual(SchemaShape.Column.VectorKind.VariableVector, shape[2].Kind);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SchemaShape([default]));
    }

    [TestMethod]
    public void RowIdsStayApart()
    {
        DataViewRowId id = new(7, 0);
        DataViewRowId[] all =
            [id, id.Next(), id.Next().Next(), id.Fork(), id.Combine(id), id.Combine(new(8, 0)), new(0, 7)];

        Assert.HasCount(all.Length, all.Distinct());
        Assert.AreEqual(id.Next(), new DataViewRowId(7, 0).Next());
        Assert.IsGreaterThan(0, new DataViewRowId(0, 1).CompareTo(new DataViewRowId(5, 0)));
        Assert.AreEqual("00000000000000020000000000000001", new DataViewRowId(1, 2).ToString());
    }
}
