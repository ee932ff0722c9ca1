namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>
/// Ranking metrics of one class, as scikit-learn defines them: average precision, AUC and the precision-recall curve.
/// Positives and negatives are the sorted <see cref="RadixSort"/> keys of their scores.
/// </summary>
internal static class ScoreRanking
{
    /// <summary>
    /// Average precision: the precision at each distinct positive score, weighted by the recall gained there, 0 to 1; 0
    /// without positives.
    /// </summary>
    public static double AveragePrecision(ReadOnlySpan<uint> positives, ReadOnlySpan<uint> negatives)
    {
        double sum = 0;
        int below = 0;
        for (int at = 0; at < positives.Length;)
        {
            int next = EndOfTie(positives, at);
            while (below < negatives.Length && negatives[below] <= positives[at])
            {
                below++;
            }

            sum += (next - at) / (double)positives.Length * (next / ((double)next + below));
            at = next;
        }

        return sum;
    }

    /// <summary>
    /// AUC, area under the ROC curve: the share of pairs of a positive and a negative that are ranked right, ties counting
    /// half, 0 to 1; NaN without positives or without negatives.
    /// </summary>
    public static double AreaUnderRocCurve(ReadOnlySpan<uint> positives, ReadOnlySpan<uint> negatives)
    {
        // Twice the count of right pairs stays an integer.
        long twiceRight = 0;
        int above = 0;
        int notBelow = 0;
        for (int at = 0; at < positives.Length;)
        {
            int next = EndOfTie(positives, at);
            while (above < negatives.Length && negatives[above] < positives[at])
            {
                above++;
            }

            notBelow = Math.Max(above, notBelow);
            while (notBelow < negatives.Length && negatives[notBelow] == positives[at])
            {
                notBelow++;
            }

            twiceRight += (next - at) * (2L * negatives.Length - above - notBelow);
            at = next;
        }

        return twiceRight / 2.0 / ((double)positives.Length * negatives.Length);
    }

    /// <summary>d-prime, the sensitivity index, of an AUC: sqrt(2) times its normal quantile.</summary>
    public static double DPrime(double areaUnderRocCurve)
        => Math.Sqrt(2) * NormalDistribution.Quantile(areaUnderRocCurve);

    /// <summary>Precision-recall curve: one point for every distinct score, from the lowest to the highest.</summary>
    public static PrecisionRecallCurve Curve(ReadOnlySpan<uint> positives, ReadOnlySpan<uint> negatives)
    {
        var precision = new List<double> { 1 };
        var recall = new List<double> { 0 };
        var thresholds = new List<float>();
        int truePositives = 0;
        int falsePositives = 0;
        while (truePositives < positives.Length || falsePositives < negatives.Length)
        {
            uint key = Math.Min(
                truePositives < positives.Length ? positives[truePositives] : uint.MaxValue,
                falsePositives < negatives.Length ? negatives[falsePositives] : uint.MaxValue);
            truePositives = EndOfKey(positives, truePositives, key);
            falsePositives = EndOfKey(negatives, falsePositives, key);
            thresholds.Add(RadixSort.Score(key));
            precision.Add(truePositives / ((double)truePositives + falsePositives));

            // Without positives, all of them (none) are found at any threshold.
            recall.Add(positives.Length == 0 ? 1 : truePositives / (double)positives.Length);
        }

        precision.Reverse();
        recall.Reverse();
        thresholds.Reverse();
        return new PrecisionRecallCurve(precision, recall, thresholds);
    }

    private static int EndOfTie(ReadOnlySpan<uint> keys, int start) => EndOfKey(keys, start, keys[start]);

    private static int EndOfKey(ReadOnlySpan<uint> keys, int start, uint key)
    {
        int end = start;
        while (end < keys.Length && keys[end] == key)
        {
            end++;
        }

        return end;
    }
}
