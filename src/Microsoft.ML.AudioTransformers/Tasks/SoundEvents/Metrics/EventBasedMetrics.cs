using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>How found events are matched with annotated ones.</summary>
public enum EventMatching
{
    /// <summary>As many pairs as possible.</summary>
    Optimal,

    /// <summary>Each annotated event, in turn, takes the first found one that fits.</summary>
    Greedy,
}

/// <summary>
/// Event-based F1 and error rate, as sed_eval computes them: an event is found if one of its class starts, and ends, at
/// about the same time.
/// </summary>
public sealed class EventBasedMetrics : SoundEventMetrics
{
    private EventBasedMetrics(
        IReadOnlyList<ClipCounts> clips, IReadOnlyList<string> classNames, EmptyOutputHandling handling)
        : base(clips, classNames, handling, segments: false)
    {
    }

    /// <summary>When an event counts as found.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>How far onsets and offsets may be apart, in seconds, 0 or more. Default: 0.2 (sed_eval, DESED).
        /// </summary>
        [NotNegative]
        public double Collar = 0.2;

        /// <summary>Offsets may be apart by this share of the annotated event's length, if that is more; 0 or more.
        /// Default: 0.5 (sed_eval); DESED uses 0.2.</summary>
        [NotNegative]
        public double PercentageOfLength = 0.5;

        /// <summary>Whether onsets have to match. Default: yes.</summary>
        public bool EvaluateOnset = true;

        /// <summary>Whether offsets have to match. Default: yes.</summary>
        public bool EvaluateOffset = true;

        /// <summary>How events are matched. Default: as many pairs as possible.</summary>
        public EventMatching Matching = EventMatching.Optimal;

        /// <summary>What precision is when nothing was found. Default: undefined (sed_eval); DESED's macro average
        /// uses the zero score.</summary>
        public EmptyOutputHandling EmptyOutput = EmptyOutputHandling.Undefined;

        void IOptionGroup.CheckTogether(string prefix) => OptionCheck.That(
            EvaluateOnset || EvaluateOffset,
            EvaluateOffset,
            prefix + nameof(EvaluateOffset),
            $"true where {nameof(EvaluateOnset)} is false: at least one has to match");

        internal bool Fits(EventSpan reference, EventSpan estimated)
            => (!EvaluateOnset || Math.Abs(reference.Onset - estimated.Onset) <= Collar)
            && (!EvaluateOffset || Math.Abs(reference.Offset - estimated.Offset)
                <= Math.Max(Collar, PercentageOfLength * reference.Duration));
    }

    /// <summary>Compares found events with annotated ones.</summary>
    /// <param name="reference">The annotated events.</param>
    /// <param name="estimated">The events found.</param>
    /// <param name="options">When an event counts as found; null: sed_eval's defaults.</param>
    /// <param name="labels">The classes; null: those that the events name.</param>
    /// <param name="clipDurations">All clips and their lengths in seconds; null: the clips that have events.</param>
    /// <exception cref="ArgumentException">An event has an unknown class or clip, or a time is not finite; or an
    /// option is outside its range.</exception>
    public static EventBasedMetrics Compute(
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
        return new EventBasedMetrics(
            [.. clips.Select(clip => EventCounting.Count(clip, labels.Count, options))], labels, options.EmptyOutput);
    }

    /// <summary>A bootstrap confidence interval of any of the scores, for example
    /// <c>metrics.ConfidenceInterval(m => m.ClassAverage.F1)</c>.</summary>
    /// <param name="metric">The score.</param>
    /// <param name="resampleCount">How many times the clips are resampled, 1 or more.</param>
    /// <param name="level">The share of resampled scores within the interval, above 0 and below 1.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<EventBasedMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Interval(
            this,
            metric,
            (clips, handling) => new EventBasedMetrics(clips, ClassNames, handling),
            resampleCount,
            level,
            seed);
}
