namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Target of a clip for a class.</summary>
internal enum LabelState : byte
{
    Negative,
    Positive,

    /// <summary>Neither a positive nor a negative of the class (OpenMIC's masked labels).</summary>
    Unlabelled,
}

/// <summary>Targets and scores of one clip, one of each for every class.</summary>
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
    /// Label-ranking precision, summed over the clip's positives: of the classes that score at least as high as the
    /// positive, the share that are positives.
    /// </summary>
    public double RankingPrecisionSum { get; }

    /// <summary>Copies one row, and checks it.</summary>
    /// <param name="targets">Target of each class: 1 positive, 0 negative, NaN unlabelled.</param>
    /// <param name="scores">Score of each class, greater is more certain; it may be infinite, but not NaN.</param>
    /// <param name="row">Row number for error messages.</param>
    /// <param name="className">Name of a class for error messages.</param>
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
                float.NaN => LabelState.Unlabelled,
                float other => throw new ArgumentException(
                    $"Row {row} has the label {other} for class {className(label)}; expected 0, 1, or NaN for unlabelled."),
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
            if (Labels[label] != LabelState.Unlabelled)
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
