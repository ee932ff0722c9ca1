namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public class AudioTaggingMetricsTests
{
    [TestMethod]
    public void AveragePrecisionIsThePrecisionAtEachPositive()
    {
        // Ranked: positive, negative, positive, negative. Precision 1 and 2/3, each for half of the recall.
        AudioTaggingMetrics metrics = OneClass([1, 0, 1, 0], [0.9f, 0.8f, 0.7f, 0.1f]);
        Assert.AreEqual((1 + 2.0 / 3) / 2, metrics.AveragePrecisions[0], 1e-15);
        // Three of the four pairs are ranked right.
        Assert.AreEqual(0.75, metrics.AreasUnderRocCurve[0]);
        Assert.AreEqual(2, metrics.PositiveCounts[0]);
        Assert.AreEqual(2, metrics.NegativeCounts[0]);
    }

    [TestMethod]
    public void EqualScoresAreOneThreshold()
    {
        AudioTaggingMetrics metrics = OneClass([1, 0, 0, 0], [0.5f, 0.5f, 0.5f, 0.5f]);
        Assert.AreEqual(0.25, metrics.AveragePrecisions[0]);
        Assert.AreEqual(0.5, metrics.AreasUnderRocCurve[0]);
        Assert.AreEqual(0, metrics.DPrime);
        // The negative zero is no other score than the positive one.
        Assert.AreEqual(0.5, OneClass([1, 0], [0f, -0f]).AreasUnderRocCurve[0]);
    }

    [TestMethod]
    public void AClassWithoutPositivesCountsInTheMeanButHasNoCurve()
    {
        AudioTaggingMetrics metrics = AudioTaggingMetrics.Compute([[1, 0], [0, 0]], [[0.9f, 0.3f], [0.1f, 0.2f]], ["a", "b"]);
        Assert.AreEqual(0, metrics.AveragePrecisions[1]);
        Assert.AreEqual(double.NaN, metrics.AreasUnderRocCurve[1]);
        Assert.AreEqual(0.5, metrics.MeanAveragePrecision);
        Assert.AreEqual(1, metrics.MeanAveragePrecisionOfPresentClasses);
        Assert.AreEqual(1, metrics.MeanAreaUnderRocCurve);
        Assert.AreEqual(double.PositiveInfinity, metrics.DPrime);
        Assert.AreEqual(1, metrics.PrecisionRecallCurve(1).Recall[0]);
    }

    [TestMethod]
    public void WithoutAnyPositiveNothingIsRanked()
    {
        AudioTaggingMetrics metrics = OneClass([0, 0], [0.9f, 0.3f]);
        Assert.AreEqual(0, metrics.MeanAveragePrecision);
        Assert.AreEqual(0, metrics.MicroAveragePrecision);
        Assert.AreEqual(double.NaN, metrics.MeanAveragePrecisionOfPresentClasses);
        Assert.AreEqual(double.NaN, metrics.MeanAreaUnderRocCurve);
        Assert.AreEqual(double.NaN, metrics.LabelWeightedLabelRankingAveragePrecision);
    }

    [TestMethod]
    public void AnUnknownLabelCountsNeitherForNorAgainstItsClass()
    {
        // OpenMIC: the clip that scores highest is not labelled for the class.
        AudioTaggingMetrics masked = AudioTaggingMetrics.Compute(
            [[float.NaN, 1], [1, 0], [0, 1]], [[0.9f, 0.1f], [0.8f, 0.9f], [0.2f, 0.4f]]);
        AudioTaggingMetrics without = OneClass([1, 0], [0.8f, 0.2f]);
        Assert.AreEqual(without.AveragePrecisions[0], masked.AveragePrecisions[0]);
        Assert.AreEqual(without.AreasUnderRocCurve[0], masked.AreasUnderRocCurve[0]);
        Assert.AreEqual(1, masked.PositiveCounts[0]);
        Assert.AreEqual(1, masked.NegativeCounts[0]);
        // Known pairs, ranked: no, yes, yes, no, yes. The first clip has its label alone among the known classes.
        Assert.AreEqual((0.5 + 2.0 / 3 + 3.0 / 5) / 3, masked.MicroAveragePrecision, 1e-15);
        Assert.AreEqual((1 + 0.5 + 1) / 3, masked.LabelWeightedLabelRankingAveragePrecision, 1e-15);
    }

    [TestMethod]
    public void LwlrapWeighsEveryLabelAlike()
    {
        // Clip 1: its labels are ranked 1 and 3, precision 1 and 2/3. Clip 2: its label is ranked 2, precision 1/2.
        AudioTaggingMetrics metrics = AudioTaggingMetrics.Compute(
            [[1, 0, 1], [0, 1, 0]], [[0.9f, 0.5f, 0.1f], [0.9f, 0.5f, 0.1f]]);
        Assert.AreEqual((1 + 2.0 / 3 + 0.5) / 3, metrics.LabelWeightedLabelRankingAveragePrecision, 1e-15);
    }

    [TestMethod]
    public void TheCurveHasAPointForEachScoreAndItsEnd()
    {
        PrecisionRecallCurve curve = OneClass([1, 0, 1, 0], [0.9f, 0.8f, 0.8f, 0.1f]).PrecisionRecallCurve(0);
        CollectionAssert.AreEqual(new[] { 0.1f, 0.8f, 0.9f }, curve.Thresholds.ToArray());
        CollectionAssert.AreEqual(new[] { 0.5, 2.0 / 3, 1, 1 }, curve.Precision.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 1, 0.5, 0 }, curve.Recall.ToArray());
    }

    [TestMethod]
    public void ManyScoresRankAsSortedOnesDo()
    {
        // Above the size at which the sort counts digits, with infinite, negative and equal scores.
        Random random = new(11);
        float[] scores = [.. Enumerable.Range(0, 5000).Select(i => i % 97 == 0
            ? float.NegativeInfinity
            : MathF.Round((random.NextSingle() - 0.5f) * 1000) * MathF.Pow(10, random.Next(-3, 4)))];
        float[] targets = [.. scores.Select(_ => random.Next(10) == 0 ? 1f : 0f)];
        (float Score, float Target)[] ranked = [.. scores.Zip(targets).OrderByDescending(item => item.First)];
        double precision = 0;
        double pairs = 0;
        foreach ((float score, _) in ranked.Where(item => item.Target == 1))
        {
            precision += ranked.Count(item => item.Score >= score && item.Target == 1) / (double)ranked.Count(item => item.Score >= score);
            pairs += ranked.Count(item => item.Score < score && item.Target == 0)
                + 0.5 * ranked.Count(item => item.Score == score && item.Target == 0);
        }

        double positives = targets.Sum();
        AudioTaggingMetrics metrics = OneClass(targets, scores);
        Assert.AreEqual(precision / positives, metrics.AveragePrecisions[0], 1e-12);
        Assert.AreEqual(metrics.AveragePrecisions[0], metrics.MicroAveragePrecision);
        Assert.AreEqual(pairs / (positives * (5000 - positives)), metrics.AreasUnderRocCurve[0], 1e-12);
    }

    [TestMethod]
    public void ErrorsNameRowAndClass()
    {
        AssertMessage("Row 1 has the score NaN for class 1 ('b')", [[1, 0], [0, 1]], [[0, 0], [0, float.NaN]]);
        AssertMessage("Row 0 has the label 2 for class 0 ('a')", [[2, 0]], [[0, 0]]);
        AssertMessage("Row 1 has 1 scores; expected one for each of 2 classes", [[1, 0], [1]], [[0, 0], [0]]);
        AssertMessage("Row 0 has 1 labels and 2 scores", [[1]], [[0, 0]]);
        AssertMessage("There are 2 rows of labels and 1 of scores", [[1, 0], [1, 0]], [[0, 0]]);
        AssertMessage("There are no rows", [], []);

        static void AssertMessage(string part, float[][] targets, float[][] scores) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => AudioTaggingMetrics.Compute(targets, scores, ["a", "b"])).Message, part);
    }

    [TestMethod]
    public void TheIntervalHoldsTheEstimateAndFollowsFromTheSeed()
    {
        Random random = new(6);
        float[] targets = [.. Enumerable.Range(0, 200).Select(_ => (float)random.Next(2))];
        float[] scores = [.. targets.Select(target => target * 0.3f + random.NextSingle())];
        AudioTaggingMetrics metrics = OneClass(targets, scores);
        ConfidenceInterval interval = metrics.ConfidenceInterval(m => m.MeanAveragePrecision, resampleCount: 200, seed: 3);
        Assert.AreEqual(metrics.MeanAveragePrecision, interval.Estimate);
        Assert.IsTrue(interval.Lower < interval.Estimate && interval.Estimate < interval.Upper, interval.ToString());
        Assert.AreEqual(interval, metrics.ConfidenceInterval(m => m.MeanAveragePrecision, resampleCount: 200, seed: 3));
        Assert.AreNotEqual(interval, metrics.ConfidenceInterval(m => m.MeanAveragePrecision, resampleCount: 200, seed: 4));
        ConfidenceInterval narrow = metrics.ConfidenceInterval(m => m.MeanAveragePrecision, resampleCount: 200, level: 0.5, seed: 3);
        Assert.IsTrue(interval.Lower < narrow.Lower && narrow.Upper < interval.Upper, $"{interval} {narrow}");
    }

    [TestMethod]
    public void TheTableHasALineForEachClass()
    {
        AudioTaggingMetrics metrics = AudioTaggingMetrics.Compute([[1, 0], [0, 0]], [[0.9f, 0.3f], [0.1f, 0.2f]], ["dog", "a cat"]);
        Assert.AreEqual(
            "class  positives      AP     AUC   d-prime\n" +
            "------------------------------------------\n" +
            "dog            1  1.0000  1.0000  Infinity\n" +
            "a cat          0  0.0000     NaN       NaN\n",
            metrics.GetFormattedTable());
        StringAssert.Contains(metrics.ToString(), "mAP");
    }

    private static AudioTaggingMetrics OneClass(float[] targets, float[] scores) => AudioTaggingMetrics.Compute(
        [.. targets.Select(target => new[] { target })], [.. scores.Select(score => new[] { score })]);
}
