using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Segment-based F1, error rate and accuracy, as sed_eval computes them: time is cut into segments of equal length, and
/// a class is active in a segment that any of its events touches.
/// </summary>
public sealed class SegmentBasedMetrics : SoundEventMetrics
{
    private SegmentBasedMetrics(
        IReadOnlyList<ClipCounts> clips, IReadOnlyList<string> classNames, EmptyOutputHandling handling)
        : base(clips, classNames, handling, segments: true)
    {
    }

    /// <summary>Options of the segment-based metrics. Default: those of sed_eval.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>Duration of a segment in seconds, above 0. Default: 1 (sed_eval).</summary>
        [Positive]
        public double TimeResolution = 1;

        /// <summary>Precision of a class without detected events. Default: undefined (sed_eval).</summary>
        public EmptyOutputHandling EmptyOutput = EmptyOutputHandling.Undefined;
    }

    /// <summary>Computes the metrics.</summary>
    /// <param name="reference">Annotated events (ground truth).</param>
    /// <param name="estimated">Detected events.</param>
    /// <param name="options">Options; null for those of sed_eval. Default: null.</param>
    /// <param name="labels">Names of the classes; null for those that the events name. Default: null.</param>
    /// <param name="clipDurations">Duration of each clip in seconds; null for the clips that have events, each up to its last
    /// offset. Default: null.</param>
    /// <exception cref="ArgumentException">An event has an unknown class or clip, or a time is not finite; or an
    /// option is outside its range.</exception>
    public static SegmentBasedMetrics Compute(
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<SoundEvent> estimated,
        Options? options = null,
        IReadOnlyList<string>? labels = null,
        IReadOnlyDictionary<string, double>? clipDurations = null)
    {
        options ??= new Options();
        OptionCheck.All(options);
        labels ??= ClipEvents.LabelsOf(reference, estimated);
        ClipEvents[] clips = ClipEvents.Group(reference, estimated, labels, clipDurations);
        return new SegmentBasedMetrics(
            [.. clips.Select(clip => SegmentCounting.Count(clip, labels.Count, options.TimeResolution))],
            labels,
            options.EmptyOutput);
    }

    /// <summary>Bootstrap confidence interval of one of the scores, for example
    /// <c>metrics.ConfidenceInterval(m => m.Overall.F1)</c>; clips are resampled.</summary>
    /// <param name="metric">Score of which the interval is wanted.</param>
    /// <param name="resampleCount">Bootstrap resamples, 1 or more. Default: 1000.</param>
    /// <param name="level">Confidence level, above 0 and below 1. Default: 0.95.</param>
    /// <param name="seed">Seed of the resampling. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<SegmentBasedMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Interval(
            this,
            metric,
            (clips, handling) => new SegmentBasedMetrics(clips, ClassNames, handling),
            resampleCount,
            level,
            seed);
}
