using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// The intersection-based F1 of psds_eval, which HTS-AT's official code reports on DESED: an event is found if enough of
/// it is covered by found events of its class that lie within annotated ones.
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
        ClassNames = classNames;
        IntersectionCounts counts = IntersectionCounts.Sum(clips.Select(clip => clip.Counts), classNames.Count);
        GroundTruthTotals totals = GroundTruthTotals.Sum(clips.Select(clip => clip.Totals), classNames.Count);
        TruePositiveCounts = counts.TruePositives;
        FalsePositiveCounts = counts.FalsePositives;
        FalseNegativeCounts = [.. totals.Counts.Select((count, label) => count - counts.TruePositives[label])];
        F1 = [.. Enumerable.Range(0, classNames.Count).Select(FScore)];
    }

    /// <summary>How much of events has to intersect.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>The share of a found event that has to lie within annotated events of its class, 0 to 1 (detection
        /// tolerance criterion). Default: 0.5.</summary>
        [Between(0, 1)]
        public double DetectionTolerance = 0.5;

        /// <summary>The share of an annotated event that has to be covered, 0 to 1 (ground truth intersection
        /// criterion). Default: 0.5.</summary>
        [Between(0, 1)]
        public double GroundTruthIntersection = 0.5;

        /// <summary>Beta of the F score, the weight of recall over precision, 0 (precision alone) or more. Default: 1.</summary>
        [NotNegative]
        public double Beta = 1;
    }

    /// <summary>The classes, in the order of the scores.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many clips were evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>The F score of each class; NaN, as in psds_eval, for a class of which no event was found.</summary>
    public IReadOnlyList<double> F1 { get; }

    /// <summary>The annotated events of each class that were found.</summary>
    public IReadOnlyList<long> TruePositiveCounts { get; }

    /// <summary>The found events of each class that are not there.</summary>
    public IReadOnlyList<long> FalsePositiveCounts { get; }

    /// <summary>The annotated events of each class that were missed.</summary>
    public IReadOnlyList<long> FalseNegativeCounts { get; }

    /// <summary>
    /// The mean of <see cref="F1"/> over the classes of which an event was found, as psds_eval has it: a class that is
    /// missed altogether does not lower it. NaN if nothing was found.
    /// </summary>
    public double MacroF1 => F1.Where(score => !double.IsNaN(score)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The mean of <see cref="F1"/> over the classes with annotated events, 0 for one of which none was found.
    /// </summary>
    public double MacroF1OfAnnotatedClasses => F1
        .Where((_, label) => TruePositiveCounts[label] + FalseNegativeCounts[label] > 0)
        .Select(score => double.IsNaN(score) ? 0 : score)
        .DefaultIfEmpty(double.NaN)
        .Average();

    /// <summary>Compares found events with annotated ones.</summary>
    /// <param name="reference">The annotated events.</param>
    /// <param name="estimated">The events found.</param>
    /// <param name="clipDurations">All clips and their lengths in seconds.</param>
    /// <param name="options">How much has to intersect; null: psds_eval's defaults.</param>
    /// <param name="labels">The classes; null: those that the events name.</param>
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
        ClipEvents[] clips = ClipEvents.Group(reference, estimated, labels, clipDurations);
        return new IntersectionMetrics(
            [.. clips.Select(clip => (
                IntersectionCounting.Count(clip, labels.Count, criteria), GroundTruthTotals.Of(clip, labels.Count)))],
            labels,
            options.Beta);
    }

    /// <summary>A bootstrap confidence interval of any of the scores, for example
    /// <c>metrics.ConfidenceInterval(m => m.MacroF1)</c>.</summary>
    /// <param name="metric">The score.</param>
    /// <param name="resampleCount">How many times the clips are resampled, 1 or more.</param>
    /// <param name="level">The share of resampled scores within the interval, above 0 and below 1.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<IntersectionMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(new IntersectionMetrics([.. rows.Select(row => _clips[row])], ClassNames, _beta)),
            metric(this),
            resampleCount,
            level,
            seed);

    /// <summary>The mean scores, one a line.</summary>
    public override string ToString() => new TextTable("metric", "value")
        .Add("intersection F1", TextTable.Number(MacroF1))
        .Add("intersection F1 of annotated classes", TextTable.Number(MacroF1OfAnnotatedClasses))
        .Add("clips", TextTable.Number(ClipCount))
        .ToString();

    /// <summary>The scores of each class, one a line, in plain text.</summary>
    public string GetFormattedTable()
    {
        var table = new TextTable("class", "F1", "found", "missed", "not there");
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
