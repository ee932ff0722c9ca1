using Microsoft.ML.AudioFeaturization.EventDecoding;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Presence map of a clip.</summary>
/// <param name="Clip">Name of the clip.</param>
/// <param name="Values">Presence of each class, (frames, classes), row by row.</param>
internal sealed record ClipPresence(string Clip, float[] Values);

/// <summary>Tuning of each class's threshold, and of its margins, for the highest event-based F1 on validation clips.</summary>
internal static class EventThresholdTuning
{
    /// <summary>0.05 to 0.95 in steps of 0.05.</summary>
    public static double[] DefaultCandidates { get; } = [.. Enumerable.Range(1, 19).Select(step => step / 20.0)];

    // A map with sharp peaks needs low thresholds, for the steps beside a peak are faint. Margins go up to about a syllable.
    private static readonly double[] s_faint = [0.01, 0.02, 0.03];
    private static readonly double[] s_onsetMargins = [0, 0.08, 0.16];
    private static readonly double[] s_offsetMargins = [0, 0.08, 0.16, 0.24];

    /// <summary>
    /// Threshold of each class with the highest event-based F1; of several equally good ones in a row, the middle one. A class
    /// that no clip has keeps its threshold.
    /// </summary>
    /// <param name="maps">Presence maps of the validation clips.</param>
    /// <param name="reference">Annotated events of the clips.</param>
    /// <param name="modelClassNames">Classes of the maps.</param>
    /// <param name="secondsPerFrame">Seconds from one frame of the maps to the next.</param>
    /// <param name="decoding">Decoding options; their thresholds are replaced.</param>
    /// <param name="matching">Criterion by which a detected event matches an annotated one.</param>
    /// <param name="candidates">Thresholds to try, ascending; null for <see cref="DefaultCandidates"/>.</param>
    public static double[] Tune(
        IReadOnlyList<ClipPresence> maps,
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<string> modelClassNames,
        double secondsPerFrame,
        EventDecodingOptions decoding,
        EventBasedMetrics.Options matching,
        IReadOnlyList<double>? candidates = null)
    {
        candidates ??= DefaultCandidates;
        IReadOnlyList<string> classNames = decoding.Mapping?.ClassNames ?? modelClassNames;
        double[][] scores = Scores(maps, reference, modelClassNames, secondsPerFrame, decoding, matching, candidates);
        return [.. Enumerable.Range(0, classNames.Count).Select(label =>
            MiddleOfBest(candidates, [.. scores.Select(score => score[label])])
            ?? EventDecodingOptions.ForClass(decoding.Thresholds, label))];
    }

    /// <summary>
    /// Margins and threshold of each class with the highest event-based F1; of equally good margins, the smallest. A class that
    /// no clip has keeps its own.
    /// </summary>
    /// <inheritdoc cref="Tune"/>
    public static EventDecodingOptions TuneWithMargins(
        IReadOnlyList<ClipPresence> maps,
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<string> modelClassNames,
        double secondsPerFrame,
        EventDecodingOptions decoding,
        EventBasedMetrics.Options matching,
        IReadOnlyList<double>? candidates = null)
    {
        candidates ??= [.. s_faint, .. DefaultCandidates];
        int classCount = (decoding.Mapping?.ClassNames ?? modelClassNames).Count;
        EventDecodingOptions best = decoding.With(decoding.Mapping);
        best.Thresholds = [.. All(decoding.Thresholds)];
        best.OnsetMargins = [.. All(decoding.OnsetMargins)];
        best.OffsetMargins = [.. All(decoding.OffsetMargins)];
        double[] bestScores = [.. Enumerable.Repeat(double.NegativeInfinity, classCount)];
        IEnumerable<(double Onset, double Offset)> margins = s_onsetMargins
            .SelectMany(onset => s_offsetMargins.Select(offset => (onset, offset)))
            .OrderBy(pair => pair.onset + pair.offset);
        foreach ((double onset, double offset) in margins)
        {
            double[][] scores = Scores(
                maps, reference, modelClassNames, secondsPerFrame, decoding.WithMargins(onset, offset), matching, candidates);
            for (int label = 0; label < classCount; label++)
            {
                double[] ofClass = [.. scores.Select(score => score[label])];
                if (MiddleOfBest(candidates, ofClass) is double threshold && ofClass.Max() > bestScores[label])
                {
                    bestScores[label] = ofClass.Max();
                    (best.Thresholds[label], best.OnsetMargins[label], best.OffsetMargins[label]) = (threshold, onset, offset);
                }
            }
        }

        return best;

        IEnumerable<double> All(double[] list) =>
            Enumerable.Range(0, classCount).Select(label => EventDecodingOptions.ForClass(list, label));
    }

    /// <summary>Event-based F1 for each threshold and class; NaN for a class that no clip has.</summary>
    private static double[][] Scores(
        IReadOnlyList<ClipPresence> maps,
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<string> modelClassNames,
        double secondsPerFrame,
        EventDecodingOptions decoding,
        EventBasedMetrics.Options matching,
        IReadOnlyList<double> candidates)
    {
        IReadOnlyList<string> classNames = decoding.Mapping?.ClassNames ?? modelClassNames;
        return [.. EventOperatingPoints.Decode(maps, modelClassNames, secondsPerFrame, decoding, candidates).Select(found =>
            EventBasedMetrics.Compute(reference, found, matching, classNames).ByClass.Select(
                score => score.ReferenceCount == 0 ? double.NaN : double.IsNaN(score.F1) ? 0 : score.F1).ToArray())];
    }

    private static double? MiddleOfBest(IReadOnlyList<double> candidates, double[] scores)
    {
        if (scores.All(double.IsNaN))
        {
            return null;
        }

        double best = scores.Max();
        int first = Array.IndexOf(scores, best);
        int count = scores.Skip(first).TakeWhile(score => score == best).Count();
        return candidates[first + (count - 1) / 2];
    }
}

/// <summary>Operating points: the events detected at each of several thresholds, as PSDS needs them.</summary>
internal static class EventOperatingPoints
{
    /// <summary>Fifty thresholds from 0.01 to 0.99 (DESED's baseline).</summary>
    public static double[] DefaultThresholds { get; } = [.. Enumerable.Range(0, 50).Select(step => 0.01 + step * 0.02)];

    /// <summary>Events of all clips at each threshold, which is the same for all classes.</summary>
    /// <param name="maps">Presence maps of the clips.</param>
    /// <param name="modelClassNames">Classes of the maps.</param>
    /// <param name="secondsPerFrame">Seconds from one frame of the maps to the next.</param>
    /// <param name="decoding">Decoding options; their thresholds are replaced.</param>
    /// <param name="thresholds">Thresholds; null for <see cref="DefaultThresholds"/>.</param>
    public static IReadOnlyList<IReadOnlyList<SoundEvent>> Decode(
        IReadOnlyList<ClipPresence> maps,
        IReadOnlyList<string> modelClassNames,
        double secondsPerFrame,
        EventDecodingOptions decoding,
        IReadOnlyList<double>? thresholds = null)
        => [.. (thresholds ?? DefaultThresholds).Select(threshold =>
        {
            EventDecodingOptions options = decoding.WithThreshold(threshold);
            return maps.SelectMany(
                map => EventDecoder.Decode(map.Clip, map.Values, modelClassNames, secondsPerFrame, options)).ToArray();
        })];
}
