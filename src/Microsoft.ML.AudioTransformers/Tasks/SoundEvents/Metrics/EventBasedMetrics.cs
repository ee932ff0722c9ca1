using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Matching of detected events with annotated ones.</summary>
public enum EventMatching
{
    /// <summary>Maximum bipartite matching: as many pairs as possible.</summary>
    Optimal,

    /// <summary>Greedy matching: each annotated event, in turn, takes the first detected one that fits.</summary>
    Greedy,
}

/// <summary>
/// Event-based (collar-based) F1 and error rate, as sed_eval computes them: an annotated event is a true positive if a
/// detected event of its class has about the same onset and offset.
/// </summary>
public sealed class EventBasedMetrics : SoundEventMetrics
{
    private EventBasedMetrics(
        IReadOnlyList<ClipCounts> clips, IReadOnlyList<string> classNames, EmptyOutputHandling handling)
        : base(clips, classNames, handling, segments: false)
    {
    }

    /// <summary>Options of the event-based metrics. Default: those of sed_eval.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>Collar: tolerance of onsets and offsets in seconds, 0 or more. Default: 0.2 (sed_eval, DESED).</summary>
        [NotNegative]
        public double Collar = 0.2;

        /// <summary>Tolerance of offsets as a share of the duration of the annotated event, where that is more than the collar;
        /// 0 or more. Default: 0.5 (sed_eval); DESED uses 0.2.</summary>
        [NotNegative]
        public double PercentageOfLength = 0.5;

        /// <summary>Whether onsets have to match. Default: true.</summary>
        public bool EvaluateOnset = true;

        /// <summary>Whether offsets have to match; at least one of the two must be true. Default: true.</summary>
        public bool EvaluateOffset = true;

        /// <summary>Matching. Default: optimal (sed_eval).</summary>
        public EventMatching Matching = EventMatching.Optimal;

        /// <summary>Precision of a class without detected events. Default: undefined (sed_eval); DESED's macro average uses
        /// the zero score.</summary>
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

    /// <summary>Computes the metrics.</summary>
    /// <param name="reference">Annotated events (ground truth).</param>
    /// <param name="estimated">Detected events.</param>
    /// <param name="options">Options; null for those of sed_eval. Default: null.</param>
    /// <param name="labels">Names of the classes; null for those that the events name. Default: null.</param>
    /// <param name="clipDurations">Duration of each clip in seconds; null for the clips that have events. Default: null.</param>
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

    /// <summary>Bootstrap confidence interval of one of the scores, for example
    /// <c>metrics.ConfidenceInterval(m => m.ClassAverage.F1)</c>; clips are resampled.</summary>
    /// <param name="metric">Score of which the interval is wanted.</param>
    /// <param name="resampleCount">Bootstrap resamples, 1 or more. Default: 1000.</param>
    /// <param name="level">Confidence level, above 0 and below 1. Default: 0.95.</param>
    /// <param name="seed">Seed of the resampling. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
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
