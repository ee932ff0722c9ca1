using System.Globalization;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// How well scores classify clips of one label each: top-k accuracy, recall of each class and the confusion table.
/// </summary>
public sealed class AudioClassificationMetrics
{
    private readonly IReadOnlyList<ClassifiedClip> _clips;
    private readonly Lazy<ConfusionTable> _table;

    internal AudioClassificationMetrics(IReadOnlyList<ClassifiedClip> clips, IReadOnlyList<string> classNames)
    {
        _clips = clips;
        ClassNames = classNames;
        _table = new(CountConfusions);
    }

    /// <summary>The classes, in the order of the scores.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many clips were evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>The share of clips whose label has the highest score, the first of equal ones; 0 to 1.</summary>
    public double Accuracy => TopKAccuracy(1);

    /// <summary>How often each class was taken for each other one.</summary>
    public ConfusionTable ConfusionTable => _table.Value;

    /// <summary>For each class, the share of its clips that were recognized; NaN for a class without clips.</summary>
    public IReadOnlyList<double> Recalls
        => [.. Classes.Select(label => ConfusionTable[label, label] / (double)ConfusionTable.ActualCount(label))];

    /// <summary>For each class, the share of what was taken for it that is of it; NaN for a class never predicted.
    /// </summary>
    public IReadOnlyList<double> Precisions
        => [.. Classes.Select(label => ConfusionTable[label, label] / (double)ConfusionTable.PredictedCount(label))];

    /// <summary>The mean of <see cref="Recalls"/> over the classes with clips (balanced accuracy).</summary>
    public double MeanClassAccuracy => Recalls.Where(recall => !double.IsNaN(recall)).Average();

    /// <summary>
    /// The mean F1 score over the classes with clips or predictions, 0 for one that was never recognized, as in
    /// scikit-learn.
    /// </summary>
    public double MacroF1 => Classes
        .Select(label => (
            Right: ConfusionTable[label, label],
            All: ConfusionTable.ActualCount(label) + ConfusionTable.PredictedCount(label)))
        .Where(counts => counts.All > 0)
        .Average(counts => 2.0 * counts.Right / counts.All);

    private IEnumerable<int> Classes => Enumerable.Range(0, ClassNames.Count);

    /// <summary>Computes the metrics of labels and scores in plain arrays, one of each for every clip.</summary>
    /// <param name="labels">The class of every clip.</param>
    /// <param name="scores">For every clip and class a score, greater where the class is more certain; not NaN.</param>
    /// <param name="classNames">The classes; null: their numbers.</param>
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

    /// <summary>The share of clips whose label is among the k highest scores.</summary>
    /// <param name="k">How many scores count, 1 or more.</param>
    /// <param name="ties">What counts where scores are equal.</param>
    public double TopKAccuracy(int k, TieBreaking ties = TieBreaking.FirstIndex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return _clips.Count(clip => clip.Rank.IsWithin(k, ties)) / (double)ClipCount;
    }

    /// <summary>A bootstrap confidence interval of any of the metrics, for example
    /// <c>metrics.ConfidenceInterval(m => m.Accuracy)</c>.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="resampleCount">How many times the clips are resampled, 1 or more.</param>
    /// <param name="level">The share of resampled metrics within the interval, above 0 and below 1.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<AudioClassificationMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(Resample(rows)),
            metric(this),
            resampleCount,
            level,
            seed);

    /// <summary>The metrics over all classes, one a line.</summary>
    public override string ToString() => new TextTable("metric", "value")
        .Add("accuracy", TextTable.Number(Accuracy))
        .Add("top-5 accuracy", TextTable.Number(TopKAccuracy(5)))
        .Add("mean class accuracy", TextTable.Number(MeanClassAccuracy))
        .Add("macro F1", TextTable.Number(MacroF1))
        .Add("clips", TextTable.Number(ClipCount))
        .ToString();

    /// <summary>The metrics of each class, one a line, in plain text.</summary>
    public string GetFormattedTable()
    {
        var table = new TextTable("class", "clips", "recall", "precision");
        IReadOnlyList<double> recalls = Recalls;
        IReadOnlyList<double> precisions = Precisions;
        foreach (int label in Classes)
        {
            table.Add(
                ClassNames[label],
                TextTable.Number(ConfusionTable.ActualCount(label)),
                TextTable.Number(recalls[label]),
                TextTable.Number(precisions[label]));
        }

        return table.ToString();
    }

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

/// <summary>What a clip is, what it was taken for, and where its label stands among the scores.</summary>
internal readonly record struct ClassifiedClip(int Label, int Predicted, LabelRank Rank);

/// <summary>Collects labels and scores clip by clip, for <see cref="AudioClassificationMetrics"/>.</summary>
/// <param name="classNames">The classes; null: their numbers.</param>
/// <param name="what">What the classes are, for errors.</param>
internal sealed class AudioClassificationCollector(IReadOnlyList<string>? classNames, string what = "class")
{
    private readonly List<ClassifiedClip> _clips = [];
    private IReadOnlyList<string>? _classNames = classNames;

    /// <summary>Adds a clip, and says where its label stands.</summary>
    /// <param name="label">The clip's class.</param>
    /// <param name="scores">A score of each class.</param>
    /// <param name="row">The number of the row, for errors; null: that of the clip.</param>
    /// <exception cref="ArgumentException">The label is outside the classes, or a score is missing or NaN.</exception>
    public LabelRank Add(int label, ReadOnlySpan<float> scores, long? row = null)
    {
        _classNames ??= [.. Enumerable.Range(0, scores.Length).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        ClassScores.Check(scores, label, row ?? _clips.Count, _classNames, what);
        LabelRank rank = ClassScores.Rank(scores, label);
        _clips.Add(new ClassifiedClip(label, ClassScores.ArgMax(scores), rank));
        return rank;
    }

    /// <summary>The metrics of all clips added.</summary>
    /// <exception cref="ArgumentException">There are no clips.</exception>
    public AudioClassificationMetrics ToMetrics()
    {
        return _clips.Count == 0
            ? throw new ArgumentException("There are no rows to evaluate; expected at least one.")
            : new AudioClassificationMetrics(_clips, _classNames!);
    }
}
