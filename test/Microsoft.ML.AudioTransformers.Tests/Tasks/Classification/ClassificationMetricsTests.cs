namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public class ClassificationMetricsTests
{
    [TestMethod]
    public void EveryTieIsBrokenAsAsked()
    {
        // Label 1 shares its score with classes 0 and 2.
        AudioClassificationMetrics metrics = AudioClassificationMetrics.Compute([1], [[0.3f, 0.3f, 0.3f, 0.1f]]);
        Assert.AreEqual((0.0, 1.0), Within(TieBreaking.FirstIndex));
        Assert.AreEqual((0.0, 1.0), Within(TieBreaking.LastIndex));
        Assert.AreEqual((1.0, 1.0), Within(TieBreaking.Optimistic));
        Assert.AreEqual((0.0, 0.0), Within(TieBreaking.Pessimistic));
        Assert.AreEqual(1, metrics.TopKAccuracy(3, TieBreaking.Pessimistic));

        (double One, double Two) Within(TieBreaking ties) => (metrics.TopKAccuracy(1, ties), metrics.TopKAccuracy(2, ties));
    }

    [TestMethod]
    public void AClassWithoutClipsHasNoRecall()
    {
        AudioClassificationMetrics metrics = AudioClassificationMetrics.Compute(
            [0, 0, 1], [[1, 0, 0], [0, 1, 0], [0, 1, 0]], ["a", "b", "c"]);
        CollectionAssert.AreEqual(new[] { 0.5, 1, double.NaN }, metrics.Recalls.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 0.5, double.NaN }, metrics.Precisions.ToArray());
        Assert.AreEqual(0.75, metrics.MeanClassAccuracy);
        Assert.AreEqual(2.0 / 3, metrics.Accuracy);
        // F1 of a and b: 2 right of 2 + 1, each; c is not there at all.
        Assert.AreEqual(2.0 / 3, metrics.MacroF1, 1e-15);
        Assert.AreEqual(1, metrics.ConfusionTable[0, 1]);
        Assert.AreEqual(
            "actual \\ predicted  a  b  c  recall\n" +
            "-----------------------------------\n" +
            "a                   1  1  0  0.5000\n" +
            "b                   0  1  0  1.0000\n" +
            "c                   0  0  0     NaN\n",
            metrics.ConfusionTable.GetFormattedTable());
        StringAssert.Contains(metrics.GetFormattedTable(), "precision");
    }

    [TestMethod]
    public void AnActionIsRightWhenVerbAndNounAre()
    {
        int[] verbs = [0, 0, 1];
        int[] nouns = [1, 0, 1];
        float[][] verbScores = [[2, 1], [2, 1], [2, 1]];
        float[][] nounScores = [[0, 3], [0, 3], [0, 3]];
        ActionRecognitionMetrics metrics = ActionRecognitionMetrics.Compute(verbs, verbScores, nouns, nounScores);
        Assert.AreEqual(2.0 / 3, metrics.Verb.Accuracy);
        Assert.AreEqual(2.0 / 3, metrics.Noun.Accuracy);
        Assert.AreEqual(1.0 / 3, metrics.ActionAccuracy);
        // Jointly, the noun counts for more: (0, 1), (1, 1), (0, 0), (1, 0).
        Assert.AreEqual(2.0 / 3, metrics.TopKJointActionAccuracy(2));
        Assert.AreEqual(1, metrics.TopKActionAccuracy(2));
        ConfidenceInterval interval = metrics.ConfidenceInterval(m => m.ActionAccuracy, resampleCount: 100);
        Assert.IsTrue(interval.Lower <= 1.0 / 3 && interval.Upper >= 1.0 / 3, interval.ToString());
    }

    [TestMethod]
    public void ProbabilitiesMultiplyWhereLogitsAdd()
    {
        // The action (1, 0) has the product 0.45 * 0.45, more than 0.9 * 0.05, but the smaller sum of the two.
        float[][] verbs = [[0.9f, 0.45f]];
        float[][] nouns = [[0.45f, 0.05f]];
        Assert.AreEqual(1, ActionRecognitionMetrics.Compute([1], verbs, [0], nouns, probabilities: true).TopKJointActionAccuracy(2));
        Assert.AreEqual(0, ActionRecognitionMetrics.Compute([1], verbs, [0], nouns).TopKJointActionAccuracy(2));
    }

    [TestMethod]
    public void ErrorsNameRowAndClass()
    {
        AssertMessage("Row 1 has the class label 2; expected 0 to 1", [0, 2], [[1, 0], [1, 0]]);
        AssertMessage("Row 0 has the class score NaN for class 1 ('b')", [0], [[1, float.NaN]]);
        AssertMessage("Row 0 has 3 class scores; expected one for each of 2 classes", [0], [[1, 0, 0]]);
        AssertMessage("There are no rows", [], []);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ActionRecognitionMetrics.Compute([0], [[1f]], [4], [[1f]])).Message,
            "Row 0 has the noun label 4");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => AudioClassificationMetrics.Compute([0], [[1f]]).TopKAccuracy(0));

        static void AssertMessage(string part, int[] labels, float[][] scores) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => AudioClassificationMetrics.Compute(labels, scores, ["a", "b"])).Message, part);
    }
}
