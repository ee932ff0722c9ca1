using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What a system finds, and what it finds wrongly, with one setting.</summary>
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

    /// <summary>For each class, the share of annotated events that was found, 0 to 1.</summary>
    public IReadOnlyList<double> TruePositiveRatios { get; }

    /// <summary>For each class, events that are not there, in a unit of time of all clips.</summary>
    public IReadOnlyList<double> FalsePositiveRates { get; }

    /// <summary>For each class, the annotated events that were found.</summary>
    public IReadOnlyList<long> TruePositiveCounts => _counts.TruePositives;

    /// <summary>For each class, the found events that are not there.</summary>
    public IReadOnlyList<long> FalsePositiveCounts => _counts.FalsePositives;

    /// <summary>Events of class <paramref name="found"/> that are not there, but lie within events of class
    /// <paramref name="annotated"/>.</summary>
    public long CrossTriggerCount(int found, int annotated) => _counts.CrossTriggers[found, annotated];

    /// <summary>The same in a unit of time of the events of class <paramref name="annotated"/>; NaN if it has none.
    /// </summary>
    public double CrossTriggerRate(int found, int annotated) => _crossTriggerRates[found, annotated];

    /// <summary>The rate of effective false positives of a class: its false positives, and the mean of its
    /// cross-triggers with a weight.</summary>
    internal double EffectiveFalsePositiveRate(int label, double alphaCrossTrigger)
    {
        double mean = Enumerable.Range(0, FalsePositiveRates.Count)
            .Select(other => _crossTriggerRates[label, other])
            .Where(rate => !double.IsNaN(rate))
            .Average();
        return FalsePositiveRates[label] + alphaCrossTrigger * mean;
    }
}
