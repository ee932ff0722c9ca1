namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Ranking metrics of each class over clips with any number of labels: average precision and AUC.</summary>
internal sealed class ClassRankings
{
    // So many classes are gathered at once: their scores share a cache line.
    private const int ClassesPerBlock = 16;

    private ClassRankings(int classCount)
    {
        PositiveCounts = new int[classCount];
        NegativeCounts = new int[classCount];
        AveragePrecisions = new double[classCount];
        AreasUnderRocCurve = new double[classCount];
    }

    /// <summary>Positives of each class.</summary>
    public int[] PositiveCounts { get; }

    /// <summary>Negatives of each class; unlabelled clips are neither.</summary>
    public int[] NegativeCounts { get; }

    /// <summary>Average precision of each class, 0 to 1; 0 without positives.</summary>
    public double[] AveragePrecisions { get; }

    /// <summary>AUC of each class, 0 to 1; NaN without positives or without negatives.</summary>
    public double[] AreasUnderRocCurve { get; }

    /// <summary>mAP over the classes with positives, 0 to 1; NaN if there are none.</summary>
    public double MeanAveragePrecisionOfPresentClasses => AveragePrecisions
        .Where((_, label) => PositiveCounts[label] > 0)
        .DefaultIfEmpty(double.NaN)
        .Average();

    /// <summary>Ranks the clips for each class.</summary>
    /// <param name="clips">Clips with labels and scores.</param>
    /// <param name="classCount">Classes; each clip has a score for each.</param>
    public static ClassRankings Of(IReadOnlyList<ScoredClip> clips, int classCount)
    {
        var rankings = new ClassRankings(classCount);
        ClassKeys[] block = [.. Enumerable.Range(0, ClassesPerBlock).Select(_ => new ClassKeys(clips.Count))];
        var scratch = new uint[clips.Count];
        for (int first = 0; first < classCount; first += ClassesPerBlock)
        {
            int count = Math.Min(ClassesPerBlock, classCount - first);
            Gather(clips, first, block.AsSpan(0, count));
            for (int i = 0; i < count; i++)
            {
                rankings.Rank(first + i, block[i], scratch);
            }
        }

        return rankings;
    }

    /// <summary>Micro average precision: that of all pairs of a clip and a class, ranked together.</summary>
    public static double MicroAveragePrecision(IReadOnlyList<ScoredClip> clips)
    {
        long pairs = clips.Sum(clip => clip.Labels.LongCount(label => label != LabelState.Unlabelled));
        if (pairs > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"The micro average would rank {pairs} pairs of clips and classes; at most {Array.MaxLength} can be.");
        }

        var keys = new ClassKeys((int)pairs);
        foreach (ScoredClip clip in clips)
        {
            for (int label = 0; label < clip.Labels.Length; label++)
            {
                keys.Add(clip.Labels[label], clip.Scores[label]);
            }
        }

        keys.Sort(new uint[pairs]);
        return ScoreRanking.AveragePrecision(keys.Positives, keys.Negatives);
    }

    /// <summary>Precision-recall curve of a class.</summary>
    public static PrecisionRecallCurve Curve(IReadOnlyList<ScoredClip> clips, int label)
    {
        var keys = new ClassKeys(clips.Count);
        Gather(clips, label, new Span<ClassKeys>(ref keys));
        keys.Sort(new uint[clips.Count]);
        return ScoreRanking.Curve(keys.Positives, keys.Negatives);
    }

    private static void Gather(IReadOnlyList<ScoredClip> clips, int first, Span<ClassKeys> block)
    {
        foreach (ClassKeys keys in block)
        {
            keys.Clear();
        }

        for (int row = 0; row < clips.Count; row++)
        {
            ScoredClip clip = clips[row];
            ReadOnlySpan<LabelState> labels = clip.Labels.AsSpan(first, block.Length);
            ReadOnlySpan<float> scores = clip.Scores.AsSpan(first, block.Length);
            for (int i = 0; i < block.Length; i++)
            {
                block[i].Add(labels[i], scores[i]);
            }
        }
    }

    private void Rank(int label, ClassKeys keys, uint[] scratch)
    {
        keys.Sort(scratch);
        PositiveCounts[label] = keys.Positives.Length;
        NegativeCounts[label] = keys.Negatives.Length;
        AveragePrecisions[label] = ScoreRanking.AveragePrecision(keys.Positives, keys.Negatives);
        AreasUnderRocCurve[label] = ScoreRanking.AreaUnderRocCurve(keys.Positives, keys.Negatives);
    }

    /// <summary>Sort keys of a class in one array: positives from its front, negatives from its end.</summary>
    private sealed class ClassKeys(int capacity)
    {
        private readonly uint[] _keys = new uint[capacity];
        private int _positives;
        private int _negatives;

        public Span<uint> Positives => _keys.AsSpan(0, _positives);

        public Span<uint> Negatives => _keys.AsSpan(_keys.Length - _negatives);

        public void Clear() => (_positives, _negatives) = (0, 0);

        public void Add(LabelState label, float score)
        {
            switch (label)
            {
                case LabelState.Positive:
                    _keys[_positives++] = RadixSort.DescendingKey(score);
                    break;
                case LabelState.Negative:
                    _keys[^++_negatives] = RadixSort.DescendingKey(score);
                    break;
            }
        }

        public void Sort(uint[] scratch)
        {
            RadixSort.Sort(Positives, scratch);
            RadixSort.Sort(Negatives, scratch);
        }
    }
}
