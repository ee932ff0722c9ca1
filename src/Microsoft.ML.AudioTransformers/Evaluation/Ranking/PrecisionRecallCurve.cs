namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Precision against recall, as scikit-learn gives it: one point for every distinct score as the threshold, from the
/// lowest to the highest, and in the end the point of precision 1 and recall 0, which has no threshold.
/// </summary>
public sealed class PrecisionRecallCurve
{
    internal PrecisionRecallCurve(
        IReadOnlyList<double> precision, IReadOnlyList<double> recall, IReadOnlyList<float> thresholds)
    {
        Precision = precision;
        Recall = recall;
        Thresholds = thresholds;
    }

    /// <summary>Of the clips that score at or above the threshold, the share that has the label; 0 to 1.</summary>
    public IReadOnlyList<double> Precision { get; }

    /// <summary>Of the clips that have the label, the share that scores at or above the threshold; 0 to 1.</summary>
    public IReadOnlyList<double> Recall { get; }

    /// <summary>The thresholds, ascending; one fewer than there are points.</summary>
    public IReadOnlyList<float> Thresholds { get; }
}
