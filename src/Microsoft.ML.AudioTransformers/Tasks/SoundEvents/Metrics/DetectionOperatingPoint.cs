using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Operating point of a detector: true positives, false positives and cross-triggers at one threshold.</summary>
public sealed class DetectionOperatingPoint
{
    private readonly IntersectionCounts _counts;
    private readonly double[,] _crossTriggerRates;

    internal DetectionOperatingPoint(IntersectionCounts counts, GroundTruthTotals totals, double secondsPerUnit)
    {
        int classCount = counts.TruePositives.Length;
        _counts = counts;
        _crossTriggerRates = new double[classCount, classCount];
        var ratios = new double[classCount];
        var rates = new double[classCount];
        for (int label = 0; label < classCount; label++)
        {
            ratios[label] = totals.Counts[label] == 0 ? 0 : counts.TruePositives[label] / (double)totals.Counts[label];
            rates[label] = counts.FalsePositives[label] * secondsPerUnit / totals.ClipDuration;
            for (int other = 0; other < classCount; other++)
            {
                // NaN for a class without annotated events: it has no time that a rate could refer to.
                _crossTriggerRates[label, other] = other == label
                    ? 0
                    : counts.CrossTriggers[label, other] * secondsPerUnit / totals.Durations[other];
            }
        }

        TruePositiveRatios = ratios;
        FalsePositiveRates = rates;
    }

    /// <summary>True positive ratio of each class, 0 to 1: the share of annotated events that was detected.</summary>
    public IReadOnlyList<double> TruePositiveRatios { get; }

    /// <summary>False positive rate of each class: false positives a unit of time of all clips.</summary>
    public IReadOnlyList<double> FalsePositiveRates { get; }

    /// <summary>True positives of each class.</summary>
    public IReadOnlyList<long> TruePositiveCounts => _counts.TruePositives;

    /// <summary>False positives of each class.</summary>
    public IReadOnlyList<long> FalsePositiveCounts => _counts.FalsePositives;

    /// <summary>Cross-triggers: false positives of one class that lie within annotated events of another.</summary>
    /// <param name="found">Index of the detected class.</param>
    /// <param name="annotated">Index of the annotated class.</param>
    public long CrossTriggerCount(int found, int annotated) => _counts.CrossTriggers[found, annotated];

    /// <summary>Cross-trigger rate: cross-triggers a unit of time of the annotated events; NaN if there are none.</summary>
    /// <param name="found">Index of the detected class.</param>
    /// <param name="annotated">Index of the annotated class.</param>
    public double CrossTriggerRate(int found, int annotated) => _crossTriggerRates[found, annotated];

    /// <summary>Effective false positive rate of a class: its false positive rate plus the weighted mean of its cross-trigger
    /// rates.</summary>
    internal double EffectiveFalsePositiveRate(int label, double alphaCrossTrigger)
    {
        double mean = Enumerable.Range(0, FalsePositiveRates.Count)
            .Select(other => _crossTriggerRates[label, other])
            .Where(rate => !double.IsNaN(rate))
            .Average();
        return FalsePositiveRates[label] + alphaCrossTrigger * mean;
    }
}
