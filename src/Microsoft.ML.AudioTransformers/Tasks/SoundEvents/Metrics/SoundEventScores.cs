namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Scores of one class, or of all, as sed_eval computes them. Items are events in <see cref="EventBasedMetrics"/> and
/// active segments in <see cref="SegmentBasedMetrics"/>.
/// </summary>
/// <remarks>
/// As in sed_eval, rates are divided by the number of annotated items plus 2.2e-16: without any, insertions give an error
/// rate beyond all bounds.
/// </remarks>
public sealed record SoundEventScores
{
    /// <summary>F1, the harmonic mean of precision and recall, 0 to 1; NaN where one of them is.</summary>
    public double F1 { get; init; }

    /// <summary>Precision, 0 to 1: the share of detected items that is right; without any NaN, or 0, as
    /// <see cref="EmptyOutputHandling"/> says.</summary>
    public double Precision { get; init; }

    /// <summary>Recall, 0 to 1: the share of annotated items that was detected; NaN without any.</summary>
    public double Recall { get; init; }

    /// <summary>Error rate: substitutions, deletions and insertions for each annotated item, 0 or more.</summary>
    public double ErrorRate { get; init; }

    /// <summary>Substitutions for each annotated item: detected in time as another class; 0 for one class alone.</summary>
    public double SubstitutionRate { get; init; }

    /// <summary>Deletions for each annotated item: missed.</summary>
    public double DeletionRate { get; init; }

    /// <summary>Insertions for each annotated item: detected, not annotated.</summary>
    public double InsertionRate { get; init; }

    /// <summary>Accuracy, 0 to 1: the share of pairs of a segment and a class that are right, active or not; NaN for events.
    /// </summary>
    public double Accuracy { get; init; } = double.NaN;

    /// <summary>Balanced accuracy, 0 to 1: the mean of sensitivity and specificity; NaN for events.</summary>
    public double BalancedAccuracy { get; init; } = double.NaN;

    /// <summary>Sensitivity, 0 to 1: the share of active segments that were detected; NaN for events.</summary>
    public double Sensitivity { get; init; } = double.NaN;

    /// <summary>Specificity, 0 to 1: the share of inactive segments that were not detected; NaN for events.</summary>
    public double Specificity { get; init; } = double.NaN;

    /// <summary>Annotated items.</summary>
    public long ReferenceCount { get; init; }

    /// <summary>Detected items.</summary>
    public long EstimatedCount { get; init; }

    /// <summary>True positives.</summary>
    public long TruePositiveCount { get; init; }
}

/// <summary>Precision of a class without detected items.</summary>
public enum EmptyOutputHandling
{
    /// <summary>Undefined: NaN, which averages over classes leave out.</summary>
    Undefined,

    /// <summary>0, so that a class that was never detected lowers the average (DESED's macro average).</summary>
    ZeroScore,
}
