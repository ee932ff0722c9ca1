using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Intersection-based F1, as psds_eval computes it and HTS-AT's official code reports it on DESED: an annotated event is a
/// true positive if enough of it is covered by detected events of its class that themselves lie within annotated ones.
/// </summary>
public sealed class IntersectionMetrics
{
    private readonly IReadOnlyList<(IntersectionCounts Counts, GroundTruthTotals Totals)> _clips;
    private readonly double _beta;

    private IntersectionMetrics(
        IReadOnlyList<(IntersectionCounts Counts, GroundTruthTotals Totals)> clips,
        IReadOnlyList<string> classNames,
        double beta)
    {
        _clips = clips;
        _beta = beta;
        ClassNames = [.. classNames];
        IntersectionCounts counts = IntersectionCounts.Sum(clips.Select(clip => clip.Counts), classNames.Count);
        GroundTruthTotals totals = GroundTruthTotals.Sum(clips.Select(clip => clip.Totals), classNames.Count);
        TruePositiveCounts = counts.TruePositives;
        FalsePositiveCounts = counts.FalsePositives;
        FalseNegativeCounts = [.. totals.Counts.Select((count, label) => count - counts.TruePositives[label])];
        F1 = [.. Enumerable.Range(0, classNames.Count).Select(FScore)];
    }

    /// <summary>Options of the intersection-based metrics. Default: those of psds_eval.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>Detection tolerance criterion (DTC): the share of a detected event that has to lie within annotated events
        /// of its class, 0 to 1. Default: 0.5.</summary>
        [Between(0, 1)]
        public double DetectionTolerance = 0.5;

        /// <summary>Ground truth intersection criterion (GTC): the share of an annotated event that has to be covered, 0 to 1.
        /// Default: 0.5.</summary>
        [Between(0, 1)]
        public double GroundTruthIntersection = 0.5;

        /// <summary>Beta of the F score, the weight of recall over precision, 0 (precision alone) or more. Default: 1.</summary>
        [NotNegative]
        public double Beta = 1;
    }

    /// <summary>Names of the classes, in the order of the scores.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Clips evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>F score of each class, 0 to 1; NaN, as in psds_eval, for a class without true positives.</summary>
    public IReadOnlyList<double> F1 { get; }

    /// <summary>True positives of each class: annotated events that were detected.</summary>
    public IReadOnlyList<long> TruePositiveCounts { get; }

    /// <summary>False positives of each class: detected events that are not annotated.</summary>
    public IReadOnlyList<long> FalsePositiveCounts { get; }

    /// <summary>False negatives of each class: annotated events that were missed.</summary>
    public IReadOnlyList<long> FalseNegativeCounts { get; }

    /// <summary>
    /// Macro F1 of psds_eval: the mean of <see cref="F1"/> over the classes with true positives, 0 to 1, so that a class that is
    /// missed altogether does not lower it. NaN without true positives.
    /// </summary>
    public double MacroF1 => F1.Where(score => !double.IsNaN(score)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Macro F1 over the classes with annotated events, 0 to 1; a class without true positives counts as 0.</summary>
    public double MacroF1OfAnnotatedClasses => F1
        .Where((_, label) => TruePositiveCounts[label] + FalseNegativeCounts[label] > 0)
        .Select(score => double.IsNaN(score) ? 0 : score)
        .DefaultIfEmpty(double.NaN)
        .Average();

    /// <summary>Computes the metrics.</summary>
    /// <param name="reference">
    /// Annotated events (ground truth). Of those of one class that overlap in a clip, the union counts, as one event.
    /// </param>
    /// <param name="estimated">Detected events.</param>
    /// <param name="clipDurations">Duration of each clip in seconds.</param>
    /// <param name="options">Options; null for those of psds_eval. Default: null.</param>
    /// <param name="labels">Names of the classes; null for those that the events name. Default: null.</param>
    /// <exception cref="ArgumentException">An event has an unknown class or clip, or a time is not finite; or an option
    /// is outside its range.</exception>
    public static IntersectionMetrics Compute(
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<SoundEvent> estimated,
        IReadOnlyDictionary<string, double> clipDurations,
        Options? options = null,
        IReadOnlyList<string>? labels = null)
    {
        options ??= new Options();
        OptionCheck.All(options);
        labels ??= ClipEvents.LabelsOf(reference, estimated);
        var criteria = new IntersectionCriteria(
            options.DetectionTolerance, options.GroundTruthIntersection, CrossTrigger: 1);
        IEnumerable<ClipEvents> clips =
            ClipEvents.Group(reference, estimated, labels, clipDurations).Select(clip => clip.WithUnions());
        return new IntersectionMetrics(
            [.. clips.Select(clip => (
                IntersectionCounting.Count(clip, labels.Count, criteria), GroundTruthTotals.Of(clip, labels.Count)))],
            labels,
            options.Beta);
    }

    /// <summary>Bootstrap confidence interval of one of the scores, for example
    /// <c>metrics.ConfidenceInterval(m => m.MacroF1)</c>; clips are resampled.</summary>
    /// <param name="metric">Score of which the interval is wanted.</param>
    /// <param name="resampleCount">Bootstrap resamples, 1 or more. Default: 1000.</param>
    /// <param name="level">Confidence level, above 0 and below 1. Default: 0.95.</param>
    /// <param name="seed">Seed of the resampling. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<IntersectionMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(new IntersectionMetrics([.. rows.Select(row => _clips[row])], ClassNames, _beta)),
            metric(this),
            resampleCount,
            level,
            seed);

    /// <summary>Macro averages, one a line.</summary>
    public override string ToString() => new TextTable("metric", "value")
        .Add("intersection F1", TextTable.Number(MacroF1))
        .Add("intersection F1 of annotated classes", TextTable.Number(MacroF1OfAnnotatedClasses))
        .Add("clips", TextTable.Number(ClipCount))
        .ToString();

    /// <summary>Table of the scores of each class in plain text, one class a line.</summary>
    public string GetFormattedTable()
    {
        var table = new TextTable("class", "F1", "true positives", "false negatives", "false positives");
        for (int label = 0; label < ClassNames.Count; label++)
        {
            table.Add(
                ClassNames[label],
                TextTable.Number(F1[label]),
                TextTable.Number(TruePositiveCounts[label]),
                TextTable.Number(FalseNegativeCounts[label]),
                TextTable.Number(FalsePositiveCounts[label]));
        }

        return table.ToString();
    }

    private double FScore(int label)
    {
        if (TruePositiveCounts[label] == 0)
        {
            return double.NaN;
        }

        double weight = _beta * _beta;
        double found = (1 + weight) * TruePositiveCounts[label];
        return found / (found + weight * FalseNegativeCounts[label] + FalsePositiveCounts[label]);
    }
}
