namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>How present each class is in each frame of a clip: (frames, classes), row by row.</summary>
internal sealed record ClipPresence(string Clip, float[] Values);

/// <summary>Finds the threshold of each class with which its events are found best in validation clips.</summary>
internal static class EventThresholdTuning
{
    /// <summary>0.05 to 0.95 in steps of 0.05.</summary>
    public static double[] DefaultCandidates { get; } = [.. Enumerable.Range(1, 19).Select(step => step / 20.0)];

    // What a peaky map needs, where steps beside the peak are faint; and up to about the length of a syllable.
    private static readonly double[] s_faint = [0.01, 0.02, 0.03];
    private static readonly double[] s_onsetMargins = [0, 0.08, 0.16];
    private static readonly double[] s_offsetMargins = [0, 0.08, 0.16, 0.24];

    /// <summary>
    /// The threshold of each class with the highest event-based F1. Where several thresholds in a row are equally
    /// good, it is the middle one; a class that no clip has keeps its threshold.
    /// </summary>
    /// <param name="maps">The validation clips.</param>
    /// <param name="reference">Their annotated events.</param>
    /// <param name="modelClassNames">The classes of the maps.</param>
    /// <param name="secondsPerFrame">The time from one frame to the next.</param>
    /// <param name="decoding">How events are read, thresholds aside.</param>
    /// <param name="matching">When an event counts as found.</param>
    /// <param name="candidates">The thresholds to try, ascending; null: <see cref="DefaultCandidates"/>.</param>
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
    /// The margins and the threshold of each class with the highest event-based F1, the smallest of margins that are equally
    /// good; a class that no clip has keeps its own.
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

    /// <summary>The F1 of each class, NaN where no clip has it, for each of the thresholds.</summary>
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
