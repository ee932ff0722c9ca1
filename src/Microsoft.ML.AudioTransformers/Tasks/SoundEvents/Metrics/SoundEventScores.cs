namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// How well events of one class, or of all, were found, as sed_eval computes it. What is counted are events for
/// <see cref="EventBasedMetrics"/> and active segments for <see cref="SegmentBasedMetrics"/>.
/// </summary>
/// <remarks>
/// As in sed_eval, rates are divided by the reference's count plus 2.2e-16: without any reference, insertions give an
/// error rate beyond all bounds.
/// </remarks>
public sealed record SoundEventScores
{
    /// <summary>The harmonic mean of precision and recall, 0 to 1; NaN where one of them is.</summary>
    public double F1 { get; init; }

    /// <summary>The share of what was found that is right; NaN if nothing was found (or 0, see
    /// <see cref="EmptyOutputHandling"/>).</summary>
    public double Precision { get; init; }

    /// <summary>The share of the reference that was found; NaN if there is none.</summary>
    public double Recall { get; init; }

    /// <summary>Substitutions, deletions and insertions for each item of the reference; 0 or more.</summary>
    public double ErrorRate { get; init; }

    /// <summary>What was found in time, but as another class; 0 for one class alone.</summary>
    public double SubstitutionRate { get; init; }

    /// <summary>What was missed.</summary>
    public double DeletionRate { get; init; }

    /// <summary>What was found and is not there.</summary>
    public double InsertionRate { get; init; }

    /// <summary>The share of segments and classes that are right, active or not; NaN for events.</summary>
    public double Accuracy { get; init; } = double.NaN;

    /// <summary>The mean of <see cref="Sensitivity"/> and <see cref="Specificity"/>; NaN for events.</summary>
    public double BalancedAccuracy { get; init; } = double.NaN;

    /// <summary>The share of active segments that were found active; NaN for events.</summary>
    public double Sensitivity { get; init; } = double.NaN;

    /// <summary>The share of inactive segments that were found inactive; NaN for events.</summary>
    public double Specificity { get; init; } = double.NaN;

    /// <summary>How many events or active segments the reference has.</summary>
    public long ReferenceCount { get; init; }

    /// <summary>How many were found.</summary>
    public long EstimatedCount { get; init; }

    /// <summary>How many of those found are right.</summary>
    public long TruePositiveCount { get; init; }
}

/// <summary>What precision is when nothing was found.</summary>
public enum EmptyOutputHandling
{
    /// <summary>Undefined: NaN, which averages over classes leave out.</summary>
    Undefined,

    /// <summary>0, so that a class that was never found lowers the average (DESED's macro average).</summary>
    ZeroScore,
}
