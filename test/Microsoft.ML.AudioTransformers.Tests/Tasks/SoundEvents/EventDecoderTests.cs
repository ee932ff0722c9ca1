using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public class EventDecoderTests
{
    private static readonly string[] s_one = ["a"];

    [TestMethod]
    public void AnEventReachesFromItsFirstFrameToTheOneAfterItsLast()
    {
        List<SoundEvent> events = Decode([0, 0.6f, 0.8f, 0.5f, 0, 0.9f], new EventDecodingOptions());
        // 0.5 is not above the threshold.
        Assert.HasCount(2, events);
        Assert.AreEqual(new SoundEvent("clip", "a", 0.5, 1.5, 0.7), Rounded(events[0]));
        Assert.AreEqual(new SoundEvent("clip", "a", 2.5, 3.0, 0.9), Rounded(events[1]));
    }

    [TestMethod]
    public void ShortGapsAreClosedBeforeShortEventsAreDropped()
    {
        float[] presence = [1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1];
        // Gaps of one, two and three frames of half a second.
        List<SoundEvent> events = Decode(presence, new EventDecodingOptions { MinimumGaps = [1], MinimumDurations = [1] });
        Assert.HasCount(2, events);
        Assert.AreEqual((0.0, 1.5), (events[0].Onset, events[0].Offset));
        Assert.AreEqual((4.5, 6.0), (events[1].Onset, events[1].Offset));
        Assert.AreEqual(2.0 / 3, events[0].Score, 1e-9);
    }

    [TestMethod]
    public void AGapOfExactlyTheMinimumStaysOpen()
    {
        Assert.HasCount(2, Decode([1, 0, 0, 1], new EventDecodingOptions { MinimumGaps = [1] }));
        Assert.HasCount(1, Decode([1, 0, 0, 1], new EventDecodingOptions { MinimumGaps = [1.25] }));
    }

    [TestMethod]
    public void EachClassHasItsOwnSettings()
    {
        EventDecodingOptions options = new() { Thresholds = [0.2, 0.8], MinimumDurations = [0, 1] };
        List<SoundEvent> events = EventDecoder.Decode("clip", [0.5f, 0.9f, 0.1f, 0.5f], ["a", "b"], 0.5, options);
        Assert.HasCount(1, events);
        Assert.AreEqual("a", events[0].Label);
    }

    [TestMethod]
    public void PiecesOfAnySizeGiveTheSameEvents()
    {
        Random random = new(4);
        string[] names = ["a", "b", "c"];
        float[] presence = [.. Enumerable.Range(0, 3 * 400).Select(_ => random.NextSingle())];
        foreach (MedianFilterBoundary boundary in Enum.GetValues<MedianFilterBoundary>())
        {
            EventDecodingOptions options = new()
            {
                MedianFilterFrames = [1, 5, 11],
                MedianFilterBoundary = boundary,
                MinimumGaps = [0.05],
                MinimumDurations = [0.02],
            };
            List<SoundEvent> whole = EventDecoder.Decode("clip", presence, names, 0.01, options);
            Assert.IsGreaterThan(20, whole.Count);
            foreach (int size in new[] { 1, 7, 64 })
            {
                EventDecoder decoder = new("clip", names, 0.01, options);
                List<SoundEvent> events = [];
                foreach (float[] piece in presence.Chunk(3 * size))
                {
                    decoder.Add(piece, events);
                }

                decoder.Finish(events);
                CollectionAssert.AreEqual(whole, events.OrderBy(item => item.Label, StringComparer.Ordinal).ThenBy(item => item.Onset).ToList());
            }
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(40)]
    public void SmoothingWhatIsHeardIsSmoothingThePresence(int frameCount)
    {
        Random random = new(frameCount);
        float[] presence = [.. Enumerable.Range(0, frameCount).Select(_ => random.NextSingle())];
        foreach (MedianFilterBoundary boundary in Enum.GetValues<MedianFilterBoundary>())
        {
            float[] smooth = MedianFilter.Apply(presence, 1, 9, boundary);
            List<SoundEvent> expected = Decode(smooth, new EventDecodingOptions());
            List<SoundEvent> actual = Decode(
                presence, new EventDecodingOptions { MedianFilterFrames = [9], MedianFilterBoundary = boundary });
            CollectionAssert.AreEqual(
                expected.Select(item => (item.Onset, item.Offset)).ToList(), actual.Select(item => (item.Onset, item.Offset)).ToList());
        }
    }

    [TestMethod]
    public void NothingHeardIsNoEvent()
    {
        Assert.IsEmpty(Decode([], new EventDecodingOptions { MedianFilterFrames = [5] }));
        Assert.IsEmpty(Decode([0, 0, 0], new EventDecodingOptions()));
    }

    [TestMethod]
    public void ErrorsNameClipFrameAndClass()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => Decode([0, float.NaN], new EventDecodingOptions())).Message,
            "Clip 'clip' has the presence NaN of class 0 ('a') in frame 1");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Decode([0], new() { Thresholds = [0.1, 0.2] })).Message,
            "Thresholds is of 2 values");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Decode([0], new() { MedianFilterFrames = [4] })).Message,
            "MedianFilterFrames is 4");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => Decode([0], EventDecodingOptions.Desed())).Message, "the model has 1 classes");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new ClassMapping(["x", "y"], [[0, 1], [1]])).Message, "'y' has the source 1");
    }

    [TestMethod]
    public void TheThresholdOfEachClassIsTheMiddleOfItsBestOnes()
    {
        // Class a is heard above 0.3, with a disturbance of 0.25; class b above 0.7, with one of 0.55; c never occurs.
        float[] presence =
        [
            0.25f, 0.7f, 0.9f,
            0.00f, 0.7f, 0.9f,
            0.32f, 0.0f, 0.9f,
            0.32f, 0.55f, 0.9f,
        ];
        SoundEvent[] reference = [new("clip", "a", 10, 20), new("clip", "b", 0, 10)];
        double[] thresholds = EventThresholdTuning.Tune(
            [new ClipPresence("clip", presence)],
            reference,
            ["a", "b", "c"],
            5,
            new EventDecodingOptions { Thresholds = [0.5, 0.5, 0.42] },
            new EventBasedMetrics.Options(),
            [0.1, 0.26, 0.3, 0.31, 0.5, 0.6, 0.65, 0.69, 0.8]);
        CollectionAssert.AreEqual(new[] { 0.3, 0.65, 0.42 }, thresholds);
    }

    [TestMethod]
    public void MarginsWidenEventsWithinTheClipAndCloseTheGapsThatTheyFill()
    {
        EventDecodingOptions options = new() { OnsetMargins = [0.8], OffsetMargins = [0.7] };
        Assert.AreEqual((0.0, 1.7), Decode([0, 1, 0, 0, 0, 0], options).Select(item => (item.Onset, item.Offset)).Single());
        Assert.AreEqual((1.2, 3.0), Decode([0, 0, 0, 0, 1, 0], options).Select(item => (item.Onset, item.Offset)).Single());
        Assert.HasCount(1, Decode([0, 1, 0, 0, 1, 0], options));
        Assert.HasCount(2, Decode([0, 1, 0, 0, 0, 1], options));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Decode([0], new() { OnsetMargins = [-1] }));
    }

    [TestMethod]
    public void MarginsAreTunedWithTheThresholds()
    {
        // The map shows the second frame of each sound; each begins one frame earlier and ends two later.
        float[] presence = [0, 0.4f, 0, 0, 0, 0, 0, 0, 0.4f, 0, 0, 0];
        EventDecodingOptions tuned = EventThresholdTuning.TuneWithMargins(
            [new ClipPresence("clip", presence)],
            [new("clip", "a", 0, 0.32), new("clip", "a", 0.56, 0.88)],
            s_one,
            0.08,
            new EventDecodingOptions(),
            new EventBasedMetrics.Options { Collar = 0.01, PercentageOfLength = 0 });
        Assert.AreEqual(0.08, tuned.OnsetMargins.Single());
        Assert.AreEqual(0.16, tuned.OffsetMargins.Single());
        Assert.IsLessThan(0.4, tuned.Thresholds.Single());
    }

    [TestMethod]
    public void EachThresholdIsAnOperatingPointOfPsds()
    {
        // The event is heard at 0.8, a false alarm at 0.6: from the threshold 0.7 on, nothing is wrong.
        ClipPresence map = new("clip", [0, 0.8f, 0.8f, 0, 0.6f, 0]);
        IReadOnlyList<IReadOnlyList<SoundEvent>> points = EventOperatingPoints.Decode(
            [map], s_one, 1, new EventDecodingOptions(), [0.5, 0.7, 0.9]);
        CollectionAssert.AreEqual(new[] { 2, 1, 0 }, points.Select(point => point.Count).ToArray());
        Dictionary<string, double> durations = new() { ["clip"] = 6 };
        SoundEvent[] reference = [new("clip", "a", 1, 3)];
        Assert.AreEqual(1, PolyphonicSoundDetectionScore.Compute(reference, points, durations).Value, 1e-12);
        // With the loud point alone, one false alarm in 6 s is 600 an hour, beyond the highest rate.
        Assert.AreEqual(0, PolyphonicSoundDetectionScore.Compute(reference, [points[0]], durations).Value);
        Assert.HasCount(50, EventOperatingPoints.Decode([map], s_one, 1, new EventDecodingOptions()));
    }

    private static List<SoundEvent> Decode(float[] presence, EventDecodingOptions options) =>
        EventDecoder.Decode("clip", presence, s_one, 0.5, options);

    private static SoundEvent Rounded(SoundEvent item) => item with { Score = Math.Round(item.Score, 5) };
}
