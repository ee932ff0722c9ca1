using System.Globalization;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// How well scores tag clips with any number of labels each: average precision, the area under the ROC curve, d-prime
/// and lwlrap, as scikit-learn and the official code of PaSST, HTS-AT and AST define them.
/// </summary>
/// <remarks>
/// A label that nobody knows (NaN; OpenMIC's masked labels) counts neither for nor against its class. Each metric is
/// computed when it is first asked for. The object keeps labels and scores, for curves and confidence intervals.
/// </remarks>
public sealed class AudioTaggingMetrics
{
    private readonly IReadOnlyList<ScoredClip> _clips;
    private readonly Lazy<ClassRankings> _rankings;
    private readonly Lazy<double> _micro;

    internal AudioTaggingMetrics(IReadOnlyList<ScoredClip> clips, IReadOnlyList<string> classNames)
    {
        _clips = clips;
        ClassNames = classNames;
        _rankings = new(() => ClassRankings.Of(clips, classNames.Count));
        _micro = new(() => ClassRankings.MicroAveragePrecision(clips));
    }

    /// <summary>The classes, in the order of the scores.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many clips were evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>The clips that have the label, for each class.</summary>
    public IReadOnlyList<int> PositiveCounts => _rankings.Value.PositiveCounts;

    /// <summary>The clips that are known not to have the label, for each class.</summary>
    public IReadOnlyList<int> NegativeCounts => _rankings.Value.NegativeCounts;

    /// <summary>The average precision of each class, 0 to 1; 0 for a class without positives.</summary>
    public IReadOnlyList<double> AveragePrecisions => _rankings.Value.AveragePrecisions;

    /// <summary>The area under the ROC curve of each class, 0 to 1; NaN for a class without positives or without
    /// negatives.</summary>
    public IReadOnlyList<double> AreasUnderRocCurve => _rankings.Value.AreasUnderRocCurve;

    /// <summary>The sensitivity index d' of each class: sqrt(2) times the normal quantile of the area under the ROC
    /// curve. NaN where that is.</summary>
    public IReadOnlyList<double> DPrimes => [.. AreasUnderRocCurve.Select(ScoreRanking.DPrime)];

    /// <summary>
    /// mAP: the mean of <see cref="AveragePrecisions"/> over all classes, those without positives too, as
    /// scikit-learn's macro average and the official code have it.
    /// </summary>
    public double MeanAveragePrecision => AveragePrecisions.Average();

    /// <summary>The mean of <see cref="AveragePrecisions"/> over the classes with positives; NaN if there are none.
    /// </summary>
    public double MeanAveragePrecisionOfPresentClasses
        => Mean(AveragePrecisions.Where((_, label) => PositiveCounts[label] > 0));

    /// <summary>The average precision of all pairs of a clip and a class, ranked together; 0 without positives.</summary>
    public double MicroAveragePrecision => _micro.Value;

    /// <summary>The mean of <see cref="AreasUnderRocCurve"/> over the classes that have one; NaN if none has.</summary>
    public double MeanAreaUnderRocCurve => Mean(AreasUnderRocCurve.Where(area => !double.IsNaN(area)));

    /// <summary>The d' of <see cref="MeanAreaUnderRocCurve"/>, as AST's and HTS-AT's official code reports it.</summary>
    public double DPrime => ScoreRanking.DPrime(MeanAreaUnderRocCurve);

    /// <summary>
    /// The mean of <see cref="DPrimes"/> over the classes that have one: infinite if a class is ranked perfectly, NaN
    /// if another one is ranked perfectly wrong.
    /// </summary>
    public double MeanDPrime => Mean(DPrimes.Where((_, label) => !double.IsNaN(AreasUnderRocCurve[label])));

    /// <summary>
    /// lwlrap, the label-weighted label-ranking average precision: for each label of each clip, the share of labels of
    /// the clip among the classes that score at least as high; the mean over all labels. NaN without positives.
    /// </summary>
    public double LabelWeightedLabelRankingAveragePrecision
        => _clips.Sum(clip => clip.RankingPrecisionSum) / _clips.Sum(clip => (long)clip.PositiveCount);

    /// <summary>Computes the metrics of labels and scores in plain arrays, one of each for every clip.</summary>
    /// <param name="targets">For every clip and class: 1 with the label, 0 without, NaN where nobody knows.</param>
    /// <param name="scores">For every clip and class a score, greater where the label is more certain; not NaN.</param>
    /// <param name="classNames">The classes; null: their numbers.</param>
    /// <exception cref="ArgumentException">There is no clip, lengths differ, or a value is not as above; the message
    /// names row and class.</exception>
    public static AudioTaggingMetrics Compute(
        IReadOnlyList<float[]> targets, IReadOnlyList<float[]> scores, IReadOnlyList<string>? classNames = null)
    {
        if (targets.Count != scores.Count)
        {
            throw new ArgumentException(
                $"There are {targets.Count} rows of labels and {scores.Count} of scores; expected as many of both.",
                nameof(scores));
        }

        var collector = new AudioTaggingCollector(classNames);
        for (int row = 0; row < targets.Count; row++)
        {
            collector.Add(targets[row], scores[row]);
        }

        return collector.ToMetrics();
    }

    /// <summary>Precision against recall for one class.</summary>
    /// <param name="label">The class's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public PrecisionRecallCurve PrecisionRecallCurve(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, ClassNames.Count);
        return ClassRankings.Curve(_clips, label);
    }

    /// <summary>
    /// A bootstrap confidence interval of any of the metrics, for example
    /// <c>metrics.ConfidenceInterval(m => m.MeanAveragePrecision)</c>.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <param name="resampleCount">How many times the clips are resampled, 1 or more.</param>
    /// <param name="level">The share of resampled metrics within the interval, above 0 and below 1.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<AudioTaggingMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(new AudioTaggingMetrics([.. rows.Select(row => _clips[row])], ClassNames)),
            metric(this),
            resampleCount,
            level,
            seed);

    /// <summary>The metrics over all classes, one a line.</summary>
    public override string ToString() => new TextTable("metric", "value")
        .Add("mAP", TextTable.Number(MeanAveragePrecision))
        .Add("mAP of classes with positives", TextTable.Number(MeanAveragePrecisionOfPresentClasses))
        .Add("micro AP", TextTable.Number(MicroAveragePrecision))
        .Add("AUC", TextTable.Number(MeanAreaUnderRocCurve))
        .Add("d-prime", TextTable.Number(DPrime))
        .Add("lwlrap", TextTable.Number(LabelWeightedLabelRankingAveragePrecision))
        .Add("clips", TextTable.Number(ClipCount))
        .ToString();

    /// <summary>The metrics of each class, one a line, in plain text.</summary>
    public string GetFormattedTable()
    {
        var table = new TextTable("class", "positives", "AP", "AUC", "d-prime");
        for (int label = 0; label < ClassNames.Count; label++)
        {
            table.Add(
                ClassNames[label],
                TextTable.Number(PositiveCounts[label]),
                TextTable.Number(AveragePrecisions[label]),
                TextTable.Number(AreasUnderRocCurve[label]),
                TextTable.Number(ScoreRanking.DPrime(AreasUnderRocCurve[label])));
        }

        return table.ToString();
    }

    private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();
}

/// <summary>Collects labels and scores clip by clip, for <see cref="AudioTaggingMetrics"/>.</summary>
internal sealed class AudioTaggingCollector(IReadOnlyList<string>? classNames)
{
    private readonly List<ScoredClip> _clips = [];
    private IReadOnlyList<string>? _classNames = classNames;

    /// <summary>Adds a clip; <see cref="ScoredClip.Create"/> says what labels and scores are.</summary>
    /// <param name="targets">The labels.</param>
    /// <param name="scores">The scores.</param>
    /// <exception cref="ArgumentException">The clip has another number of classes, or a value is not valid.</exception>
    public void Add(ReadOnlySpan<float> targets, ReadOnlySpan<float> scores)
    {
        _classNames ??= [.. Enumerable.Range(0, scores.Length).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        if (scores.Length != _classNames.Count)
        {
            throw new ArgumentException(
                $"Row {_clips.Count} has {scores.Length} scores; expected one for each of {_classNames.Count} classes.");
        }

        _clips.Add(ScoredClip.Create(targets, scores, _clips.Count, label => $"{label} ('{_classNames[label]}')"));
    }

    /// <summary>The metrics of all clips added.</summary>
    /// <exception cref="ArgumentException">There are no clips.</exception>
    public AudioTaggingMetrics ToMetrics()
    {
        return _clips.Count == 0
            ? throw new ArgumentException("There are no rows to evaluate; expected at least one.")
            : new AudioTaggingMetrics(_clips, _classNames!);
    }
}
