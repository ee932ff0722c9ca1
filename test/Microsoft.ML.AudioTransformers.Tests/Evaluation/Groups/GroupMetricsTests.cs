using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.Evaluation;

[TestClass]
public class GroupMetricsTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void EachDeviceHasItsAccuracyAndSeveralArePooled()
    {
        GroupMetrics<AudioClassificationMetrics> devices = _mlContext.AudioClassification().EvaluateGroups(Clips(), "Device");

        CollectionAssert.AreEqual(new[] { "a", "b", "s6" }, devices.Groups.Select(group => group.Group).ToArray());
        // Device a: 3 of 4 right; b: 1 of 2; s6: 0 of 1.
        Assert.AreEqual(0.75, devices["a"].Accuracy);
        Assert.AreEqual(0.5, devices["b"].Accuracy);
        Assert.AreEqual(0, devices["s6"].Accuracy);
        Assert.AreEqual(4 / 7.0, devices.Overall.Accuracy, 1e-12);
        // Seen devices: 4 of 6, where the mean of the two devices would be 0.625.
        Assert.AreEqual(4 / 6.0, devices.Of("a", "b").Accuracy, 1e-12);
        Assert.AreEqual(6, devices.Of("a", "b").ClipCount);
        Assert.AreEqual((0.75 + 0.5 + 0) / 3, devices.Average(metrics => metrics.Accuracy), 1e-12);
        string table = devices.GetFormattedTable("accuracy", metrics => metrics.Accuracy);
        StringAssert.Contains(table, "s6");
        StringAssert.Contains(table, "0.5714");
    }

    [TestMethod]
    public void GroupsMayBeNumbersInTheirOrder()
    {
        GroupMetrics<AudioClassificationMetrics> groups = _mlContext.AudioClassification().EvaluateGroups(Clips(), "City");
        CollectionAssert.AreEqual(new[] { "2", "10" }, groups.Groups.Select(group => group.Group).ToArray());
    }

    [TestMethod]
    public void AGroupThatIsNotThereIsNamedWithThoseThatAre()
    {
        GroupMetrics<AudioClassificationMetrics> devices = _mlContext.AudioClassification().EvaluateGroups(Clips(), "Device");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => devices["c"]).Message, "no group c; the groups are a, b, s6");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => devices.Of("a", "x", "y")).Message, "no group x, y");
        Assert.ThrowsExactly<ArgumentException>(() => devices.Of());
    }

    [TestMethod]
    public void AClipWithoutAGroupOrAColumnThatIsNotThereIsAnError()
    {
        IDataView clips = _mlContext.Data.LoadFromEnumerable([new Clip { Device = "a" }, new Clip { Device = "" }]);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(
                () => _mlContext.AudioClassification().EvaluateGroups(clips, "Device")).Message,
            "Row 1 has no group in column 'Device'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _mlContext.AudioClassification().EvaluateGroups(clips, "Devices")).Message,
            "Group column 'Devices' not found");
    }

    private IDataView Clips() => _mlContext.Data.LoadFromEnumerable(
    [
        new Clip { Device = "a", City = 10, Label = 0, Score = [0.9f, 0.1f] },
        new() { Device = "a", City = 10, Label = 1, Score = [0.2f, 0.8f] },
        new() { Device = "b", City = 2, Label = 0, Score = [0.6f, 0.4f] },
        new() { Device = "a", City = 2, Label = 1, Score = [0.7f, 0.3f] },
        new() { Device = "s6", City = 2, Label = 0, Score = [0.1f, 0.9f] },
        new() { Device = "b", City = 2, Label = 1, Score = [0.6f, 0.4f] },
        new() { Device = "a", City = 2, Label = 0, Score = [0.6f, 0.4f] },
    ]);

    private sealed class Clip
    {
        public string Device { get; set; } = "";

        public float City { get; set; }

        public float Label { get; set; }

        [VectorType(2)]
        public float[] Score { get; set; } = [1, 0];
    }
}
