using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Sound event detection metrics: event-based, segment-based and intersection-based.</summary>
public sealed class SoundEventDetectionMetrics
{
    internal SoundEventDetectionMetrics(
        EventBasedMetrics eventBased,
        SegmentBasedMetrics segmentBased,
        IntersectionMetrics? intersection,
        EvaluatedEvents events)
    {
        Events = events;
        EventBased = eventBased;
        SegmentBased = segmentBased;
        Intersection = intersection;
    }

    /// <summary>Event-based metrics, by onset and offset.</summary>
    public EventBasedMetrics EventBased { get; }

    /// <summary>Segment-based metrics.</summary>
    public SegmentBasedMetrics SegmentBased { get; }

    /// <summary>Intersection-based metrics; null where the durations of the clips are unknown.</summary>
    public IntersectionMetrics? Intersection { get; }

    /// <summary>Events that were compared, for reports.</summary>
    internal EvaluatedEvents Events { get; }

    /// <summary>Table of the three F1 scores of each class and their means, in plain text.</summary>
    public string GetFormattedTable()
    {
        var table = new TextTable("class", "event F1", "segment F1", "intersection F1");
        for (int label = 0; label < EventBased.ClassNames.Count; label++)
        {
            AddRow(
                EventBased.ClassNames[label],
                EventBased.ByClass[label].F1,
                SegmentBased.ByClass[label].F1,
                Intersection?.F1[label]);
        }

        AddRow("class average", EventBased.ClassAverage.F1, SegmentBased.ClassAverage.F1, Intersection?.MacroF1);
        AddRow("overall", EventBased.Overall.F1, SegmentBased.Overall.F1, null);
        return table.ToString();

        void AddRow(string name, double eventF1, double segmentF1, double? intersectionF1) => table.Add(
            name,
            TextTable.Number(eventF1),
            TextTable.Number(segmentF1),
            intersectionF1 is double value ? TextTable.Number(value) : "");
    }

    /// <inheritdoc cref="GetFormattedTable"/>
    public override string ToString() => GetFormattedTable();
}

/// <summary>Events that an evaluation compared, and how.</summary>
/// <param name="Reference">Annotated events.</param>
/// <param name="Estimated">Detected events.</param>
/// <param name="Durations">Duration of each clip in seconds; null if unknown.</param>
/// <param name="Options">How events are matched.</param>
internal sealed record EvaluatedEvents(
    IReadOnlyList<SoundEvent> Reference,
    IReadOnlyList<SoundEvent> Estimated,
    IReadOnlyDictionary<string, double>? Durations,
    EventBasedMetrics.Options Options);
