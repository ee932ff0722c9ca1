namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public class SoundEventMetricsTests
{
    private static readonly Dictionary<string, double> s_tenSeconds = new() { ["x"] = 10 };

    [TestMethod]
    public void AnEventIsFoundWithinTheCollarAndTheShareOfItsLength()
    {
        SoundEvent[] reference = [new("x", "dog", 1, 5)];
        // The offset may be off by half of 4 s, the onset by 0.2 s.
        Assert.AreEqual(1, EventBasedMetrics.Compute(reference, [new("x", "dog", 1.125, 6.9)]).Overall.F1);
        Assert.AreEqual(0, EventBasedMetrics.Compute(reference, [new("x", "dog", 1.25, 6.9)]).Overall.F1);
        Assert.AreEqual(0, EventBasedMetrics.Compute(reference, [new("x", "dog", 1.125, 7.1)]).Overall.F1);
        Assert.AreEqual(1, EventBasedMetrics.Compute(
            reference, [new("x", "dog", 1.125, 9)], new() { EvaluateOffset = false }).Overall.F1);
        Assert.AreEqual(1, EventBasedMetrics.Compute(
            reference, [new("x", "dog", 4, 5)], new() { EvaluateOnset = false }).Overall.F1);
    }

    // Right values: psds_eval 0.3.0 on the clean table, by hand for the union. Its sum of the shares gave 0.3333 for the
    // others.
    [TestMethod]
    [DataRow("once")]
    [DataRow("twice")]
    [DataRow("nested")]
    public void OverlappingAnnotationsOfOneClassCountAsTheirUnion(string table)
    {
        List<SoundEvent> reference = [new("a", "Dog", 0, 10), new("b", "Dog", 0, 10)];
        if (table != "once")
        {
            reference.Add(table == "twice" ? new("a", "Dog", 0, 10) : new("a", "Dog", 2, 9));
        }

        SoundEvent[] found = [new("a", "Dog", 5, 15), new("b", "Dog", 0, 10)];
        Dictionary<string, double> durations = new() { ["a"] = 20, ["b"] = 20 };

        IntersectionMetrics metrics = IntersectionMetrics.Compute(
            reference, found, durations, new() { DetectionTolerance = 0.7, GroundTruthIntersection = 0.7 });
        var score = PolyphonicSoundDetectionScore.Compute(
            reference, [found], durations, PolyphonicSoundDetectionScore.Options.Scenario1());

        Assert.AreEqual(
            (1, 1, 1), (metrics.TruePositiveCounts[0], metrics.FalsePositiveCounts[0], metrics.FalseNegativeCounts[0]));
        Assert.AreEqual(0.05, score.Value, 1e-4);
    }

    [TestMethod]
    public void DetectedEventsThatOverlapCoverTheirCommonPartOnce()
    {
        // Both lie within the annotated event, and cover 5 of its 10 seconds; their lengths add up to 8.
        SoundEvent[] found = [new("x", "dog", 0, 4), new("x", "dog", 1, 5)];

        IntersectionMetrics metrics = IntersectionMetrics.Compute(
            [new("x", "dog", 0, 10)], found, s_tenSeconds, new() { GroundTruthIntersection = 0.6 });

        Assert.AreEqual((0, 0, 1), (metrics.TruePositiveCounts[0], metrics.FalsePositiveCounts[0], metrics.FalseNegativeCounts[0]));
        Assert.AreEqual(1, IntersectionMetrics.Compute(
            [new("x", "dog", 0, 10)], found, s_tenSeconds, new() { GroundTruthIntersection = 0.5 }).TruePositiveCounts[0]);
    }

    [TestMethod]
    public void AnotherClassInTimeIsASubstitution()
    {
        EventBasedMetrics metrics = EventBasedMetrics.Compute(
            [new("x", "dog", 1, 2), new("x", "cat", 5, 6)], [new("x", "cat", 1, 2), new("x", "cat", 8, 9)]);
        Assert.AreEqual(0.5, metrics.Overall.SubstitutionRate, 1e-12);
        Assert.AreEqual(0.5, metrics.Overall.DeletionRate, 1e-12);
        Assert.AreEqual(0.5, metrics.Overall.InsertionRate, 1e-12);
        Assert.AreEqual(1.5, metrics.Overall.ErrorRate, 1e-12);
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, metrics.ClassNames.ToArray());
        Assert.AreEqual(double.NaN, metrics.ByClass[1].Precision);
    }

    [TestMethod]
    public void OptimalMatchingFindsMoreThanGreedyMatching()
    {
        // The first annotated event could take either; only the early one is left for the second if it takes the late.
        SoundEvent[] reference = [new("x", "dog", 1.1, 2), new("x", "dog", 1.0, 2)];
        SoundEvent[] estimated = [new("x", "dog", 0.95, 2), new("x", "dog", 1.25, 2)];
        Assert.AreEqual(2, EventBasedMetrics.Compute(reference, estimated).Overall.TruePositiveCount);
        Assert.AreEqual(1, EventBasedMetrics.Compute(
            reference, estimated, new() { Matching = EventMatching.Greedy }).Overall.TruePositiveCount);
    }

    [TestMethod]
    public void FindingNothingIsUndefinedOrZeroAsAsked()
    {
        SoundEvent[] reference = [new("x", "dog", 1, 2)];
        Assert.AreEqual(double.NaN, EventBasedMetrics.Compute(reference, []).ClassAverage.F1);
        Assert.AreEqual(0, EventBasedMetrics.Compute(
            reference, [], new() { EmptyOutput = EmptyOutputHandling.ZeroScore }).ClassAverage.F1);
        Assert.AreEqual(double.NaN, EventBasedMetrics.Compute([], [], labels: ["dog"]).Overall.F1);
        Assert.AreEqual(0, EventBasedMetrics.Compute([], [], labels: ["dog"]).ClipCount);
    }

    [TestMethod]
    public void ASegmentIsActiveWhenAnEventTouchesIt()
    {
        SegmentBasedMetrics metrics = SegmentBasedMetrics.Compute(
            [new("x", "dog", 0.9, 2.1)], [new("x", "dog", 1, 2), new("x", "cat", 4.5, 4.6)], clipDurations: s_tenSeconds);
        // dog: segments 0, 1, 2 against 1; cat: segment 4 is not there.
        Assert.AreEqual(3, metrics.Overall.ReferenceCount);
        Assert.AreEqual(2, metrics.Overall.EstimatedCount);
        Assert.AreEqual(1, metrics.Overall.TruePositiveCount);
        Assert.AreEqual(0.4, metrics.Overall.F1, 1e-12);
        Assert.AreEqual(17 / 20.0, metrics.Overall.Accuracy, 1e-12);
        // Without lengths, the clip ends with its last event, at five seconds.
        Assert.AreEqual(7 / 10.0, SegmentBasedMetrics.Compute(
            [new("x", "dog", 0.9, 2.1)], [new("x", "dog", 1, 2), new("x", "cat", 4.5, 4.6)]).Overall.Accuracy, 1e-12);
    }

    [TestMethod]
    public void AMissedClassLowersTheMeanOnlyWhereItCounts()
    {
        IntersectionMetrics metrics = IntersectionMetrics.Compute(
            [new("x", "dog", 1, 3), new("x", "cat", 5, 6)], [new("x", "dog", 1, 2.5)], s_tenSeconds);
        Assert.AreEqual(1, metrics.MacroF1);
        Assert.AreEqual(0.5, metrics.MacroF1OfAnnotatedClasses);
        CollectionAssert.AreEqual(new long[] { 1, 0 }, metrics.FalseNegativeCounts.ToArray());
        StringAssert.Contains(metrics.GetFormattedTable(), "dog");
    }

    [TestMethod]
    public void APerfectSystemScoresOneAndASilentOneZero()
    {
        SoundEvent[] reference = [new("x", "dog", 1, 3), new("x", "cat", 5, 6)];
        foreach (PolyphonicSoundDetectionScore.Options options in new[]
            { PolyphonicSoundDetectionScore.Options.Scenario1(), PolyphonicSoundDetectionScore.Options.Scenario2() })
        {
            Assert.AreEqual(1, PolyphonicSoundDetectionScore.Compute(reference, [reference], s_tenSeconds, options).Value, 1e-12);
            Assert.AreEqual(0, PolyphonicSoundDetectionScore.Compute(reference, [[]], s_tenSeconds, options).Value);
        }
    }

    [TestMethod]
    public void TheAreaIsTakenUnderStairsUpToTheHighestRate()
    {
        // Dog: found without false alarm. Cat: found with one false alarm in 10 s, which is 360 an hour.
        SoundEvent[] reference = [new("x", "dog", 1, 3), new("x", "cat", 5, 6)];
        SoundEvent[] loud = [new("x", "dog", 1, 3), new("x", "cat", 5, 6), new("x", "cat", 8, 9)];
        PolyphonicSoundDetectionScore.Options options = new() { MaximumEffectiveFalsePositiveRate = 720 };
        PolyphonicSoundDetectionScore score = PolyphonicSoundDetectionScore.Compute(reference, [loud], s_tenSeconds, options);
        CollectionAssert.AreEqual(new[] { 0.5, 1 }, score.ClassValues.ToArray());
        Assert.AreEqual(0.75, score.Value, 1e-12);
        options.Interpolate = true;
        Assert.AreEqual(0.75, PolyphonicSoundDetectionScore.Compute(reference, [loud], s_tenSeconds, options).Value, 1e-12);
        options.Unit = RateUnit.Minute;
        Assert.AreEqual(6, PolyphonicSoundDetectionScore.Compute(
            reference, [loud], s_tenSeconds, options).OperatingPoints[0].FalsePositiveRates[0], 1e-12);
    }

    [TestMethod]
    public void IntervalsResampleClips()
    {
        Random random = new(8);
        SoundEvent[] reference = [.. Enumerable.Range(0, 60).Select(i => new SoundEvent($"clip{i}", "dog", 1, 2))];
        SoundEvent[] found = [.. reference.Where(_ => random.Next(2) == 0)];
        Dictionary<string, double> durations = reference.ToDictionary(item => item.Clip, _ => 10.0);
        Check(EventBasedMetrics.Compute(reference, found, clipDurations: durations).ConfidenceInterval(m => m.Overall.F1, 200));
        Check(SegmentBasedMetrics.Compute(reference, found, clipDurations: durations).ConfidenceInterval(m => m.Overall.F1, 200));
        Check(IntersectionMetrics.Compute(reference, found, durations).ConfidenceInterval(m => m.MacroF1, 200));
        Check(PolyphonicSoundDetectionScore.Compute(reference, [found], durations).ConfidenceInterval(m => m.Value, 200));

        static void Check(ConfidenceInterval interval) =>
            Assert.IsTrue(interval.Lower < interval.Estimate && interval.Estimate < interval.Upper, interval.ToString());
    }

    [TestMethod]
    public void OptionsOutsideTheirRangesAreNamed()
    {
        AssertMessage("Collar is -1", () => EventBasedMetrics.Compute([], [], new() { Collar = -1 }));
        AssertMessage("PercentageOfLength is NaN", () => EventBasedMetrics.Compute([], [], new() { PercentageOfLength = double.NaN }));
        AssertMessage("Matching is 7", () => EventBasedMetrics.Compute([], [], new() { Matching = (EventMatching)7 }));
        AssertMessage(
            "EvaluateOffset is False; expected true where EvaluateOnset is false",
            () => EventBasedMetrics.Compute([], [], new() { EvaluateOnset = false, EvaluateOffset = false }));
        AssertMessage("TimeResolution is 0", () => SegmentBasedMetrics.Compute([], [], new() { TimeResolution = 0 }));
        AssertMessage(
            "DetectionTolerance is 1.5; expected 0 to 1",
            () => IntersectionMetrics.Compute([], [], s_tenSeconds, new() { DetectionTolerance = 1.5 }));
        AssertMessage("Beta is -1", () => IntersectionMetrics.Compute([], [], s_tenSeconds, new() { Beta = -1 }));
        AssertMessage("CrossTriggerTolerance is -1", () => Score(new() { CrossTriggerTolerance = -1 }));
        AssertMessage("AlphaStability is Inf", () => Score(new() { AlphaStability = double.PositiveInfinity }));
        AssertMessage("MaximumEffectiveFalsePositiveRate is 0", () => Score(new() { MaximumEffectiveFalsePositiveRate = 0 }));
        AssertMessage("Unit is 9", () => Score(new() { Unit = (RateUnit)9 }));

        static void Score(PolyphonicSoundDetectionScore.Options options) =>
            PolyphonicSoundDetectionScore.Compute([], [[]], s_tenSeconds, options);

        static void AssertMessage(string part, Action action) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message, part);
    }

    [TestMethod]
    public void OptionsChangedLaterDoNothing()
    {
        SoundEvent[] reference = [new("x", "dog", 1, 2)];
        PolyphonicSoundDetectionScore.Options options = new();
        PolyphonicSoundDetectionScore score = PolyphonicSoundDetectionScore.Compute(
            reference, [[new("x", "dog", 1, 2), new("x", "dog", 5, 6)]], s_tenSeconds, options);
        string before = Interval() + score.ToChart();

        options.MaximumEffectiveFalsePositiveRate = 1;
        options.Unit = RateUnit.Minute;

        Assert.AreEqual(before, Interval() + score.ToChart());

        string Interval() => score.ConfidenceInterval(metric => metric.Value, 5).ToString();
    }

    [TestMethod]
    public void NamesOfClassesChangedLaterStay()
    {
        string[] names = ["dog", "cat"];
        SoundEvent[] events = [new("x", "dog", 1, 2)];
        IReadOnlyList<string>[] kept =
        [
            AudioClassificationMetrics.Compute([0], [[1f, 0]], names).ClassNames,
            AudioTaggingMetrics.Compute([[1f, 0]], [[1f, 0]], names).ClassNames,
            EventBasedMetrics.Compute(events, events, labels: names).ClassNames,
            SegmentBasedMetrics.Compute(events, events, labels: names).ClassNames,
            IntersectionMetrics.Compute(events, events, s_tenSeconds, labels: names).ClassNames,
            PolyphonicSoundDetectionScore.Compute(events, [events], s_tenSeconds, labels: names).ClassNames,
        ];

        names[0] = "wolf";

        Assert.IsTrue(kept.All(list => list[0] == "dog"));
    }

    [TestMethod]
    public void ErrorsNameTheEvent()
    {
        AssertMessage("Estimated event 0 is in the clip 'y', which has no duration", [], [new("y", "dog", 1, 2)]);
        AssertMessage("Reference event 1 in clip 'x' is of the class 'cow'; expected one of dog, cat", [new("x", "dog", 1, 2), new("x", "cow", 1, 2)], []);
        AssertMessage("Estimated event 0 ('dog' in clip 'x') is from NaN to 2 s", [], [new("x", "dog", double.NaN, 2)]);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => PolyphonicSoundDetectionScore.Compute([], [], s_tenSeconds)).Message,
            "0 operating points and 1 clips");

        static void AssertMessage(string part, SoundEvent[] reference, SoundEvent[] estimated) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => EventBasedMetrics.Compute(
                reference, estimated, labels: ["dog", "cat"], clipDurations: s_tenSeconds)).Message,
            part);
    }
}
