using AudioMLNet.TestSupport;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Transforms;

[TestClass]
public class SavedTransformsTests
{
    private const string Contract = "Shout";

    public class Row
    {
        public string Word { get; set; } = "";

        public float Number { get; set; }

        public int Count { get; set; }

        public bool Flag { get; set; }

        public DateTime Day { get; set; }

        [VectorType(2)]
        public float[] Items { get; set; } = [0, 0];
    }

    public class Shout
    {
        public string Loud { get; set; } = "";
    }

    [CustomMappingFactoryAttribute(Contract)]
    public class ShoutFactory : CustomMappingFactory<Row, Shout>
    {
        public static void Map(Row input, Shout output) => output.Loud = input.Word.ToUpperInvariant();

        public override Action<Row, Shout> GetMapping() => Map;
    }

    [TestMethod]
    public void EveryTransformComesBackTheSameInAnotherContext()
    {
        var ml = new MLContext(1);
        IDataView data = Rows(ml);
        ITransformer model = Pipeline(ml).Fit(data);
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");

        ml.Model.Save(model, data.Schema, path);
        var other = new MLContext(2);
        other.ComponentCatalog.RegisterAssembly(typeof(ShoutFactory).Assembly);
        ITransformer loaded = other.Model.Load(path, out DataViewSchema schema);

        CollectionAssert.AreEqual(
            data.Schema.Select(column => column.ToString()).ToArray(),
            schema.Select(column => column.ToString()).ToArray());
        string expected = Describe(model.Transform(data));
        StringAssert.Contains(expected, "WordBack: no");
        Assert.AreEqual(expected, Describe(loaded.Transform(Rows(other))));
    }

    [TestMethod]
    public void EveryTransformComesBackTheSameInAnotherProcess()
    {
        var ml = new MLContext(1);
        IDataView data = Rows(ml);
        ITransformer model = Pipeline(ml).Fit(data);
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");

        ml.Model.Save(model, data.Schema, path);

        Assert.AreEqual(Describe(model.Transform(data)), FreshProcess.Run(LoadAndDescribe, path));
    }

    [TestMethod]
    public void AMappingWithoutAContractCannotBeSaved()
    {
        var ml = new MLContext(1);
        IDataView data = Rows(ml);
        ITransformer model = ml.Transforms.CustomMapping<Row, Shout>(ShoutFactory.Map, contractName: null).Fit(data);

        using var stream = new MemoryStream();
        Assert.ThrowsExactly<InvalidOperationException>(() => ml.Model.Save(model, data.Schema, stream));
    }

    private static string LoadAndDescribe(string[] arguments)
    {
        var ml = new MLContext();
        ml.ComponentCatalog.RegisterAssembly(typeof(ShoutFactory).Assembly);
        return Describe(ml.Model.Load(arguments[0], out _).Transform(Rows(ml)));
    }

    private static IEstimator<ITransformer> Pipeline(MLContext ml)
        => ml.Transforms.Conversion
            .MapValueToKey(
            [
                new("WordKey", "Word"), new("NumberKey", "Number"), new("CountKey", "Count"), new("FlagKey", "Flag"),
                new("DayKey", "Day"),
            ])
            .Append(ml.Transforms.Conversion.MapKeyToValue("WordBack", "WordKey"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("DayBack", "DayKey"))
            .Append(ml.Transforms.Conversion.MapValueToKey("KeyKey", "WordKey"))
            .Append(ml.Transforms.CopyColumns("Copy", "WordKey"))
            .Append(ml.Transforms.Concatenate("All", "Number", "Items"))
            .Append(ml.Transforms.CustomMapping<Row, Shout>(ShoutFactory.Map, Contract))
            .Append(ml.Transforms.DropColumns("Flag"))
            .Append(ml.Transforms.SelectColumns(
                "All", "Copy", "WordKey", "WordBack", "NumberKey", "CountKey", "FlagKey", "DayKey", "DayBack", "KeyKey", "Loud"));

    private static IDataView Rows(MLContext ml)
        => ml.Data.LoadFromEnumerable<Row>(
        [
            new() { Word = "yes", Number = 1.5f, Count = -7, Flag = true, Day = new DateTime(2024, 2, 29), Items = [1, 2] },
            new() { Word = "no", Number = float.NaN, Count = 3, Flag = false, Day = new DateTime(1999, 1, 1), Items = [3, 4] },
            new() { Word = "", Number = -1, Count = 3, Flag = true, Day = new DateTime(2024, 2, 29), Items = [5, 6] },
        ]);

    /// <summary>Types, annotations and values of all columns as text.</summary>
    private static string Describe(IDataView data)
    {
        IEnumerable<string> columns = data.Schema.Select(column => $"{column.Name}: {column.Type} {KeyValues(column)}");
        IEnumerable<string> rows = data.Preview().RowView
            .SelectMany(row => row.Values)
            .Select(value => $"{value.Key}: {Text(value.Value)}");
        return string.Join("\n", columns.Concat(rows));
    }

    private static string Text(object value)
        => value is VBuffer<float> vector ? string.Join(" ", vector.DenseValues()) : FormattableString.Invariant($"{value}");

    private static string KeyValues(DataViewSchema.Column column)
    {
        if (!column.HasKeyValues())
            return "";
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.GetKeyValues(ref values);
        return string.Join(" ", values.DenseValues());
    }
}
