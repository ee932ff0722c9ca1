using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Metrics of sed_eval, event-based or segment-based: scores over all classes (micro average), of each class, and
/// their mean (macro average).</summary>
public abstract class SoundEventMetrics
{
    private readonly IReadOnlyList<ClipCounts> _clips;
    private readonly EmptyOutputHandling _handling;
    private readonly bool _segments;

    private protected SoundEventMetrics(
        IReadOnlyList<ClipCounts> clips, IReadOnlyList<string> classNames, EmptyOutputHandling handling, bool segments)
    {
        _clips = clips;
        _handling = handling;
        _segments = segments;
        ClassNames = [.. classNames];
        ClipCounts sum = ClipCounts.Sum(clips, classNames.Count);
        Overall = sum.Overall.ToScores(handling, segments);
        ByClass = [.. sum.Classes.Select(counts => counts.ToScores(handling, segments))];
        ClassAverage = Average(ByClass);
    }

    /// <summary>Names of the classes, in the order of <see cref="ByClass"/>.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Clips evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>Counts of each clip, in the order of <see cref="ClipEvents.Group"/>.</summary>
    internal IReadOnlyList<ClipCounts> Clips => _clips;

    /// <summary>Micro average: the scores over the events or segments of all classes.</summary>
    public SoundEventScores Overall { get; }

    /// <summary>Scores of each class.</summary>
    public IReadOnlyList<SoundEventScores> ByClass { get; }

    /// <summary>Macro average: the mean of each score over the classes that have it (DESED's event-based F1).</summary>
    public SoundEventScores ClassAverage { get; }

    /// <summary>Micro and macro average, one a line.</summary>
    public override string ToString() => AddRow(AddRow(Table("scores"), "overall", Overall), "class average", ClassAverage).ToString();

    /// <summary>Table of the scores of each class in plain text, one class a line.</summary>
    public string GetFormattedTable()
    {
        TextTable table = Table("class");
        for (int label = 0; label < ClassNames.Count; label++)
        {
            AddRow(table, ClassNames[label], ByClass[label]);
        }

        return table.ToString();
    }

    private protected ConfidenceInterval Interval<TMetrics>(
        TMetrics self,
        Func<TMetrics, double> metric,
        Func<IReadOnlyList<ClipCounts>, EmptyOutputHandling, TMetrics> create,
        int resampleCount,
        double level,
        int seed)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(create([.. rows.Select(row => _clips[row])], _handling)),
            metric(self),
            resampleCount,
            level,
            seed);

    private TextTable Table(string first) => _segments
        ? new TextTable(first, "F1", "precision", "recall", "error rate", "accuracy", "annotated", "detected")
        : new TextTable(first, "F1", "precision", "recall", "error rate", "annotated", "detected");

    private TextTable AddRow(TextTable table, string name, SoundEventScores scores)
    {
        string[] rates =
        [
            TextTable.Number(scores.F1),
            TextTable.Number(scores.Precision),
            TextTable.Number(scores.Recall),
            TextTable.Number(scores.ErrorRate),
        ];
        string[] accuracy = _segments ? [TextTable.Number(scores.Accuracy)] : [];
        return table.Add(
            [name, .. rates, .. accuracy, TextTable.Number(scores.ReferenceCount), TextTable.Number(scores.EstimatedCount)]);
    }

    private static SoundEventScores Average(IReadOnlyList<SoundEventScores> classes)
    {
        return new SoundEventScores
        {
            F1 = Mean(scores => scores.F1),
            Precision = Mean(scores => scores.Precision),
            Recall = Mean(scores => scores.Recall),
            ErrorRate = Mean(scores => scores.ErrorRate),
            SubstitutionRate = Mean(scores => scores.SubstitutionRate),
            DeletionRate = Mean(scores => scores.DeletionRate),
            InsertionRate = Mean(scores => scores.InsertionRate),
            Accuracy = Mean(scores => scores.Accuracy),
            BalancedAccuracy = Mean(scores => scores.BalancedAccuracy),
            Sensitivity = Mean(scores => scores.Sensitivity),
            Specificity = Mean(scores => scores.Specificity),
            ReferenceCount = classes.Sum(scores => scores.ReferenceCount),
            EstimatedCount = classes.Sum(scores => scores.EstimatedCount),
            TruePositiveCount = classes.Sum(scores => scores.TruePositiveCount),
        };

        double Mean(Func<SoundEventScores, double> score)
            => classes.Select(score).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
    }
}
