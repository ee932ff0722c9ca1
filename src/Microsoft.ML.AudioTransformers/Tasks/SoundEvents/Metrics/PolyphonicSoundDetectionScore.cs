using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Unit of time of false positive rates.</summary>
public enum RateUnit
{
    /// <summary>60 seconds.</summary>
    Minute,

    /// <summary>3,600 seconds.</summary>
    Hour,

    /// <summary>24 hours.</summary>
    Day,

    /// <summary>30 days.</summary>
    Month,

    /// <summary>365 days.</summary>
    Year,
}

/// <summary>
/// PSDS, the polyphonic sound detection score (Bilen et al. 2020), as psds_eval computes it: the normalized area under the
/// PSD-ROC curve, the true positive ratio against the rate of effective false positives, over the operating points
/// (thresholds) of a detector.
/// </summary>
public sealed class PolyphonicSoundDetectionScore
{
    private readonly IReadOnlyList<ClipOperatingPoints> _clips;

    private PolyphonicSoundDetectionScore(
        IReadOnlyList<ClipOperatingPoints> clips, IReadOnlyList<string> classNames, Options options)
    {
        _clips = clips;
        Settings = options;
        ClassNames = [.. classNames];
        GroundTruthTotals totals = GroundTruthTotals.Sum(clips.Select(clip => clip.Totals), classNames.Count);
        int pointCount = clips.Count == 0 ? 0 : clips[0].Counts.Length;
        OperatingPoints = [.. Enumerable.Range(0, pointCount).Select(point => new DetectionOperatingPoint(
            IntersectionCounts.Sum(clips.Select(clip => clip.Counts[point]), classNames.Count),
            totals,
            options.SecondsPerUnit))];

        DetectionCurve[] curves = DetectionCurve.OfClasses(
            OperatingPoints, classNames.Count, options.AlphaCrossTrigger, options.Interpolate);
        double maximum = options.MaximumEffectiveFalsePositiveRate
            ?? (curves.Length == 0 ? double.NaN : curves[0].FalsePositiveRates[^1]);
        ClassCurves = curves;
        Curve = DetectionCurve.Combine(curves, options.AlphaStability);
        Value = Curve.Area(maximum) / maximum;
        ClassValues = [.. curves.Select(curve => curve.Area(maximum) / maximum)];
    }

    /// <summary>Options of PSDS. Default: those of psds_eval; DESED has two scenarios of its own.</summary>
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

        /// <summary>Cross-trigger tolerance criterion (CTTC): the share of a false positive that has to lie within annotated
        /// events of another class to be a cross-trigger, 0 to 1. Default: 0.3.</summary>
        [Between(0, 1)]
        public double CrossTriggerTolerance = 0.3;

        /// <summary>alpha_ct, the weight of cross-triggers in the effective false positive rate, 0 to 1. Default: 0.</summary>
        [Between(0, 1)]
        public double AlphaCrossTrigger;

        /// <summary>alpha_st, the weight of the standard deviation across classes, 0 or more. Default: 0.</summary>
        [NotNegative]
        public double AlphaStability;

        /// <summary>e_max, the rate of effective false positives up to which the area is taken, above 0; null for the highest
        /// of the operating points. Default: 100.</summary>
        [Positive]
        public double? MaximumEffectiveFalsePositiveRate = 100;

        /// <summary>Unit of time of the rates. Default: an hour.</summary>
        public RateUnit Unit = RateUnit.Hour;

        /// <summary>Whether the curves are interpolated linearly; otherwise they are step functions. Default: false.</summary>
        public bool Interpolate;

        /// <summary>DESED's scenario 1 (PSDS1): fast and precise localization.</summary>
        public static Options Scenario1() => new()
        {
            DetectionTolerance = 0.7,
            GroundTruthIntersection = 0.7,
            AlphaStability = 1,
        };

        /// <summary>DESED's scenario 2 (PSDS2): no confusion of classes, localization matters less.</summary>
        public static Options Scenario2() => new()
        {
            DetectionTolerance = 0.1,
            GroundTruthIntersection = 0.1,
            CrossTriggerTolerance = 0.3,
            AlphaCrossTrigger = 0.5,
            AlphaStability = 1,
        };

        internal double SecondsPerUnit => Unit switch
        {
            RateUnit.Minute => 60,
            RateUnit.Hour => 3600,
            RateUnit.Day => 24 * 3600,
            RateUnit.Month => 30 * 24 * 3600,
            RateUnit.Year => 365 * 24 * 3600,
            _ => throw new ArgumentOutOfRangeException(nameof(Unit), Unit, $"There is no unit {Unit}."),
        };
    }

    /// <summary>Names of the classes, in the order of the curves.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Clips evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>A copy of the options that the score was computed with.</summary>
    internal Options Settings { get; }

    /// <summary>PSDS, 0 to 1.</summary>
    public double Value { get; }

    /// <summary>Normalized area under the curve of each class, up to the same maximum rate; 0 to 1.</summary>
    public IReadOnlyList<double> ClassValues { get; }

    /// <summary>PSD-ROC curve whose area is the score: the mean of the curves of the classes, less their standard deviation
    /// times <see cref="Options.AlphaStability"/>.</summary>
    public DetectionCurve Curve { get; }

    /// <summary>PSD-ROC curve of each class.</summary>
    public IReadOnlyList<DetectionCurve> ClassCurves { get; }

    /// <summary>Counts and rates at each operating point.</summary>
    public IReadOnlyList<DetectionOperatingPoint> OperatingPoints { get; }

    /// <summary>Computes the score.</summary>
    /// <param name="reference">
    /// Annotated events (ground truth). Of those of one class that overlap in a clip, the union counts, as one event.
    /// </param>
    /// <param name="operatingPoints">Detected events at each operating point, for example each of several thresholds.</param>
    /// <param name="clipDurations">Duration of each clip in seconds.</param>
    /// <param name="options">Options, which are copied; null for those of psds_eval, see also
    /// <see cref="Options.Scenario1"/> and <see cref="Options.Scenario2"/>. Default: null.</param>
    /// <param name="labels">Names of the classes; null for those that the events name. Default: null.</param>
    /// <exception cref="ArgumentException">There is no operating point or no clip, an event has an unknown class or
    /// clip, or a time is not finite; or an option is outside its range.</exception>
    public static PolyphonicSoundDetectionScore Compute(
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<IReadOnlyList<SoundEvent>> operatingPoints,
        IReadOnlyDictionary<string, double> clipDurations,
        Options? options = null,
        IReadOnlyList<string>? labels = null)
    {
        options = OptionCheck.Copy(options ?? new Options());
        OptionCheck.All(options);
        if (operatingPoints.Count == 0 || clipDurations.Count == 0)
        {
            throw new ArgumentException(
                $"There are {operatingPoints.Count} operating points and {clipDurations.Count} clips; expected at least one of each.",
                operatingPoints.Count == 0 ? nameof(operatingPoints) : nameof(clipDurations));
        }

        labels ??= ClipEvents.LabelsOf([reference, .. operatingPoints]);
        var criteria = new IntersectionCriteria(
            options.DetectionTolerance, options.GroundTruthIntersection, options.CrossTriggerTolerance);
        ClipEvents[][] points =
        [
            .. operatingPoints.Select(estimated => ClipEvents.Group(reference, estimated, labels, clipDurations)
                .Select(clip => clip.WithUnions()).ToArray()),
        ];
        ClipOperatingPoints[] clips = [.. Enumerable.Range(0, clipDurations.Count).Select(clip => new ClipOperatingPoints(
            GroundTruthTotals.Of(points[0][clip], labels.Count),
            [.. points.Select(point => IntersectionCounting.Count(point[clip], labels.Count, criteria))]))];
        return new PolyphonicSoundDetectionScore(clips, labels, options);
    }

    /// <summary>Bootstrap confidence interval of the score, or of one derived from it, for example
    /// <c>score.ConfidenceInterval(s => s.Value)</c>; clips are resampled.</summary>
    /// <param name="metric">Score of which the interval is wanted.</param>
    /// <param name="resampleCount">Bootstrap resamples, 1 or more. Default: 1000.</param>
    /// <param name="level">Confidence level, above 0 and below 1. Default: 0.95.</param>
    /// <param name="seed">Seed of the resampling. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<PolyphonicSoundDetectionScore, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(new PolyphonicSoundDetectionScore([.. rows.Select(row => _clips[row])], ClassNames, Settings)),
            metric(this),
            resampleCount,
            level,
            seed);

    /// <summary>Table of the score and of the score of each class in plain text, one a line.</summary>
    public override string ToString()
    {
        TextTable table = new TextTable("class", "PSDS").Add("overall", TextTable.Number(Value));
        for (int label = 0; label < ClassNames.Count; label++)
        {
            table.Add(ClassNames[label], TextTable.Number(ClassValues[label]));
        }

        return table.ToString();
    }

    /// <inheritdoc cref="ToString"/>
    public string GetFormattedTable() => ToString();

    private sealed record ClipOperatingPoints(GroundTruthTotals Totals, IntersectionCounts[] Counts);
}
