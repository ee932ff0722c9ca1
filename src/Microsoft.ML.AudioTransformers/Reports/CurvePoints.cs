namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Points of precision-recall curves, no more than a page can hold and an eye can tell apart.</summary>
internal static class CurvePoints
{
    // Of all curves of a page together, and of one.
    private const int MaximumOfPage = 120_000;
    private const int Maximum = 300;
    private const int Minimum = 20;

    /// <summary>Points that each of several curves may have.</summary>
    public static int Of(int curves) => Math.Clamp(MaximumOfPage / Math.Max(1, curves), Minimum, Maximum);

    /// <summary>Curve through the points of a precision-recall curve that are equally far apart in recall.</summary>
    public static ReportCurve PrecisionRecall(string name, PrecisionRecallCurve curve, int maximum)
    {
        int[] points = Thinned(curve.Recall, maximum);
        return new ReportCurve(
            name,
            [.. points.Select(point => curve.Recall[point])],
            [.. points.Select(point => curve.Precision[point])],
            [.. points.Select(point => point < curve.Thresholds.Count ? curve.Thresholds[point] : double.NaN)]);
    }

    /// <summary>
    /// Curve of predictions above a threshold: of those, the share that is right against the share of all positives that they
    /// find.
    /// </summary>
    /// <param name="name">Name.</param>
    /// <param name="predictions">Confidence of each prediction, and whether it is right; they are sorted.</param>
    /// <param name="positives">Positives, 1 or more.</param>
    /// <param name="maximum">Points at most.</param>
    public static ReportCurve PrecisionRecall(
        string name, List<(float Confidence, bool IsRight)> predictions, int positives, int maximum)
    {
        predictions.Sort((left, right) => right.Confidence.CompareTo(left.Confidence));
        List<double> recall = [];
        List<double> precision = [];
        List<double> thresholds = [];
        int right = 0;
        for (int i = 0; i < predictions.Count; i++)
        {
            right += predictions[i].IsRight ? 1 : 0;
            if (i + 1 == predictions.Count || predictions[i + 1].Confidence != predictions[i].Confidence)
            {
                recall.Add(right / (double)positives);
                precision.Add(right / (i + 1.0));
                thresholds.Add(predictions[i].Confidence);
            }
        }

        int[] points = Thinned(recall, maximum);
        return new ReportCurve(
            name,
            [.. points.Select(point => recall[point])],
            [.. points.Select(point => precision[point])],
            [.. points.Select(point => thresholds[point])]);
    }

    /// <summary>Indices of the points to keep: the first, the last, and between them one for each step.</summary>
    private static int[] Thinned(IReadOnlyList<double> values, int maximum)
    {
        if (values.Count <= maximum)
        {
            return [.. Enumerable.Range(0, values.Count)];
        }

        double step = Math.Abs(values[^1] - values[0]) / (maximum - 2);
        List<int> kept = [0];
        for (int point = 1; point < values.Count - 1; point++)
        {
            if (Math.Abs(values[point] - values[kept[^1]]) >= step)
            {
                kept.Add(point);
            }
        }

        kept.Add(values.Count - 1);
        return [.. kept];
    }
}
