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

    /// <summary>How time is cut.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>The length of a segment in seconds, above 0. Default: 1 (sed_eval).</summary>
        [Positive]
        public double TimeResolution = 1;

        /// <summary>What precision is when nothing was found. Default: undefined (sed_eval).</summary>
        public EmptyOutputHandling EmptyOutput = EmptyOutputHandling.Undefined;
    }

    /// <summary>Compares found events with annotated ones.</summary>
    /// <param name="reference">The annotated events.</param>
    /// <param name="estimated">The events found.</param>
    /// <param name="options">How time is cut; null: sed_eval's defaults.</param>
    /// <param name="labels">The classes; null: those that the events name.</param>
    /// <param name="clipDurations">All clips and their lengths in seconds; null: the clips that have events, each to
    /// its last offset.</param>
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

    /// <summary>A bootstrap confidence interval of any of the scores, for example
    /// <c>metrics.ConfidenceInterval(m => m.Overall.F1)</c>.</summary>
    /// <param name="metric">The score.</param>
    /// <param name="resampleCount">How many times the clips are resampled, 1 or more.</param>
    /// <param name="level">The share of resampled scores within the interval, above 0 and below 1.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
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
