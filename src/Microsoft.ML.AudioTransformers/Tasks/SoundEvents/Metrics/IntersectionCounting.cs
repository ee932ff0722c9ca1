namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Intersection criteria of psds_eval, each a share of 0 to 1.</summary>
/// <param name="Detection">DTC: how much of a detected event has to lie within annotated events of its class.</param>
/// <param name="GroundTruth">GTC: how much of an annotated event has to be covered by such detected events.</param>
/// <param name="CrossTrigger">CTTC: how much of a false positive has to lie within annotated events of another class to be a
/// cross-trigger.</param>
internal readonly record struct IntersectionCriteria(double Detection, double GroundTruth, double CrossTrigger);

/// <summary>Numbers and durations in seconds of the annotated events of one clip, or of several together.</summary>
internal sealed record GroundTruthTotals(long[] Counts, double[] Durations, double ClipDuration)
{
    public static GroundTruthTotals Of(ClipEvents clip, int classCount)
    {
        var counts = new long[classCount];
        var durations = new double[classCount];
        foreach (EventSpan span in clip.Reference)
        {
            counts[span.Label]++;
            durations[span.Label] += span.Duration;
        }

        return new GroundTruthTotals(counts, durations, clip.Duration!.Value);
    }

    public static GroundTruthTotals Sum(IEnumerable<GroundTruthTotals> clips, int classCount)
    {
        var counts = new long[classCount];
        var durations = new double[classCount];
        double clipDuration = 0;
        foreach (GroundTruthTotals clip in clips)
        {
            clipDuration += clip.ClipDuration;
            for (int label = 0; label < classCount; label++)
            {
                counts[label] += clip.Counts[label];
                durations[label] += clip.Durations[label];
            }
        }

        return new GroundTruthTotals(counts, durations, clipDuration);
    }
}

/// <summary>
/// Intersection-based counts of one clip, or of several together, at one operating point.
/// </summary>
/// <param name="TruePositives">True positives of each class: annotated events that were detected.</param>
/// <param name="FalsePositives">False positives of each class.</param>
/// <param name="CrossTriggers">Cross-triggers, (detected class, annotated class).</param>
internal sealed record IntersectionCounts(long[] TruePositives, long[] FalsePositives, long[,] CrossTriggers)
{
    public static IntersectionCounts Empty(int classCount)
        => new(new long[classCount], new long[classCount], new long[classCount, classCount]);

    public static IntersectionCounts Sum(IEnumerable<IntersectionCounts> clips, int classCount)
    {
        IntersectionCounts sum = Empty(classCount);
        foreach (IntersectionCounts clip in clips)
        {
            for (int label = 0; label < classCount; label++)
            {
                sum.TruePositives[label] += clip.TruePositives[label];
                sum.FalsePositives[label] += clip.FalsePositives[label];
                for (int other = 0; other < classCount; other++)
                {
                    sum.CrossTriggers[label, other] += clip.CrossTriggers[label, other];
                }
            }
        }

        return sum;
    }
}

/// <summary>
/// Intersection-based counts of a clip (Bilen et al. 2020, section 3), as psds_eval has them.
/// </summary>
internal static class IntersectionCounting
{
    public static IntersectionCounts Count(ClipEvents clip, int classCount, IntersectionCriteria criteria)
    {
        EventSpan[] reference = [.. clip.Reference.OrderBy(span => span.Onset)];
        EventSpan[] estimated = [.. clip.Estimated.OrderBy(span => span.Onset)];
        var valid = new bool[estimated.Length];
        for (int i = 0; i < estimated.Length; i++)
        {
            valid[i] = WithinClass(estimated[i], estimated[i].Label, reference) is double share
                && share >= criteria.Detection;
        }

        IntersectionCounts counts = IntersectionCounts.Empty(classCount);
        foreach (EventSpan span in reference)
        {
            if (IsFound(span, estimated, valid, criteria.GroundTruth))
            {
                counts.TruePositives[span.Label]++;
            }
        }

        // Of the clip as a whole, a detected event is a false positive as soon as it touches it.
        var world = new EventSpan(-1, 0, clip.Duration!.Value);
        for (int i = 0; i < estimated.Length; i++)
        {
            if (valid[i])
            {
                continue;
            }

            counts.FalsePositives[estimated[i].Label] += Touch(estimated[i], world) ? 1 : 0;
            for (int other = 0; other < classCount; other++)
            {
                if (other != estimated[i].Label
                    && WithinClass(estimated[i], other, reference) is double share
                    && share >= criteria.CrossTrigger)
                {
                    counts.CrossTriggers[estimated[i].Label, other]++;
                }
            }
        }

        return counts;
    }

    /// <summary>Share of a detected event that lies within annotated events of a class; null if it touches none.</summary>
    private static double? WithinClass(EventSpan estimated, int label, EventSpan[] reference)
    {
        var sum = new CompensatedSum();
        bool touches = false;
        foreach (EventSpan span in reference)
        {
            if (span.Label == label && Touch(estimated, span))
            {
                touches = true;
                sum.Add(Intersection(estimated, span) / estimated.Duration);
            }
        }

        return touches ? sum.Value : null;
    }

    /// <summary>Whether valid detected events cover enough of an annotated one.</summary>
    private static bool IsFound(EventSpan span, EventSpan[] estimated, bool[] valid, double threshold)
    {
        var sum = new CompensatedSum();
        bool touches = false;
        double covered = double.NegativeInfinity;
        for (int i = 0; i < estimated.Length; i++)
        {
            if (valid[i] && estimated[i].Label == span.Label && Touch(estimated[i], span))
            {
                // They are in order of onset: of one that overlaps those before it, only the rest is new.
                touches = true;
                if (estimated[i].Onset >= covered || Math.Min(estimated[i].Offset, span.Offset) > covered)
                {
                    EventSpan rest = estimated[i] with { Onset = Math.Max(estimated[i].Onset, covered) };
                    sum.Add(Intersection(rest, span) / span.Duration);
                }

                covered = Math.Max(covered, estimated[i].Offset);
            }
        }

        return touches && sum.Value >= threshold;
    }

    private static bool Touch(EventSpan one, EventSpan other) => one.Onset <= other.Offset && other.Onset <= one.Offset;

    private static double Intersection(EventSpan one, EventSpan other)
        => Math.Min(one.Offset, other.Offset) - Math.Max(one.Onset, other.Onset);

    /// <summary>
    /// A sum with Kahan's compensation that leaves out NaN (an event of no length), as pandas sums: a share that is
    /// exactly at its threshold must fall on the same side.
    /// </summary>
    private struct CompensatedSum
    {
        private double _compensation;

        public double Value { get; private set; }

        public void Add(double value)
        {
            if (double.IsNaN(value))
            {
                return;
            }

            double corrected = value - _compensation;
            double next = Value + corrected;
            _compensation = next - Value - corrected;
            Value = next;
        }
    }
}
