using Microsoft.ML.AudioTransformers.Drawing;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Sections of a classification; one of several of a report where clips have several labels, as verb and noun.</summary>
/// <param name="metrics">Metrics that an evaluator computed.</param>
/// <param name="name">What is classified in titles, such as "verb"; empty for clips of one label.</param>
/// <param name="firstClass">Index of its first class among the page's.</param>
/// <param name="part">Its place among the labels of a clip, counted from 0.</param>
internal sealed class ClassificationSections(AudioClassificationMetrics metrics, string name, int firstClass, int part)
{
    private const int MaximumMatrix = 25;
    private const int MaximumPairs = 200;
    private const int MaximumOpened = 100;

    private readonly ClipEvidence _evidence = metrics.Evidence ?? throw new InvalidOperationException(
        "These metrics are pooled from groups, or resampled, and keep nothing of single clips for a report: save that of the "
        + "metrics of a group, or of Evaluate.");
    private readonly string _title = name.Length == 0 ? "" : $" of {name}s";

    /// <summary>Indices of the mistakes, the surest first.</summary>
    public IEnumerable<int> Mistakes => Enumerable.Range(0, metrics.ClipCount).Where(IsWrong)
        .OrderByDescending(clip => _evidence.BestOf(clip)[0].Score - _evidence.LabelScore(clip));

    /// <summary>Indices of all clips, the least sure first: those whose best two scores are nearest to each other.</summary>
    public IEnumerable<int> LeastSure => Enumerable.Range(0, metrics.ClipCount).OrderBy(Margin);

    /// <summary>Indices of one mistake for each pair of classes, the most frequently confused pair first.</summary>
    public IEnumerable<int> Confusions => Pairs().Select(pair => pair.Clips[0]);

    public bool IsWrong(int clip) => metrics.Clips[clip].Label != metrics.Clips[clip].Predicted;

    /// <summary>Confusion matrix, of many classes the most confused ones.</summary>
    public ConfusionSection Confusion()
    {
        ConfusionSummary summary = ConfusionSummary.Of(metrics.ConfusionTable, MaximumMatrix);
        int others = metrics.ClassNames.Count - summary.Labels.Count;
        int[] labels = [.. summary.Labels.Select(label => label + firstClass)];
        return new ConfusionSection(
            $"Confusion{_title}",
            summary.HasOthers ? [.. labels, -1] : labels,
            $"{others} other classes",
            [.. Enumerable.Range(0, summary.Size).Select(
                row => Enumerable.Range(0, summary.Size).Select(column => summary[row, column]).ToArray())],
            part)
        {
            About = summary.HasOthers
                ? $"The {summary.Labels.Count} classes with the most mistakes; the last row and column count all others together."
                : null,
        };
    }

    /// <summary>Table of the most frequent confusions; null where all is right.</summary>
    /// <param name="place">Place of an evaluated clip in the page; null for one that is not there.</param>
    public TableSection? ConfusedPairs(Func<int, int?> place)
    {
        (int Actual, int Predicted, List<int> Clips)[] pairs = [.. Pairs().Take(MaximumPairs)];
        return pairs.Length == 0 ? null : new TableSection(
            $"Most frequent confusions{_title}",
            "confusions",
            [
                new("Is", "text"),
                new("Taken for", "text"),
                new("Clips", "count"),
                new("Of its clips", "share", "Of the clips of the class, the share that was taken for the other one."),
            ],
            [
                .. pairs.Select(pair => new object?[]
                {
                    metrics.ClassNames[pair.Actual],
                    metrics.ClassNames[pair.Predicted],
                    pair.Clips.Count,
                    pair.Clips.Count / (double)metrics.Counts.Actual[pair.Actual],
                }),
            ])
        {
            Opens = [.. pairs.Select(pair => pair.Clips.Take(MaximumOpened).Select(place).OfType<int>().ToArray())],
        };
    }

    /// <summary>Table of the classes.</summary>
    public TableSection Classes()
    {
        (IReadOnlyList<double> recalls, IReadOnlyList<double> precisions) = (metrics.Recalls, metrics.Precisions);
        return new TableSection(
            $"Classes{_title}",
            "classes",
            [
                new("Class", "text"),
                new("Clips", "count", "Clips of the class."),
                new("Recall", "share", "Of the clips of the class, the share that was recognized."),
                new("at least", "share", "Lower end of the recall's 95 % interval (Wilson), which is wide where clips are few."),
                new("at most", "share", "Upper end of that interval."),
                new("Precision", "share", "Of the clips that were taken for the class, the share that is of it."),
                new("F1", "share", "Harmonic mean of recall and precision."),
                new("Taken for it", "count", "Clips that were taken for the class, right or wrong."),
            ],
            [
                .. Enumerable.Range(0, metrics.ClassNames.Count).Select(label =>
                {
                    (int right, int actual, int predicted) =
                        (metrics.Counts.Right[label], metrics.Counts.Actual[label], metrics.Counts.Predicted[label]);
                    (double low, double high) = Wilson(right, actual);
                    return new object?[]
                    {
                        metrics.ClassNames[label], actual, recalls[label], low, high, precisions[label],
                        2.0 * right / (actual + predicted), predicted,
                    };
                }),
            ])
        {
            Opens = [.. Enumerable.Range(firstClass, metrics.ClassNames.Count).Cast<object>()],
        };
    }

    /// <summary>Precision and recall of the predictions above a threshold.</summary>
    public CurvesSection PrecisionRecall()
    {
        var all = new List<(float, bool)>();
        List<(float, bool)>[] byClass = [.. metrics.ClassNames.Select(_ => new List<(float, bool)>())];
        for (int clip = 0; clip < metrics.ClipCount; clip++)
        {
            (float, bool) prediction = (_evidence.BestOf(clip)[0].Score, !IsWrong(clip));
            all.Add(prediction);
            byClass[metrics.Clips[clip].Predicted].Add(prediction);
        }

        int points = CurvePoints.Of(byClass.Length + 1);
        return new CurvesSection(
            $"Precision and recall{_title}",
            ReportAxis.Of("recall", Axis.Unit),
            ReportAxis.Of("precision", Axis.Unit),
            [
                CurvePoints.PrecisionRecall("all classes", all, metrics.ClipCount, points),
                .. Enumerable.Range(0, byClass.Length)
                    .Where(label => metrics.Counts.Actual[label] > 0 && byClass[label].Count > 0)
                    .Select(label => CurvePoints.PrecisionRecall(
                        metrics.ClassNames[label], byClass[label], metrics.Counts.Actual[label], points)),
            ])
        {
            About = "If only predictions of a score at or above the threshold count: the share of them that is right, "
                + "against the share of all clips of the class that they find.",
            T = "threshold",
        };
    }

    /// <summary>Calibration of the best class; null where scores are no probabilities.</summary>
    public CurvesSection? Calibration()
    {
        if (!_evidence.AreProbabilities)
        {
            return null;
        }

        var calibration = new Calibration();
        for (int clip = 0; clip < metrics.ClipCount; clip++)
        {
            calibration.Add(_evidence.BestOf(clip)[0].Score, !IsWrong(clip));
        }

        CurvesSection section = calibration.ToSection("clips");
        return section with
        {
            Title = section.Title + _title,
            About = FormattableString.Invariant($"{section.About} Expected calibration error: {calibration.Error:0.0000}."),
        };
    }

    /// <summary>Index of the class of a clip among the page's.</summary>
    public int Expected(int clip) => metrics.Clips[clip].Label + firstClass;

    /// <summary>Index of the predicted class of a clip among the page's.</summary>
    public int Predicted(int clip) => metrics.Clips[clip].Predicted + firstClass;

    /// <summary>Highest scores of a clip and that of its class, each with the index among the page's classes.</summary>
    public IEnumerable<double[]> Scores(int clip)
    {
        List<double[]> scores = [];
        foreach (ScoredLabel scored in _evidence.BestOf(clip))
        {
            scores.Add([scored.Label + firstClass, scored.Score]);
        }

        if (!scores.Exists(scored => (int)scored[0] == Expected(clip)))
        {
            scores.Add([Expected(clip), _evidence.LabelScore(clip)]);
        }

        return scores;
    }

    /// <summary>Rows of the evaluated view, those that were left out among them.</summary>
    public long RowCount => _evidence.RowCount;

    /// <summary>Row of a clip in the evaluated view.</summary>
    public long Row(int clip) => _evidence.Row(clip);

    /// <summary>95 % score interval of a share (Wilson 1927).</summary>
    private static (double Low, double High) Wilson(int right, int all)
    {
        const double z = 1.959964;
        if (all == 0)
        {
            return (double.NaN, double.NaN);
        }

        double share = right / (double)all;
        double middle = share + (z * z / (2 * all));
        double half = z * Math.Sqrt((share * (1 - share) / all) + (z * z / (4.0 * all * all)));
        double scale = 1 + (z * z / all);
        return (Math.Max(0, (middle - half) / scale), Math.Min(1, (middle + half) / scale));
    }

    private float Margin(int clip) =>
        _evidence.BestOf(clip) is [var first, var second, ..] ? first.Score - second.Score : float.PositiveInfinity;

    private IEnumerable<(int Actual, int Predicted, List<int> Clips)> Pairs()
    {
        Dictionary<(int, int), List<int>> pairs = [];
        foreach (int clip in Mistakes)
        {
            (int, int) pair = (metrics.Clips[clip].Label, metrics.Clips[clip].Predicted);
            if (!pairs.TryGetValue(pair, out List<int>? clips))
            {
                pairs[pair] = clips = [];
            }

            clips.Add(clip);
        }

        return pairs.OrderByDescending(pair => pair.Value.Count)
            .Select(pair => (pair.Key.Item1, pair.Key.Item2, pair.Value));
    }
}
