using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>How well sound events were found, measured in the three usual ways.</summary>
public sealed class SoundEventDetectionMetrics
{
    internal SoundEventDetectionMetrics(
        EventBasedMetrics eventBased, SegmentBasedMetrics segmentBased, IntersectionMetrics? intersection)
    {
        EventBased = eventBased;
        SegmentBased = segmentBased;
        Intersection = intersection;
    }

    /// <summary>Event by event, by onset and offset.</summary>
    public EventBasedMetrics EventBased { get; }

    /// <summary>Segment by segment.</summary>
    public SegmentBasedMetrics SegmentBased { get; }

    /// <summary>By intersection; null where the lengths of the clips are not known.</summary>
    public IntersectionMetrics? Intersection { get; }

    /// <summary>The F1 of each class and their mean, in each of the ways, in plain text.</summary>
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
