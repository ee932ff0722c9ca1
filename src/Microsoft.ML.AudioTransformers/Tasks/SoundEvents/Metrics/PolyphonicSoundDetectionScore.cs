using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>The unit of time in which false positives are counted.</summary>
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
/// PSDS, the polyphonic sound detection score (Bilen et al. 2020), as psds_eval computes it: the area under the curve of
/// events found against false alarms an hour, over all operating points of a system.
/// </summary>
public sealed class PolyphonicSoundDetectionScore
{
    private readonly IReadOnlyList<ClipOperatingPoints> _clips;

    private PolyphonicSoundDetectionScore(
        IReadOnlyList<ClipOperatingPoints> clips, IReadOnlyList<string> classNames, Options options)
    {
        _clips = clips;
        Settings = options;
        ClassNames = classNames;
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

    /// <summary>What the score asks of a system.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>The share of a found event that has to lie within annotated events of its class, 0 to 1 (DTC).
        /// Default: 0.5.</summary>
        [Between(0, 1)]
        public double DetectionTolerance = 0.5;

        /// <summary>The share of an annotated event that has to be covered, 0 to 1 (GTC). Default: 0.5.</summary>
        [Between(0, 1)]
        public double GroundTruthIntersection = 0.5;

        /// <summary>The share of a wrong event that has to lie within events of another class to be a cross-trigger,
        /// 0 to 1 (CTTC). Default: 0.3.</summary>
        [Between(0, 1)]
        public double CrossTriggerTolerance = 0.3;

        /// <summary>The weight of cross-triggers among false alarms, 0 to 1. Default: 0.</summary>
        [Between(0, 1)]
        public double AlphaCrossTrigger;

        /// <summary>The weight of the standard deviation between classes, 0 or more. Default: 0.</summary>
        [NotNegative]
        public double AlphaStability;

        /// <summary>The rate of effective false positives up to which the area is taken, above 0; null: the highest of
        /// the operating points. Default: 100.</summary>
        [Positive]
        public double? MaximumEffectiveFalsePositiveRate = 100;

        /// <summary>The unit of the rates. Default: an hour.</summary>
        public RateUnit Unit = RateUnit.Hour;

        /// <summary>Whether the curves are interpolated linearly; otherwise they are stairs. Default: stairs.</summary>
        public bool Interpolate;

        /// <summary>DESED's scenario 1: a system that reacts fast on the right event.</summary>
        public static Options Scenario1() => new()
        {
            DetectionTolerance = 0.7,
            GroundTruthIntersection = 0.7,
            AlphaStability = 1,
        };

        /// <summary>DESED's scenario 2: a system that must not confuse classes, but may be late.</summary>
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

    /// <summary>The classes, in the order of the curves.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many clips were evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>A copy of the options that the score was computed with.</summary>
    internal Options Settings { get; }

    /// <summary>The score, 0 to 1.</summary>
    public double Value { get; }

    /// <summary>The area under each class's own curve, by the same maximum rate; 0 to 1.</summary>
    public IReadOnlyList<double> ClassValues { get; }

    /// <summary>The curve whose area is the score: the mean of the classes' curves, less their standard deviation as
    /// <see cref="Options.AlphaStability"/> weights it.</summary>
    public DetectionCurve Curve { get; }

    /// <summary>The curve of each class.</summary>
    public IReadOnlyList<DetectionCurve> ClassCurves { get; }

    /// <summary>Counts and rates at each operating point.</summary>
    public IReadOnlyList<DetectionOperatingPoint> OperatingPoints { get; }

    /// <summary>Compares what a system finds at several operating points with annotated events.</summary>
    /// <param name="reference">The annotated events.</param>
    /// <param name="operatingPoints">The events found with, for example, each of several thresholds.</param>
    /// <param name="clipDurations">All clips and their lengths in seconds.</param>
    /// <param name="options">What the score asks; null: psds_eval's defaults, see also
    /// <see cref="Options.Scenario1"/> and <see cref="Options.Scenario2"/>.</param>
    /// <param name="labels">The classes; null: those that the events name.</param>
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
            [.. operatingPoints.Select(estimated => ClipEvents.Group(reference, estimated, labels, clipDurations))];
        ClipOperatingPoints[] clips = [.. Enumerable.Range(0, clipDurations.Count).Select(clip => new ClipOperatingPoints(
            GroundTruthTotals.Of(points[0][clip], labels.Count),
            [.. points.Select(point => IntersectionCounting.Count(point[clip], labels.Count, criteria))]))];
        return new PolyphonicSoundDetectionScore(clips, labels, options);
    }

    /// <summary>A bootstrap confidence interval of the score, or of one derived from it, for example
    /// <c>score.ConfidenceInterval(s => s.Value)</c>.</summary>
    /// <param name="metric">The score.</param>
    /// <param name="resampleCount">How many times the clips are resampled, 1 or more.</param>
    /// <param name="level">The share of resampled scores within the interval, above 0 and below 1.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<PolyphonicSoundDetectionScore, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(new PolyphonicSoundDetectionScore([.. rows.Select(row => _clips[row])], ClassNames, Settings)),
            metric(this),
            resampleCount,
            level,
            seed);

    /// <summary>The score and each class's own, one a line.</summary>
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
