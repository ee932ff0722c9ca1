namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>How present each class is in each frame of a clip: (frames, classes), row by row.</summary>
internal sealed record PresenceMap(string Clip, float[] Values);

/// <summary>Finds the threshold of each class with which its events are found best in validation clips.</summary>
internal static class EventThresholdTuning
{
    /// <summary>0.05 to 0.95 in steps of 0.05.</summary>
    public static double[] DefaultCandidates { get; } = [.. Enumerable.Range(1, 19).Select(step => step / 20.0)];

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
        IReadOnlyList<PresenceMap> maps,
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<string> modelClassNames,
        double secondsPerFrame,
        EventDecodingOptions decoding,
        EventBasedMetrics.Options matching,
        IReadOnlyList<double>? candidates = null)
    {
        candidates ??= DefaultCandidates;
        IReadOnlyList<string> classNames = decoding.Mapping?.ClassNames ?? modelClassNames;
        var scores = new double[candidates.Count][];
        IReadOnlyList<IReadOnlyList<SoundEvent>> found =
            EventOperatingPoints.Decode(maps, modelClassNames, secondsPerFrame, decoding, candidates);
        for (int i = 0; i < scores.Length; i++)
        {
            EventBasedMetrics metrics = EventBasedMetrics.Compute(reference, found[i], matching, classNames);
            scores[i] = [.. metrics.ByClass.Select(
                score => score.ReferenceCount == 0 ? double.NaN : double.IsNaN(score.F1) ? 0 : score.F1)];
        }

        return [.. Enumerable.Range(0, classNames.Count).Select(label =>
            MiddleOfBest(candidates, [.. scores.Select(score => score[label])])
            ?? EventDecodingOptions.ForClass(decoding.Thresholds, label))];
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
