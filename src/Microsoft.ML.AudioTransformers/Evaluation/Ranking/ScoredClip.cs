namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Whether a clip has a label.</summary>
internal enum LabelState : byte
{
    Negative,
    Positive,

    /// <summary>Nobody has said (OpenMIC's masked labels): neither a positive nor a negative of the class.</summary>
    Unknown,
}

/// <summary>The labels and scores of one clip, a score for every class.</summary>
internal sealed class ScoredClip
{
    private ScoredClip(float[] scores, LabelState[] labels)
    {
        Scores = scores;
        Labels = labels;
        (RankingPrecisionSum, PositiveCount) = RankingPrecision();
    }

    public float[] Scores { get; }

    public LabelState[] Labels { get; }

    public int PositiveCount { get; }

    /// <summary>
    /// Over the clip's positives: of the classes that score at least as high as the positive, the share that are
    /// positives. Added up, not averaged.
    /// </summary>
    public double RankingPrecisionSum { get; }

    /// <summary>Copies one row, and checks it.</summary>
    /// <param name="targets">1 where the clip has the label, 0 where it has not, NaN where nobody knows.</param>
    /// <param name="scores">The score of every class; greater is more certain. Infinite, but not NaN.</param>
    /// <param name="row">The number of the row, for errors.</param>
    /// <param name="className">The name of a class, for errors.</param>
    /// <exception cref="ArgumentException">A target or a score is none of these.</exception>
    public static ScoredClip Create(
        ReadOnlySpan<float> targets, ReadOnlySpan<float> scores, long row, Func<int, string> className)
    {
        if (targets.Length != scores.Length)
        {
            throw new ArgumentException(
                $"Row {row} has {targets.Length} labels and {scores.Length} scores; expected as many of both.");
        }

        var labels = new LabelState[targets.Length];
        for (int label = 0; label < labels.Length; label++)
        {
            labels[label] = targets[label] switch
            {
                0 => LabelState.Negative,
                1 => LabelState.Positive,
                float.NaN => LabelState.Unknown,
                float other => throw new ArgumentException(
                    $"Row {row} has the label {other} for class {className(label)}; expected 0, 1, or NaN for unknown."),
            };
            if (float.IsNaN(scores[label]))
            {
                throw new ArgumentException(
                    $"Row {row} has the score NaN for class {className(label)}; expected a number.");
            }
        }

        return new ScoredClip(scores.ToArray(), labels);
    }

    private (double Sum, int Positives) RankingPrecision()
    {
        var positives = new List<uint>();
        for (int label = 0; label < Labels.Length; label++)
        {
            if (Labels[label] == LabelState.Positive)
            {
                positives.Add(RadixSort.DescendingKey(Scores[label]));
            }
        }

        if (positives.Count == 0)
        {
            return (0, 0);
        }

        // Each class counts towards the rank of the first positive that it is not below, and of all after that.
        positives.Sort();
        var arrivals = new int[positives.Count + 1];
        for (int label = 0; label < Labels.Length; label++)
        {
            if (Labels[label] != LabelState.Unknown)
            {
                arrivals[FirstNotBelow(positives, RadixSort.DescendingKey(Scores[label]))]++;
            }
        }

        double sum = 0;
        int rank = 0;
        for (int at = 0; at < positives.Count;)
        {
            int next = at;
            while (next < positives.Count && positives[next] == positives[at])
            {
                rank += arrivals[next++];
            }

            sum += (next - at) * (next / (double)rank);
            at = next;
        }

        return (sum, positives.Count);
    }

    private static int FirstNotBelow(List<uint> ascending, uint key)
    {
        int low = 0;
        int high = ascending.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ascending[middle] < key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
