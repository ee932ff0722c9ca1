namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Precision-recall curve, as scikit-learn gives it: one point for every distinct score as the threshold, from the lowest
/// to the highest, and in the end the point of precision 1 and recall 0, which has no threshold.
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

    /// <summary>Precision of each point, 0 to 1: of the clips that score at or above the threshold, the share that has the
    /// label.</summary>
    public IReadOnlyList<double> Precision { get; }

    /// <summary>Recall of each point, 0 to 1: of the clips that have the label, the share that scores at or above the
    /// threshold.</summary>
    public IReadOnlyList<double> Recall { get; }

    /// <summary>Thresholds, ascending; one fewer than there are points.</summary>
    public IReadOnlyList<float> Thresholds { get; }
}
