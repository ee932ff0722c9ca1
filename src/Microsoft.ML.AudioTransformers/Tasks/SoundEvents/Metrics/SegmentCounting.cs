using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Segment-based counts of a clip, as sed_eval has them.</summary>
internal static class SegmentCounting
{
    /// <summary>Counts over all classes, segment by segment, and for each class alone.</summary>
    /// <param name="clip">Events of the clip.</param>
    /// <param name="classCount">Classes.</param>
    /// <param name="timeResolution">Duration of a segment in seconds.</param>
    public static ClipCounts Count(ClipEvents clip, int classCount, double timeResolution)
    {
        double length = clip.Duration
            ?? clip.Reference.Concat(clip.Estimated).Select(span => span.Offset).DefaultIfEmpty(0).Max();
        int segments = checked((int)Math.Ceiling(length / timeResolution));
        bool[] reference = Roll(clip.Reference, segments, classCount, timeResolution);
        bool[] estimated = Roll(clip.Estimated, segments, classCount, timeResolution);

        DetectionCounts overall = default;
        var classes = new DetectionCounts[classCount];
        for (int segment = 0; segment < segments; segment++)
        {
            DetectionCounts counts = default;
            for (int label = 0; label < classCount; label++)
            {
                int at = segment * classCount + label;
                DetectionCounts cell = Compare(reference[at], estimated[at]);
                classes[label] += cell;
                counts += cell;
            }

            // Within a segment, a class missed and another one detected wrongly are a substitution.
            long found = counts.TruePositives;
            counts.Substitutions = Math.Min(counts.Reference, counts.Estimated) - found;
            counts.Deletions = Math.Max(0, counts.Reference - counts.Estimated);
            counts.Insertions = Math.Max(0, counts.Estimated - counts.Reference);
            overall += counts;
        }

        return new ClipCounts(overall, classes);
    }

    private static DetectionCounts Compare(bool reference, bool estimated) => new()
    {
        Reference = reference ? 1 : 0,
        Estimated = estimated ? 1 : 0,
        TruePositives = reference && estimated ? 1 : 0,
        TrueNegatives = !reference && !estimated ? 1 : 0,
        Deletions = reference && !estimated ? 1 : 0,
        Insertions = estimated && !reference ? 1 : 0,
    };

    /// <summary>Event roll: which classes are active in which segments, (segments, classes).</summary>
    private static bool[] Roll(EventSpan[] spans, int segments, int classCount, double timeResolution)
    {
        var roll = new bool[checked(segments * classCount)];
        foreach (EventSpan span in spans)
        {
            int first = (int)Math.Clamp(Math.Floor(span.Onset / timeResolution), 0, segments);
            int end = (int)Math.Clamp(Math.Ceiling(span.Offset / timeResolution), 0, segments);
            for (int segment = first; segment < end; segment++)
            {
                roll[segment * classCount + span.Label] = true;
            }
        }

        return roll;
    }
}
