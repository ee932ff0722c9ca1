using Microsoft.ML.AudioTransformers.Drawing;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Report of sound event detection.</summary>
internal sealed class EventReport
{
    private const int Thresholds = 20;

    private readonly SoundEventDetectionMetrics _metrics;
    private readonly EvaluatedEvents _events;
    private readonly ClipEvents[] _clips;
    private readonly ILookup<string, SoundEvent> _found;
    private readonly Dictionary<string, int> _labels;

    public EventReport(SoundEventDetectionMetrics metrics)
    {
        _metrics = metrics;
        _events = metrics.Events;
        IReadOnlyList<string> names = metrics.EventBased.ClassNames;
        _clips = ClipEvents.Group(_events.Reference, _events.Estimated, names, _events.Durations);
        _found = _events.Estimated.ToLookup(item => item.Clip);
        _labels = names.Select((name, label) => (name, label)).ToDictionary(item => item.name, item => item.label);
    }

    /// <summary>Saves it.</summary>
    public void Save(string path, AudioReportOptions options)
    {
        var report = new ReportBuilder(options);
        IEnumerable<int> clips = Enumerable.Range(0, _clips.Length);
        report.Add(new NumbersSection("Numbers", [.. Numbers(report.Resamples(Steps), options.Seed)]));
        report.Add(Threshold());
        report.AddClips(
            "Worst mistakes",
            "Clips with the most events that were missed or found where there are none.",
            clips.Where(clip => Mistakes(clip) > 0).OrderByDescending(Mistakes));
        report.AddClips(
            "Least sure",
            "Clips whose found events have the lowest scores.",
            clips.Where(clip => _found[_clips[clip].Clip].Any())
                .OrderBy(clip => _found[_clips[clip].Clip].Average(item => item.Score)));
        report.AddRandomClips(_clips.Length);
        report.Add(Classes());
        foreach (CurvesSection curves in ByThreshold())
        {
            report.Add(curves);
        }

        report.Save(
            path,
            "Sound event detection",
            FormattableString.Invariant(
                $"{_events.Estimated.Count} found and {_events.Reference.Count} annotated events in {_clips.Length} clips"),
            _metrics.EventBased.ClassNames,
            _clips.Length,
            clip => Mistakes(clip) > 0,
            Create,
            clip => _clips[clip].Clip);
    }

    private long Steps => (long)_clips.Length * _metrics.EventBased.ClassNames.Count * 10;

    private long Mistakes(int clip)
    {
        DetectionCounts counts = _metrics.EventBased.Clips[clip].Overall;
        return counts.Reference + counts.Estimated - (2 * counts.TruePositives);
    }

    private IEnumerable<ReportNumber> Numbers(int resamples, int seed)
    {
        EventBasedMetrics events = _metrics.EventBased;
        SegmentBasedMetrics segments = _metrics.SegmentBased;
        const string collar = "An event is right if its class, onset and offset are, within a tolerance.";
        yield return Of(
            "Event F1", events.ClassAverage.F1, () => events.ConfidenceInterval(m => m.ClassAverage.F1, resamples, seed: seed),
            $"Mean over the classes of F1 of events. {collar}");
        yield return Of(
            "Event F1, overall", events.Overall.F1, () => events.ConfidenceInterval(m => m.Overall.F1, resamples, seed: seed),
            "F1 over the events of all classes: frequent classes count more.");
        yield return Of(
            "Event error rate", events.Overall.ErrorRate,
            () => events.ConfidenceInterval(m => m.Overall.ErrorRate, resamples, seed: seed),
            "Missed, wrong and superfluous events for each annotated one; 0 is perfect.");
        yield return Of(
            "Segment F1", segments.ClassAverage.F1,
            () => segments.ConfidenceInterval(m => m.ClassAverage.F1, resamples, seed: seed),
            "Mean over the classes of F1 of segments of equal length, in each of which a class is active or not.");
        yield return Of(
            "Segment F1, overall", segments.Overall.F1,
            () => segments.ConfidenceInterval(m => m.Overall.F1, resamples, seed: seed),
            "F1 over the segments of all classes.");
        if (_metrics.Intersection is { } intersection)
        {
            yield return Of(
                "Intersection F1", intersection.MacroF1,
                () => intersection.ConfidenceInterval(m => m.MacroF1, resamples, seed: seed),
                "Mean over the classes of F1, where an event is right if found and annotated ones overlap enough.");
        }

        ReportNumber Of(string name, double value, Func<ConfidenceInterval> interval, string meaning) => resamples == 0
            ? new ReportNumber(name, value, meaning)
            : ReportNumber.Of(name, interval(), meaning);
    }

    private ThresholdSection? Threshold()
    {
        double[] scores = Scores();
        return scores.Length == 0 ? null : new ThresholdSection("Threshold", scores[0], scores[^1])
        {
            About = "Below, each clip shows its annotated events above its found ones. Events that were found with a score below "
                + "the threshold are hidden; the numbers above are for all found events.",
        };
    }

    private TableSection Classes()
    {
        EventBasedMetrics events = _metrics.EventBased;
        return new TableSection(
            "Classes",
            "classes",
            [
                new("Class", "text"),
                new("Annotated", "count", "Annotated events."),
                new("Found", "count", "Found events."),
                new("Right", "count", "Found events that match an annotated one."),
                new("Event F1", "share", "Harmonic mean of precision and recall of events."),
                new("Precision", "share", "Share of the found events that are right."),
                new("Recall", "share", "Share of the annotated events that were found."),
                new("Error rate", "number", "Missed and superfluous events for each annotated one."),
                new("Segment F1", "share", "F1 of segments."),
                new("Intersection F1", "share", "F1 of events that overlap enough."),
            ],
            [
                .. events.ClassNames.Select((name, label) => new object?[]
                {
                    name, events.ByClass[label].ReferenceCount, events.ByClass[label].EstimatedCount,
                    events.ByClass[label].TruePositiveCount, events.ByClass[label].F1, events.ByClass[label].Precision,
                    events.ByClass[label].Recall, events.ByClass[label].ErrorRate, _metrics.SegmentBased.ByClass[label].F1,
                    _metrics.Intersection?.F1[label] ?? double.NaN,
                }),
            ])
        {
            Opens = [.. Enumerable.Range(0, events.ClassNames.Count).Cast<object>()],
        };
    }

    /// <summary>Event-based scores where only events of a score at or above a threshold count.</summary>
    private IEnumerable<CurvesSection> ByThreshold()
    {
        double[] scores = Scores();
        if (scores.Length == 0 || scores[0] == scores[^1])
        {
            yield break;
        }

        double[] thresholds =
        [
            .. Enumerable.Range(0, Thresholds).Select(step => scores[(int)((long)step * (scores.Length - 1) / (Thresholds - 1))])
                .Distinct(),
        ];
        SoundEventScores[] points = [.. thresholds.Select(threshold => EventBasedMetrics.Compute(
            _events.Reference, [.. _events.Estimated.Where(item => item.Score >= threshold)], _events.Options,
            _metrics.EventBased.ClassNames, _events.Durations).Overall)];
        double[] f1 = [.. points.Select(point => point.F1)];
        double[] precision = [.. points.Select(point => point.Precision)];
        double[] recall = [.. points.Select(point => point.Recall)];
        yield return new CurvesSection(
            "Scores by threshold",
            ReportAxis.Of("threshold", Axis.Of(thresholds, canBeLogarithmic: false) with { IsWhole = false }),
            ReportAxis.Of("event-based, overall", Axis.Unit),
            [new("F1", thresholds, f1), new("precision", thresholds, precision), new("recall", thresholds, recall)])
        {
            About = "If only events count that were found with a score at or above the threshold.",
            Together = true,
        };
        yield return new CurvesSection(
            "Precision and recall",
            ReportAxis.Of("recall", Axis.Unit),
            ReportAxis.Of("precision", Axis.Unit),
            [new("all events", recall, precision, thresholds)])
        {
            T = "threshold",
            Dots = true,
        };
    }

    private double[] Scores() => [.. _events.Estimated.Select(item => item.Score).Where(double.IsFinite).Order()];

    private ReportClip Create(int index)
    {
        ClipEvents clip = _clips[index];
        SoundEvent[] found = [.. _found[clip.Clip]];
        return new ReportClip
        {
            Row = index,
            Name = clip.Clip,
            Duration = clip.Duration,
            Expected = [.. clip.Reference.Select(item => item.Label).Distinct()],
            Predicted = [.. clip.Estimated.Select(item => item.Label).Distinct()],
            Reference = [.. clip.Reference.Select(item => new[] { item.Label, item.Onset, item.Offset })],
            Detected = [.. found.Select(item => new[] { _labels[item.Label], item.Onset, item.Offset, item.Score })],
        };
    }
}
