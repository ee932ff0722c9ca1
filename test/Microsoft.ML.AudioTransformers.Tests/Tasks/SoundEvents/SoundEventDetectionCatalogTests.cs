using AudioMLNet.TestSupport;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public class SoundEventDetectionCatalogTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>
    /// DESED's and AudioSet's tables: quotes around commas, a header or none, empty cells and rows of a name only.
    /// </summary>
    [TestMethod]
    [DataRow(true, true)]
    [DataRow(false, false)]
    public void TablesAreReadAsTheirPublishersWriteThem(bool hasHeader, bool missingAsNaN)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("events.csv");
        string[] rows =
        [
            "filename,onset,offset,event_label,duration", "a.wav,0.5,1.25,\"Speech, male\",10", "\"b, c.wav\",,,,10", "d.wav",
            "a.wav,2,3,Dog,", "", "e.wav,1.5e0,2.5,\"The \"\"bell\"\"\",10",
        ];
        File.WriteAllLines(path, hasHeader ? rows : rows[1..]);
        var mlContext = new MLContext(seed: 1);
        IDataView table = mlContext.Data.LoadFromTextFile(path, new TextLoader.Options
        {
            Columns =
            [
                new("Clip", DataKind.String, 0), new("Onset", DataKind.Single, 1), new("Offset", DataKind.Single, 2),
                new("Label", DataKind.String, 3), new("Duration", DataKind.Double, 4),
            ],
            Separators = [','],
            HasHeader = hasHeader,
            AllowQuoting = true,
            MissingRealsAsNaNs = missingAsNaN,
        });

        IReadOnlyList<SoundEvent> events = mlContext.SoundEventDetection().ReadEvents(table, new() { Duration = "Duration" });

        CollectionAssert.AreEqual(
            new SoundEvent[]
            {
                new("a.wav", "Speech, male", 0.5, 1.25), new("a.wav", "Dog", 2, 3), new("e.wav", "The \"bell\"", 1.5, 2.5),
            },
            events.ToArray());
    }

    [TestMethod]
    public void EventsAreRowsOrVectorsOfAClip()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new EventRow { Clip = "x", Label = "dog", Onset = 1, Offset = 3, Score = 0.5f },
            new() { Clip = "y", Label = "", Onset = float.NaN, Offset = float.NaN },
            new() { Clip = "x", Label = "cat", Onset = 5, Offset = 6, Score = 0.25f },
        });
        IDataView clips = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new ClipRow { Clip = "x", Label = ["dog", "cat"], Onset = [1, 5], Offset = [3, 6], Score = [0.5, 0.25] },
            new() { Clip = "y", Label = [], Onset = [], Offset = [], Score = [] },
        });
        SoundEvent[] expected = [new("x", "dog", 1, 3, 0.5), new("x", "cat", 5, 6, 0.25)];
        SoundEventColumns columns = new() { Score = "Score" };
        CollectionAssert.AreEqual(expected, _mlContext.SoundEventDetection().ReadEvents(rows, columns).ToArray());
        CollectionAssert.AreEqual(expected, _mlContext.SoundEventDetection().ReadEvents(clips, columns).ToArray());
        CollectionAssert.AreEqual(
            expected.Select(item => item with { Score = 1 }).ToArray(), _mlContext.SoundEventDetection().ReadEvents(clips).ToArray());
        IDataView keys = _mlContext.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(clips).Transform(clips);
        CollectionAssert.AreEqual(
            expected, _mlContext.SoundEventDetection().ReadEvents(keys, new() { Label = "Key", Score = "Score" }).ToArray());
    }

    [TestMethod]
    public void FoundEventsAreMeasuredInThreeWays()
    {
        IDataView reference = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new ClipRow { Clip = "x", Label = ["dog", "cat"], Onset = [1, 5], Offset = [3, 6], Duration = 10 },
            new() { Clip = "y", Label = [], Onset = [], Offset = [], Duration = 20 },
        });
        IDataView estimated = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new EventRow { Clip = "x", Label = "dog", Onset = 1, Offset = 3 },
            new() { Clip = "y", Label = "cat", Onset = 2, Offset = 3 },
        });
        SoundEventDetectionCatalog.EvaluationOptions options = new() { ReferenceColumns = new() { Duration = "Duration" } };
        SoundEventDetectionMetrics metrics = _mlContext.SoundEventDetection().Evaluate(reference, estimated, options);
        Assert.AreEqual(0.5, metrics.EventBased.Overall.F1);
        // Thirty seconds and two classes: one is missed in x, one is wrong in y.
        Assert.AreEqual(58 / 60.0, metrics.SegmentBased.Overall.Accuracy, 1e-12);
        Assert.AreEqual(0.5, metrics.Intersection!.MacroF1OfAnnotatedClasses);
        Assert.AreEqual(2, metrics.EventBased.ClipCount);
        StringAssert.Contains(metrics.GetFormattedTable(), "class average");

        Assert.IsNull(_mlContext.SoundEventDetection().Evaluate(reference, estimated).Intersection);
        PolyphonicSoundDetectionScore score = _mlContext.SoundEventDetection().Evaluate(
            reference, [estimated], new() { MaximumEffectiveFalsePositiveRate = 1000 }, options);
        // The dog is found without false alarm, the cat is not.
        Assert.AreEqual(0.5, score.Value, 1e-12);
    }

    [TestMethod]
    public void ErrorsNameTheRow()
    {
        IDataView uneven = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new ClipRow { Clip = "x", Label = ["dog"], Onset = [1, 2], Offset = [3] },
        });
        AssertMessage("Row 0 (clip 'x') has 1 labels, 2 onsets and 1 offsets", () => _mlContext.SoundEventDetection().ReadEvents(uneven));
        IDataView unlabelled = _mlContext.Data.LoadFromEnumerable(new[] { new EventRow { Clip = "x", Label = "", Onset = 1, Offset = 3 } });
        AssertMessage("Row 0 (clip 'x') has an event from 1 to 3 s without a label", () => _mlContext.SoundEventDetection().ReadEvents(unlabelled));
        IDataView twoLengths = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new ClipRow { Clip = "x", Duration = 10 },
            new() { Clip = "x", Duration = 11 },
        });
        AssertMessage(
            "Row 1 gives clip 'x' the duration 11; before, it was 10",
            () => _mlContext.SoundEventDetection().ReadEvents(twoLengths, new() { Duration = "Duration" }));
        AssertMessage(
            "The durations of the clips are unknown", () => _mlContext.SoundEventDetection().Evaluate(twoLengths, [twoLengths]));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _mlContext.SoundEventDetection().ReadEvents(twoLengths, new() { Onset = "Clip" })).Message,
            "Onset column 'Clip' is");

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _mlContext.SoundEventDetection().Evaluate(twoLengths, twoLengths, new() { EventBased = { Collar = -1 } })).Message,
            "EventBased.Collar is -1");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _mlContext.SoundEventDetection().ReadEvents(twoLengths, new() { Label = " " })).Message,
            "Label is ' '; expected a column's name");

        static void AssertMessage(string part, Action action) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(action).Message, part);
    }

    private sealed class EventRow
    {
        public string? Clip { get; set; }

        public string? Label { get; set; }

        public float Onset { get; set; }

        public float Offset { get; set; }

        public float Score { get; set; }
    }

    private sealed class ClipRow
    {
        public string? Clip { get; set; }

        public string[]? Label { get; set; } = [];

        public float[]? Onset { get; set; } = [];

        public float[]? Offset { get; set; } = [];

        public double[]? Score { get; set; } = [];

        public float Duration { get; set; }
    }
}
