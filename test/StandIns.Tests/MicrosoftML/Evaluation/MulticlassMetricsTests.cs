using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Evaluation;

/// <summary>Metrics against values worked out by hand.</summary>
[TestClass]
public class MulticlassMetricsTests
{
    private readonly MLContext _ml = new(1);

    public class Scored
    {
        public float Label { get; set; }

        [VectorType(3)]
        public float[] Score { get; set; } = [];

        [KeyType(3)]
        public uint PredictedLabel { get; set; }
    }

    [TestMethod]
    public void MetricsAreThoseWorkedOutByHand()
    {
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(
            Rows(
                (0, [0.5f, 0.25f, 0.25f]),
                (0, [0.25f, 0.5f, 0.25f]),
                (1, [0.25f, 0.5f, 0.25f]),
                (2, [0.5f, 0.25f, 0.25f])),
            topKPredictionCount: 2);

        double ln2 = Math.Log(2);
        Assert.AreEqual(0.5, metrics.MicroAccuracy);
        Assert.AreEqual((0.5 + 1 + 0) / 3, metrics.MacroAccuracy, 1e-12);
        Assert.AreEqual((ln2 + (2 * ln2) + ln2 + (2 * ln2)) / 4, metrics.LogLoss, 1e-12);
        // The entropy of the classes' frequencies 1/2, 1/4, 1/4 is 1.5 ln 2: as large as the log-loss.
        Assert.AreEqual(0, metrics.LogLossReduction, 1e-12);
        AssertClose([1.5 * ln2, ln2, 2 * ln2], metrics.PerClassLogLoss);
        Assert.AreEqual(2, metrics.TopKPredictionCount);
        // Ranks of the own class: 0; 1 (first of two equal ones); 0; 2 (second of two equal ones).
        AssertClose([0.5, 0.75], metrics.TopKAccuracyForAllK);
        Assert.AreEqual(0.75, metrics.TopKAccuracy);

        ConfusionMatrix confusions = metrics.ConfusionMatrix;
        Assert.AreEqual(3, confusions.NumberOfClasses);
        AssertClose([1, 1, 0], confusions.Counts[0]);
        AssertClose([0, 1, 0], confusions.Counts[1]);
        AssertClose([1, 0, 0], confusions.Counts[2]);
        AssertClose([0.5, 0.5, 0], confusions.PerClassPrecision);
        AssertClose([0.5, 1, 0], confusions.PerClassRecall);
        Assert.AreEqual(1, confusions.GetCountForClassPair(predictedClassIndicatorIndex: 1, actualClassIndicatorIndex: 0));
        Assert.AreEqual(0, confusions.GetCountForClassPair(predictedClassIndicatorIndex: 0, actualClassIndicatorIndex: 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => confusions.GetCountForClassPair(3, 0));
    }

    [TestMethod]
    public void WithoutTopKThereIsNone()
    {
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(Rows((0, [1, 0, 0])));

        Assert.AreEqual(0, metrics.TopKPredictionCount);
        Assert.AreEqual(0, metrics.TopKAccuracy);
        Assert.IsNull(metrics.TopKAccuracyForAllK);
    }

    [TestMethod]
    public void RowsWithoutALabelOrWithBadScoresDoNotCount()
    {
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(Rows(
            (1, [0, 1, 0]),
            (float.NaN, [0, 0, 1]),
            (-1, [0, 0, 1]),
            (0.5f, [0, 0, 1]),
            (0, [float.NaN, 0, 1]),
            (0, [0, float.PositiveInfinity, 1])));

        Assert.AreEqual(1, metrics.MicroAccuracy);
        Assert.AreEqual(1, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }

    [TestMethod]
    public void AClassWithoutAScoreIsAlwaysWrong()
    {
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(
            Rows((0, [1, 0, 0]), (7, [1, 0, 0])));

        Assert.AreEqual(0.5, metrics.MicroAccuracy);
        Assert.AreEqual(-Math.Log(1e-15f) / 2, metrics.LogLoss, 1e-9);
        Assert.AreEqual(1, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }

    [TestMethod]
    public void AScoreOfZeroIsALossThatIsNotInfinite()
    {
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(
            Rows((0, [0, 1, 0]), (1, [0, 2, 0])));

        AssertClose([-Math.Log(1e-15f), 0, 0], metrics.PerClassLogLoss);
    }

    public class Keyed
    {
        public string Word { get; set; } = "";

        [VectorType(2)]
        public float[] Score { get; set; } = [];

        public float PredictedLabel { get; set; }
    }

    [TestMethod]
    public void LabelsMayBeKeysAndMissingOnesDoNotCount()
    {
        IDataView train = _ml.Data.LoadFromEnumerable<Keyed>([new() { Word = "yes" }, new() { Word = "no" }]);
        IDataView test = _ml.Data.LoadFromEnumerable<Keyed>(
        [
            new() { Word = "no", Score = [0.25f, 0.75f] },
            new() { Word = "yes", Score = [0.25f, 0.75f] },
            new() { Word = "maybe", Score = [0.25f, 0.75f] },
        ]);
        IDataView scored = _ml.Transforms.Conversion.MapValueToKey("Label", "Word").Fit(train).Transform(test);

        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(scored);

        Assert.AreEqual(0.5, metrics.MicroAccuracy);
        AssertClose([0, 1], metrics.ConfusionMatrix.Counts[0]);
        AssertClose([0, 1], metrics.ConfusionMatrix.Counts[1]);
    }

    [TestMethod]
    public void MissingAndWrongColumnsAreErrorsThatNameThem()
    {
        IDataView data = Rows((0, [1, 0, 0]));
        MulticlassClassificationCatalog catalog = _ml.MulticlassClassification;

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.Evaluate(data, "Nothing")).Message, "Nothing");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => catalog.Evaluate(data, predictedLabelColumnName: "Nothing")).Message,
            "Nothing");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => catalog.Evaluate(data, scoreColumnName: "Label")).Message,
            "vector of two or more items of type Single");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => catalog.Evaluate(data, labelColumnName: "Score")).Message,
            "Single or Key");
    }

    [TestMethod]
    public void TheConfusionTableHasTheRealLayout()
    {
        string table = _ml.MulticlassClassification
            .Evaluate(Rows((0, [1, 0, 0]), (0, [0, 1, 0]), (1, [0, 1, 0]), (2, [1, 0, 0])))
            .ConfusionMatrix.GetFormattedConfusionTable();

        string[] expected =
        [
            "",
            "Confusion table",
            "          ||========================",
            "PREDICTED ||     0 |     1 |     2 | Recall",
            "TRUTH     ||========================",
            "        0 ||     1 |     1 |     0 | 0.5000",
            "        1 ||     0 |     1 |     0 | 1.0000",
            "        2 ||     1 |     0 |     0 | 0.0000",
            "          ||========================",
            "Precision ||0.5000 |0.5000 |0.0000 |",
            "",
        ];
        CollectionAssert.AreEqual(expected, table.ReplaceLineEndings("\n").Split('\n'));
    }

    [TestMethod]
    public void LongNamesAreNumberedInTheConfusionTable()
    {
        var definition = SchemaDefinition.Create(typeof(Scored));
        definition["Score"].AddAnnotation(
            "SlotNames", new[] { "yes", "no", "left-handed" }, new VectorDataViewType(TextDataViewType.Instance, 3));
        IDataView data = _ml.Data.LoadFromEnumerable<Scored>(
            [new() { Label = 2, Score = [0, 0, 1], PredictedLabel = 2 }], definition);

        string table = _ml.MulticlassClassification.Evaluate(data).ConfusionMatrix.GetFormattedConfusionTable();

        string[] expected =
        [
            "",
            "Confusion table",
            "               ||========================",
            "PREDICTED      ||     0 |     1 |     2 | Recall",
            "TRUTH          ||========================",
            "0.         yes ||     0 |     0 |     0 | 0.0000",
            "1.          no ||     0 |     0 |     0 | 0.0000",
            "2. left-handed ||     0 |     0 |     1 | 1.0000",
            "               ||========================",
            "Precision      ||0.0000 |0.0000 |1.0000 |",
            "",
        ];
        CollectionAssert.AreEqual(expected, table.ReplaceLineEndings("\n").Split('\n'));
    }

    private static void AssertClose(double[] expected, IReadOnlyList<double> actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-12, $"item {i}");
    }

    private IDataView Rows(params (float Label, float[] Score)[] rows)
        => _ml.Data.LoadFromEnumerable(rows.Select(row => new Scored { Label = row.Label, Score = row.Score }));
}
