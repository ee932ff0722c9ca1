using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Transforms;

[TestClass]
public class KeyMappingTests
{
    private readonly MLContext _ml = new(1);

    public class Row
    {
        public string? Word { get; set; }

        public float Number { get; set; }

        public int Count { get; set; }

        [VectorType(2)]
        public string[] Words { get; set; } = ["", ""];
    }

    [TestMethod]
    public void KeysCountFromOneInTheOrderOfOccurrenceAndMissingIsZero()
    {
        IDataView train = Words("b", "a", "", "b", null, "c");
        ITransformer mapping = _ml.Transforms.Conversion.MapValueToKey("Key", "Word").Fit(train);

        IDataView keys = mapping.Transform(Words("a", "b", "c", "", "d"));

        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), keys.Schema["Key"].Type);
        CollectionAssert.AreEqual(new uint[] { 2, 1, 3, 0, 0 }, keys.GetColumn<uint>("Key").ToArray());
        Assert.IsTrue(keys.Schema["Key"].HasKeyValues());
        CollectionAssert.AreEqual(new[] { "b", "a", "c" }, KeyValues(keys.Schema["Key"]));
    }

    [TestMethod]
    public void KeysCanFollowTheOrderOfTheValues()
    {
        IDataView words = Words("b", "Z", "a");

        IDataView keys = _ml.Transforms.Conversion
            .MapValueToKey("Word", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Fit(words)
            .Transform(words);

        // By the characters' numbers: capitals first.
        CollectionAssert.AreEqual(new[] { "Z", "a", "b" }, KeyValues(keys.Schema["Word"]));
        CollectionAssert.AreEqual(new uint[] { 3, 1, 2 }, keys.GetColumn<uint>("Word").ToArray());
    }

    [TestMethod]
    public void NumbersAreMappedTooAndNaNIsMissing()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Row>(
            [new() { Number = 3, Count = -1 }, new() { Number = float.NaN, Count = 0 }, new() { Number = -2, Count = -1 }]);

        IDataView keys = _ml.Transforms.Conversion
            .MapValueToKey([new InputOutputColumnPair("A", "Number"), new InputOutputColumnPair("B", "Count")])
            .Fit(data)
            .Transform(data);

        CollectionAssert.AreEqual(new uint[] { 1, 0, 2 }, keys.GetColumn<uint>("A").ToArray());
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1 }, keys.GetColumn<uint>("B").ToArray());
        VBuffer<float> numbers = default;
        keys.Schema["A"].GetKeyValues(ref numbers);
        CollectionAssert.AreEqual(new float[] { 3, -2 }, numbers.DenseValues().ToArray());

        IDataView asText = _ml.Transforms.Conversion
            .MapValueToKey("Count", addKeyValueAnnotationsAsText: true).Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { "-1", "0" }, KeyValues(asText.Schema["Count"]));
    }

    [TestMethod]
    public void NoMoreKeysAreLearntThanAreWanted()
    {
        IDataView words = Words("b", "a", "c");

        IDataView keys = _ml.Transforms.Conversion
            .MapValueToKey("Word", maximumNumberOfKeys: 2).Fit(words).Transform(words);

        CollectionAssert.AreEqual(new uint[] { 1, 2, 0 }, keys.GetColumn<uint>("Word").ToArray());
    }

    [TestMethod]
    public void TheKeysCanBeGivenAsData()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Term>([new() { Word = "x" }, new() { Word = "a" }]);

        IDataView keys = _ml.Transforms.Conversion.MapValueToKey("Word", keyData: data)
            .Fit(Words("b", "c"))
            .Transform(Words("a", "b", "x"));

        CollectionAssert.AreEqual(new uint[] { 2, 0, 1 }, keys.GetColumn<uint>("Word").ToArray());
    }

    public class Term
    {
        public string Word { get; set; } = "";
    }

    [TestMethod]
    public void VectorsAreMappedItemByItem()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Row>(
            [new() { Words = ["a", "b"] }, new() { Words = ["", "a"] }]);

        IDataView keys = _ml.Transforms.Conversion.MapValueToKey("Words").Fit(data).Transform(data);
        IDataView back = _ml.Transforms.Conversion.MapKeyToValue("Words").Fit(keys).Transform(keys);

        Assert.AreEqual(
            new VectorDataViewType(new KeyDataViewType(typeof(uint), 2), 2), keys.Schema["Words"].Type);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 0, 1 }, keys.GetColumn<uint[]>("Words").SelectMany(x => x).ToArray());
        CollectionAssert.AreEqual(
            new[] { "a", "b", "", "a" }, back.GetColumn<string[]>("Words").SelectMany(x => x).ToArray());
    }

    [TestMethod]
    public void KeysOfKeysKeepTheValues()
    {
        IDataView words = Words("b", "a", "c");
        IDataView keys = _ml.Transforms.Conversion.MapValueToKey("Word").Fit(words).Transform(words);
        IDataView reordered = _ml.Data.SkipRows(keys, 1);

        IDataView again = _ml.Transforms.Conversion.MapValueToKey("Word").Fit(reordered).Transform(keys);

        CollectionAssert.AreEqual(new[] { "a", "c" }, KeyValues(again.Schema["Word"]));
        CollectionAssert.AreEqual(new uint[] { 0, 1, 2 }, again.GetColumn<uint>("Word").ToArray());
    }

    [TestMethod]
    public void KeysComeBackAsTheirValuesAndAMissingOneAsAMissingValue()
    {
        IDataView train = _ml.Data.LoadFromEnumerable<Row>([new() { Word = "b", Number = 7, Count = 5 }]);
        IDataView data = _ml.Data.LoadFromEnumerable<Row>([new() { Word = "b", Number = 7, Count = 5 }, new() { Word = "?", Number = 1, Count = 2 }]);
        var pairs = new[] { "Word", "Number", "Count" }.Select(n => new InputOutputColumnPair(n + "Back", n + "Key")).ToArray();

        IDataView back = _ml.Transforms.Conversion
            .MapValueToKey([new("WordKey", "Word"), new("NumberKey", "Number"), new("CountKey", "Count")])
            .Append(_ml.Transforms.Conversion.MapKeyToValue(pairs))
            .Fit(train)
            .Transform(data);

        CollectionAssert.AreEqual(new[] { "b", "" }, back.GetColumn<string>("WordBack").ToArray());
        CollectionAssert.AreEqual(new[] { 7, float.NaN }, back.GetColumn<float>("NumberBack").ToArray());
        CollectionAssert.AreEqual(new[] { 5, 0 }, back.GetColumn<int>("CountBack").ToArray());
    }

    [TestMethod]
    public void ValuesAreMappedOnlyWhenTheyAreAskedFor()
    {
        int read = 0;
        IEnumerable<Row> Rows()
        {
            foreach (string word in new[] { "a", "b", "c" })
            {
                read++;
                yield return new Row { Word = word };
            }
        }

        ITransformer mapping = _ml.Transforms.Conversion.MapValueToKey("Word").Fit(Words("a", "b", "c"));
        IDataView keys = mapping.Transform(_ml.Data.LoadFromEnumerable(Rows()));
        Assert.AreEqual(0, read);
        Assert.AreEqual(2u, keys.GetColumn<uint>("Word").Skip(1).First());
        // The package may read ahead.
        Assert.IsGreaterThanOrEqualTo(2, read);
    }

    [TestMethod]
    public void MissingAndWrongColumnsAreErrorsThatNameThem()
    {
        IDataView words = Words("a");
        var toKey = _ml.Transforms.Conversion.MapValueToKey("Key", "Nothing");
        var toValue = _ml.Transforms.Conversion.MapKeyToValue("Back", "Word");

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => toKey.Fit(words)).Message,
            "Could not find input column 'Nothing'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => toKey.Append(toValue).Fit(words)).Message,
            "Could not find input column 'Nothing'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.Transforms.CopyColumns("Copy", "Word").Append(toValue).Fit(words)).Message,
            "Schema mismatch for input column 'Word': expected KeyType, got String");
        ITransformer mapping = _ml.Transforms.Conversion.MapValueToKey("Word").Fit(words);
        Assert.ThrowsExactly<InvalidOperationException>(
            () => mapping.Transform(_ml.Transforms.Conversion.MapValueToKey("Word").Fit(words).Transform(words)));
    }

    private static string[] KeyValues(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.GetKeyValues(ref values);
        return values.DenseValues().Select(value => value.ToString()).ToArray();
    }

    private IDataView Words(params string?[] words)
        => _ml.Data.LoadFromEnumerable(words.Select(word => new Row { Word = word }));
}
