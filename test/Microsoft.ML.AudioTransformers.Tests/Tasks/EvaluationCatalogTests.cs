using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public class EvaluationCatalogTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void TaggingReadsLabelsAsNumbersFlagsOrKeys()
    {
        TaggedRow[] rows =
        [
            new() { Numbers = [1, 0, 0], Flags = [true, false, false], Tags = ["a"], Score = [0.9f, 0.3f, 0.2f] },
            new() { Numbers = [0, 1, 1], Flags = [false, true, true], Tags = ["c", "b"], Score = [0.8f, 0.1f, 0.7f] },
            new() { Numbers = [1, 0, 0], Flags = [true, false, false], Tags = ["a", "unknown"], Score = [0.1f, 0.2f, 0.3f] },
        ];
        IDataView keys = _mlContext.Data.LoadFromEnumerable(new[] { new KeyRow { Tag = "a" }, new() { Tag = "b" }, new() { Tag = "c" } });
        IDataView data = _mlContext.Transforms.Conversion.MapValueToKey("Keys", "Tags", keyData: keys)
            .Fit(_mlContext.Data.LoadFromEnumerable(rows)).Transform(_mlContext.Data.LoadFromEnumerable(rows));
        AudioTaggingMetrics expected = AudioTaggingMetrics.Compute([.. rows.Select(row => row.Numbers!)], [.. rows.Select(row => row.Score!)]);
        Assert.IsLessThan(1, expected.MeanAveragePrecision);
        foreach (string column in new[] { "Numbers", "Flags", "Keys" })
        {
            AudioTaggingMetrics metrics = _mlContext.AudioTagging().Evaluate(data, labelColumnName: column);
            CollectionAssert.AreEqual(expected.AveragePrecisions.ToArray(), metrics.AveragePrecisions.ToArray(), column);
            Assert.AreEqual(expected.LabelWeightedLabelRankingAveragePrecision, metrics.LabelWeightedLabelRankingAveragePrecision);
        }

        CollectionAssert.AreEqual(
            new[] { "a", "b", "c" }, _mlContext.AudioTagging().Evaluate(data, "Keys").ClassNames.ToArray());
        CollectionAssert.AreEqual(
            new[] { "0", "1", "2" }, _mlContext.AudioTagging().Evaluate(data, "Flags").ClassNames.ToArray());
    }

    [TestMethod]
    public void UnknownLabelsOfAViewAreMasked()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new TaggedRow { Numbers = [float.NaN, 1, 0], Score = [0.9f, 0.3f, 0.2f] },
            new() { Numbers = [1, 0, 1], Score = [0.8f, 0.1f, 0.7f] },
        });
        AudioTaggingMetrics metrics = _mlContext.AudioTagging().Evaluate(data, "Numbers");
        CollectionAssert.AreEqual(new[] { 1, 1, 1 }, metrics.PositiveCounts.ToArray());
        CollectionAssert.AreEqual(new[] { 0, 1, 1 }, metrics.NegativeCounts.ToArray());
    }

    [TestMethod]
    public void ClassificationLeavesOutRowsWithoutALabelAndSaysSo()
    {
        List<string> warnings = [];
        _mlContext.Log += (_, message) =>
        {
            if (message.Kind == Runtime.ChannelMessageKind.Warning)
            {
                warnings.Add(message.Message);
            }
        };
        IDataView data = Keyed(
            new() { Name = "a", Score = [0.9f, 0.1f] },
            new() { Name = "b", Score = [0.8f, 0.2f] },
            new() { Name = "", Score = [float.NaN, 0.2f] });
        AudioClassificationMetrics metrics = _mlContext.AudioClassification().Evaluate(data);
        Assert.AreEqual(2, metrics.ClipCount);
        Assert.AreEqual(0.5, metrics.Accuracy);
        CollectionAssert.AreEqual(new[] { "a", "b" }, metrics.ClassNames.ToArray());
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "Left out 1 clips");
    }

    [TestMethod]
    public void ActionsAreAVerbAndANoun()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new ActionRow { Verb = 0, Noun = 1, VerbScore = [0.9f, 0.1f], NounScore = [0.2f, 0.8f] },
            new() { Verb = 1, Noun = 1, VerbScore = [0.9f, 0.1f], NounScore = [0.2f, 0.8f] },
            new() { Verb = float.NaN, Noun = 1, VerbScore = [0.9f, 0.1f], NounScore = [0.2f, 0.8f] },
        });
        ActionRecognitionMetrics metrics = _mlContext.ActionRecognition().Evaluate(data);
        Assert.AreEqual(0.5, metrics.Verb.Accuracy);
        Assert.AreEqual(1, metrics.Noun.Accuracy);
        Assert.AreEqual(0.5, metrics.ActionAccuracy);
        Assert.AreEqual(2, metrics.ClipCount);
    }

    [TestMethod]
    public void OnlyLabelsAndScoresAreRead()
    {
        IDataView data = Keyed(new() { Name = "a", Score = [0.9f, 0.1f] }, new() { Name = "b", Score = [0.8f, 0.2f] });
        WatchedDataView watched = new(data);
        _ = _mlContext.AudioClassification().Evaluate(watched);
        CollectionAssert.AreEquivalent(new[] { "Label", "Score" }, watched.Read.ToArray());
        Assert.AreEqual(1, watched.CursorCount);
    }

    [TestMethod]
    public void ErrorsNameColumnRowAndClass()
    {
        IDataView data = Keyed(new() { Name = "a", Score = [0.9f, 0.1f] }, new() { Name = "b", Score = [0.8f, float.NaN] });
        AssertMessage<ArgumentException>("Row 1 has the class score NaN for class 1 ('b')", () => _mlContext.AudioClassification().Evaluate(data));
        AssertMessage<ArgumentOutOfRangeException>("Label column 'Missing' not found", () => _mlContext.AudioClassification().Evaluate(data, "Missing"));
        AssertMessage<ArgumentOutOfRangeException>("Score column 'Name' is", () => _mlContext.AudioClassification().Evaluate(data, "Label", "Name"));
        AssertMessage<ArgumentOutOfRangeException>("Label column 'Name' is", () => _mlContext.AudioTagging().Evaluate(data, "Name"));

        IDataView numbered = _mlContext.Data.LoadFromEnumerable(new[] { new ActionRow { Verb = 0.5f, VerbScore = [1, 0], NounScore = [1, 0] } });
        AssertMessage<ArgumentException>("Row 0 has the label 0.5 in column 'Verb'", () => _mlContext.AudioClassification().Evaluate(numbered, "Verb", "VerbScore"));
    }

    [TestMethod]
    public void ScoresOfOtherClassesAreNotCompared()
    {
        // A second mapping that has the same classes in another order would swap them without a sign.
        IDataView data = Keyed(new() { Name = "a", Score = [0.9f, 0.1f] }, new() { Name = "b", Score = [0.8f, 0.2f] });
        IDataView scored = _mlContext.Transforms.CopyColumns("Features", "Score")
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Features"))
            .Fit(data).Transform(data);
        IDataView otherOrder = _mlContext.Data.LoadFromEnumerable(new[] { new KeyRow { Tag = "b" }, new() { Tag = "a" } });
        IDataView relabelled = _mlContext.Transforms.Conversion.MapValueToKey("Other", "Name", keyData: otherOrder)
            .Fit(scored).Transform(scored);
        CollectionAssert.AreEqual(new[] { "a", "b" }, _mlContext.AudioClassification().Evaluate(scored).ClassNames.ToArray());
        AssertMessage<ArgumentException>(
            "differ in class 0: 'a' and 'b'", () => _mlContext.AudioClassification().Evaluate(relabelled, "Other"));
    }

    private static void AssertMessage<TException>(string part, Action action)
        where TException : Exception =>
        StringAssert.Contains(Assert.ThrowsExactly<TException>(action).Message, part);

    private IDataView Keyed(params NamedRow[] rows)
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        return _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data).Transform(data);
    }

    private sealed class TaggedRow
    {
        [VectorType(3)]
        public float[]? Numbers { get; set; } = [0, 0, 0];

        [VectorType(3)]
        public bool[]? Flags { get; set; } = [false, false, false];

        public string[]? Tags { get; set; } = [];

        [VectorType(3)]
        public float[]? Score { get; set; }
    }

    private sealed class KeyRow
    {
        public string? Tag { get; set; }
    }

    private sealed class NamedRow
    {
        public string? Name { get; set; }

        [VectorType(2)]
        public float[]? Score { get; set; }
    }

    private sealed class ActionRow
    {
        public float Verb { get; set; }

        public float Noun { get; set; }

        [VectorType(2)]
        public float[]? VerbScore { get; set; }

        [VectorType(2)]
        public float[]? NounScore { get; set; }
    }

    /// <summary>A view that notes which columns its cursors are asked for.</summary>
    private sealed class WatchedDataView(IDataView input) : IDataView
    {
        public HashSet<string> Read { get; } = [];

        public int CursorCount { get; private set; }

        public bool CanShuffle => input.CanShuffle;

        public DataViewSchema Schema => input.Schema;

        public long? GetRowCount() => input.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            DataViewSchema.Column[] columns = [.. columnsNeeded];
            Read.UnionWith(columns.Select(column => column.Name));
            CursorCount++;
            return input.GetRowCursor(columns, rand);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }
}
