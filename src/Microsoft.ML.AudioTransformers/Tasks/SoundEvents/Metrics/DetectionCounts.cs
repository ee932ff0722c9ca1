namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Counts of sed_eval over a clip; those of several clips add up.</summary>
internal struct DetectionCounts
{
    // sed_eval adds the distance from 1 to the next number to the divisors of its rates.
    private const double Epsilon = 2.220446049250313e-16;

    public long Reference;
    public long Estimated;
    public long TruePositives;
    public long Substitutions;
    public long Deletions;
    public long Insertions;
    public long TrueNegatives;

    public static DetectionCounts operator +(DetectionCounts left, DetectionCounts right) => new()
    {
        Reference = left.Reference + right.Reference,
        Estimated = left.Estimated + right.Estimated,
        TruePositives = left.TruePositives + right.TruePositives,
        Substitutions = left.Substitutions + right.Substitutions,
        Deletions = left.Deletions + right.Deletions,
        Insertions = left.Insertions + right.Insertions,
        TrueNegatives = left.TrueNegatives + right.TrueNegatives,
    };

    /// <summary>Scores of the counts.</summary>
    /// <param name="handling">Precision where nothing was detected.</param>
    /// <param name="segments">Whether true negatives were counted, so that accuracy is known.</param>
    public readonly SoundEventScores ToScores(EmptyOutputHandling handling, bool segments)
    {
        double precision = Estimated > 0 ? TruePositives / (double)Estimated
            : handling == EmptyOutputHandling.ZeroScore ? 0 : double.NaN;
        double recall = Reference > 0 ? TruePositives / (double)Reference : double.NaN;
        double falsePositives = Estimated - TruePositives;
        double falseNegatives = Reference - TruePositives;
        double sensitivity = TruePositives / (TruePositives + falseNegatives + Epsilon);
        double specificity = TrueNegatives / (TrueNegatives + falsePositives + Epsilon);
        double right = TruePositives + TrueNegatives;
        double substitutionRate = Substitutions / (Reference + Epsilon);
        double deletionRate = Deletions / (Reference + Epsilon);
        double insertionRate = Insertions / (Reference + Epsilon);
        return new SoundEventScores
        {
            F1 = precision == 0 && recall == 0 ? 0 : 2 * precision * recall / (precision + recall),
            Precision = precision,
            Recall = recall,
            ErrorRate = substitutionRate + deletionRate + insertionRate,
            SubstitutionRate = substitutionRate,
            DeletionRate = deletionRate,
            InsertionRate = insertionRate,
            Accuracy = segments ? right / (right + falseNegatives + falsePositives + Epsilon) : double.NaN,
            BalancedAccuracy = segments ? 0.5 * sensitivity + 0.5 * specificity : double.NaN,
            Sensitivity = segments ? sensitivity : double.NaN,
            Specificity = segments ? specificity : double.NaN,
            ReferenceCount = Reference,
            EstimatedCount = Estimated,
            TruePositiveCount = TruePositives,
        };
    }
}

/// <summary>Counts of one clip, or of several together: over all classes, and of each.</summary>
internal sealed record ClipCounts(DetectionCounts Overall, DetectionCounts[] Classes)
{
    public static ClipCounts Sum(IEnumerable<ClipCounts> clips, int classCount)
    {
        DetectionCounts overall = default;
        var classes = new DetectionCounts[classCount];
        foreach (ClipCounts clip in clips)
        {
            overall += clip.Overall;
            for (int label = 0; label < classCount; label++)
            {
                classes[label] += clip.Classes[label];
            }
        }

        return new ClipCounts(overall, classes);
    }
}
