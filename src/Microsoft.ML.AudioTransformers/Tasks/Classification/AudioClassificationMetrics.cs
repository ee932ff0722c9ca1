using System.Globalization;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Classification metrics of clips with one label each: top-k accuracy, precision and recall of each class, macro F1 and
/// the confusion table.
/// </summary>
public sealed class AudioClassificationMetrics
{
    private readonly IReadOnlyList<ClassifiedClip> _clips;
    private readonly Lazy<ConfusionTable> _table;
    private readonly Lazy<ClassCounts> _counts;

    internal AudioClassificationMetrics(
        IReadOnlyList<ClassifiedClip> clips, IReadOnlyList<string> classNames, ClipEvidence? evidence = null)
    {
        _clips = clips;
        ClassNames = classNames;
        Evidence = evidence;
        _table = new(CountConfusions);
        _counts = new(() => ClassCounts.Of(clips, classNames.Count));
    }

    /// <summary>Rows and highest scores of the clips, for reports; null for a resample.</summary>
    internal ClipEvidence? Evidence { get; }

    /// <summary>Clips of each class.</summary>
    internal ClassCounts Counts => _counts.Value;

    /// <summary>Label and predicted class of each clip.</summary>
    internal IReadOnlyList<ClassifiedClip> Clips => _clips;

    /// <summary>Names of the classes, in the order of the scores.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Clips evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>Top-1 accuracy, 0 to 1; among equal scores, the class with the lowest index is the predicted one.</summary>
    public double Accuracy => TopKAccuracy(1);

    /// <summary>Confusion table: clips by actual and predicted class.</summary>
    public ConfusionTable ConfusionTable => _table.Value;

    /// <summary>Recall of each class, 0 to 1; NaN for a class without clips.</summary>
    public IReadOnlyList<double> Recalls
        => [.. Classes.Select(label => _counts.Value.Right[label] / (double)_counts.Value.Actual[label])];

    /// <summary>Precision of each class, 0 to 1; NaN for a class that was never predicted.</summary>
    public IReadOnlyList<double> Precisions
        => [.. Classes.Select(label => _counts.Value.Right[label] / (double)_counts.Value.Predicted[label])];

    /// <summary>Balanced accuracy: the mean of <see cref="Recalls"/> over the classes with clips, 0 to 1.</summary>
    public double MeanClassAccuracy => Recalls.Where(recall => !double.IsNaN(recall)).Average();

    /// <summary>
    /// Macro F1: the mean F1 score over the classes with clips or predictions, 0 to 1; a class without true positives
    /// counts as 0, as in scikit-learn.
    /// </summary>
    public double MacroF1 => Classes
        .Select(label => (
            Right: _counts.Value.Right[label],
            All: _counts.Value.Actual[label] + _counts.Value.Predicted[label]))
        .Where(counts => counts.All > 0)
        .Average(counts => 2.0 * counts.Right / counts.All);

    private IEnumerable<int> Classes => Enumerable.Range(0, ClassNames.Count);

    /// <summary>Computes the metrics from arrays.</summary>
    /// <param name="labels">Class index of each clip, counted from 0.</param>
    /// <param name="scores">Scores, (clips, classes): logits or probabilities, greater is more certain; not NaN.</param>
    /// <param name="classNames">Names of the classes; null for their indices.</param>
    /// <exception cref="ArgumentException">There is no clip, lengths differ, or a value is not as above; the message
    /// names row and class.</exception>
    public static AudioClassificationMetrics Compute(
        IReadOnlyList<int> labels, IReadOnlyList<float[]> scores, IReadOnlyList<string>? classNames = null)
    {
        if (labels.Count != scores.Count)
        {
            throw new ArgumentException(
                $"There are {labels.Count} labels and {scores.Count} rows of scores; expected as many of both.",
                nameof(scores));
        }

        var collector = new AudioClassificationCollector(classNames);
        for (int row = 0; row < labels.Count; row++)
        {
            collector.Add(labels[row], scores[row]);
        }

        return collector.ToMetrics();
    }

    /// <summary>Top-k accuracy: the share of clips whose label is among the k highest scores, 0 to 1.</summary>
    /// <param name="k">k, 1 or more.</param>
    /// <param name="ties">Rank of the label among equal scores.</param>
    public double TopKAccuracy(int k, TieBreaking ties = TieBreaking.FirstIndex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return _clips.Count(clip => clip.Rank.IsWithin(k, ties)) / (double)ClipCount;
    }

    /// <summary>Bootstrap confidence interval of one of the metrics, for example
    /// <c>metrics.ConfidenceInterval(m => m.Accuracy)</c>; clips are resampled.</summary>
    /// <param name="metric">Metric of which the interval is wanted.</param>
    /// <param name="resampleCount">Bootstrap resamples, 1 or more. Default: 1000.</param>
    /// <param name="level">Confidence level, above 0 and below 1. Default: 0.95.</param>
    /// <param name="seed">Seed of the resampling. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<AudioClassificationMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(Resample(rows)),
            metric(this),
            resampleCount,
            level,
            seed);

    /// <summary>Metrics over all classes, one a line.</summary>
    public override string ToString() => new TextTable("metric", "value")
        .Add("accuracy", TextTable.Number(Accuracy))
        .Add("top-5 accuracy", TextTable.Number(TopKAccuracy(5)))
        .Add("mean class accuracy", TextTable.Number(MeanClassAccuracy))
        .Add("macro F1", TextTable.Number(MacroF1))
        .Add("clips", TextTable.Number(ClipCount))
        .ToString();

    /// <summary>Table of the metrics of each class in plain text, one class a line.</summary>
    public string GetFormattedTable()
    {
        var table = new TextTable("class", "clips", "recall", "precision");
        IReadOnlyList<double> recalls = Recalls;
        IReadOnlyList<double> precisions = Precisions;
        foreach (int label in Classes)
        {
            table.Add(
                ClassNames[label],
                TextTable.Number(_counts.Value.Actual[label]),
                TextTable.Number(recalls[label]),
                TextTable.Number(precisions[label]));
        }

        return table.ToString();
    }

    /// <summary>The metrics of the clips of several, which have the same classes.</summary>
    internal static AudioClassificationMetrics Pool(IReadOnlyList<AudioClassificationMetrics> parts) =>
        new([.. parts.SelectMany(part => part._clips)], parts[0].ClassNames);

    internal AudioClassificationMetrics Resample(int[] rows) => new([.. rows.Select(row => _clips[row])], ClassNames);

    private ConfusionTable CountConfusions()
    {
        var counts = new int[ClassNames.Count * ClassNames.Count];
        foreach (ClassifiedClip clip in _clips)
        {
            counts[clip.Label * ClassNames.Count + clip.Predicted]++;
        }

        return new ConfusionTable(counts, ClassNames);
    }
}

/// <summary>Label and predicted class of a clip, and the rank of the label among the scores.</summary>
internal readonly record struct ClassifiedClip(int Label, int Predicted, LabelRank Rank);

/// <summary>Clips of each class, those that were predicted to be of it, and those of them that are.</summary>
internal sealed record ClassCounts(int[] Actual, int[] Predicted, int[] Right)
{
    public static ClassCounts Of(IReadOnlyList<ClassifiedClip> clips, int classCount)
    {
        var counts = new ClassCounts(new int[classCount], new int[classCount], new int[classCount]);
        foreach (ClassifiedClip clip in clips)
        {
            counts.Actual[clip.Label]++;
            counts.Predicted[clip.Predicted]++;
            counts.Right[clip.Label] += clip.Label == clip.Predicted ? 1 : 0;
        }

        return counts;
    }
}

/// <summary>Collects labels and scores clip by clip, for <see cref="AudioClassificationMetrics"/>.</summary>
/// <param name="classNames">Names of the classes; null for their indices.</param>
/// <param name="what">What the classes are in error messages, such as "verb".</param>
internal sealed class AudioClassificationCollector(IReadOnlyList<string>? classNames, string what = "class")
{
    private readonly List<ClassifiedClip> _clips = [];
    private readonly ClipEvidence _evidence = new();
    private IReadOnlyList<string>? _classNames = classNames is null ? null : (string[])[.. classNames];

    /// <summary>Adds a clip.</summary>
    /// <param name="label">Class index, counted from 0.</param>
    /// <param name="scores">Score of each class.</param>
    /// <param name="row">Row number for error messages; null for the number of clips before it.</param>
    /// <returns>The rank of the label.</returns>
    /// <exception cref="ArgumentException">The label is outside the classes, or a score is missing or NaN.</exception>
    public LabelRank Add(int label, ReadOnlySpan<float> scores, long? row = null)
    {
        _classNames ??= [.. Enumerable.Range(0, scores.Length).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        ClassScores.Check(scores, label, row ?? _clips.Count, _classNames, what);
        LabelRank rank = ClassScores.Rank(scores, label);
        _evidence.Add(row ?? _clips.Count, scores, label);
        _clips.Add(new ClassifiedClip(label, ClassScores.ArgMax(scores), rank));
        return rank;
    }

    /// <summary>Tells the rows of the evaluated view, where clips of it were left out.</summary>
    public void SetRowCount(long rows) => _evidence.RowCount = rows;

    /// <summary>The metrics of all clips added.</summary>
    /// <exception cref="ArgumentException">There are no clips.</exception>
    public AudioClassificationMetrics ToMetrics()
    {
        return _clips.Count == 0
            ? throw new ArgumentException("There are no rows to evaluate; expected at least one.")
            : new AudioClassificationMetrics(_clips, _classNames!, _evidence);
    }
}
