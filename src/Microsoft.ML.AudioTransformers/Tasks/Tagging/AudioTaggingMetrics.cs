using System.Globalization;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Multi-label metrics of clips with any number of labels each: average precision (mAP), the area under the ROC curve,
/// d-prime and lwlrap, as scikit-learn and the official code of PaSST, HTS-AT and AST define them.
/// </summary>
/// <remarks>
/// Where a clip is unlabelled for a class (NaN; OpenMIC's masked labels), it is left out of that class. Metrics are computed
/// when they are first asked for. The object keeps labels and scores, for curves and confidence intervals.
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

    /// <summary>Labels and scores of each clip, for reports; a clip's row is its index.</summary>
    internal IReadOnlyList<ScoredClip> Clips => _clips;

    /// <summary>Names of the classes, in the order of the scores.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Clips evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>Positives of each class: clips that have the label.</summary>
    public IReadOnlyList<int> PositiveCounts => _rankings.Value.PositiveCounts;

    /// <summary>Negatives of each class: clips labelled as not having it.</summary>
    public IReadOnlyList<int> NegativeCounts => _rankings.Value.NegativeCounts;

    /// <summary>Average precision (AP) of each class, 0 to 1; 0 for a class without positives.</summary>
    public IReadOnlyList<double> AveragePrecisions => _rankings.Value.AveragePrecisions;

    /// <summary>Area under the ROC curve (AUC) of each class, 0 to 1; NaN for a class without positives or without
    /// negatives.</summary>
    public IReadOnlyList<double> AreasUnderRocCurve => _rankings.Value.AreasUnderRocCurve;

    /// <summary>d-prime, the sensitivity index, of each class: sqrt(2) times the normal quantile of the AUC; NaN where the
    /// AUC is.</summary>
    public IReadOnlyList<double> DPrimes => [.. AreasUnderRocCurve.Select(ScoreRanking.DPrime)];

    /// <summary>
    /// mAP, mean average precision: the mean of <see cref="AveragePrecisions"/> over all classes, also those without
    /// positives, as scikit-learn's macro average and the official code have it; 0 to 1.
    /// </summary>
    public double MeanAveragePrecision => AveragePrecisions.Average();

    /// <summary>mAP over the classes with positives, 0 to 1; NaN if there are none.</summary>
    public double MeanAveragePrecisionOfPresentClasses => _rankings.Value.MeanAveragePrecisionOfPresentClasses;

    /// <summary>Micro average precision: that of all pairs of a clip and a class, ranked together, 0 to 1; 0 without
    /// positives.</summary>
    public double MicroAveragePrecision => _micro.Value;

    /// <summary>Macro AUC: the mean of <see cref="AreasUnderRocCurve"/> over the classes that have one, 0 to 1; NaN if none
    /// has.</summary>
    public double MeanAreaUnderRocCurve => Mean(AreasUnderRocCurve.Where(area => !double.IsNaN(area)));

    /// <summary>d-prime of <see cref="MeanAreaUnderRocCurve"/>, as AST's and HTS-AT's official code reports it.</summary>
    public double DPrime => ScoreRanking.DPrime(MeanAreaUnderRocCurve);

    /// <summary>
    /// Mean of <see cref="DPrimes"/> over the classes that have one: infinite if a class is ranked perfectly, NaN if
    /// another one is ranked perfectly wrong.
    /// </summary>
    public double MeanDPrime => Mean(DPrimes.Where((_, label) => !double.IsNaN(AreasUnderRocCurve[label])));

    /// <summary>
    /// lwlrap, the label-weighted label-ranking average precision (DCASE 2019 task 2): for each positive of each clip, the
    /// share of positives among the classes of the clip that score at least as high; the mean over all of them, 0 to 1. NaN
    /// without positives.
    /// </summary>
    public double LabelWeightedLabelRankingAveragePrecision
        => _clips.Sum(clip => clip.RankingPrecisionSum) / _clips.Sum(clip => (long)clip.PositiveCount);

    /// <summary>Computes the metrics from arrays.</summary>
    /// <param name="targets">Targets, (clips, classes): 1 positive, 0 negative, NaN unlabelled.</param>
    /// <param name="scores">Scores, (clips, classes): logits or probabilities, greater is more certain; not NaN.</param>
    /// <param name="classNames">Names of the classes; null for their indices.</param>
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

    /// <summary>Precision-recall curve of a class.</summary>
    /// <param name="label">Index of the class, counted from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public PrecisionRecallCurve PrecisionRecallCurve(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, ClassNames.Count);
        return ClassRankings.Curve(_clips, label);
    }

    /// <summary>
    /// Bootstrap confidence interval of one of the metrics, for example
    /// <c>metrics.ConfidenceInterval(m => m.MeanAveragePrecision)</c>; clips are resampled.
    /// </summary>
    /// <param name="metric">Metric of which the interval is wanted.</param>
    /// <param name="resampleCount">Bootstrap resamples, 1 or more. Default: 1000.</param>
    /// <param name="level">Confidence level, above 0 and below 1. Default: 0.95.</param>
    /// <param name="seed">Seed of the resampling. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<AudioTaggingMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(
            ClipCount,
            rows => metric(Resample(rows)),
            metric(this),
            resampleCount,
            level,
            seed);

    /// <summary>Metrics over all classes, one a line.</summary>
    public override string ToString() => new TextTable("metric", "value")
        .Add("mAP", TextTable.Number(MeanAveragePrecision))
        .Add("mAP of classes with positives", TextTable.Number(MeanAveragePrecisionOfPresentClasses))
        .Add("micro AP", TextTable.Number(MicroAveragePrecision))
        .Add("AUC", TextTable.Number(MeanAreaUnderRocCurve))
        .Add("d-prime", TextTable.Number(DPrime))
        .Add("lwlrap", TextTable.Number(LabelWeightedLabelRankingAveragePrecision))
        .Add("clips", TextTable.Number(ClipCount))
        .ToString();

    /// <summary>Table of the metrics of each class in plain text, one class a line.</summary>
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

    internal AudioTaggingMetrics Resample(int[] rows) => new([.. rows.Select(row => _clips[row])], ClassNames);

    private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();
}

/// <summary>Collects labels and scores clip by clip, for <see cref="AudioTaggingMetrics"/>.</summary>
/// <param name="classNames">Names of the classes; null for their indices.</param>
internal sealed class AudioTaggingCollector(IReadOnlyList<string>? classNames)
{
    private readonly List<ScoredClip> _clips = [];
    private IReadOnlyList<string>? _classNames = classNames is null ? null : (string[])[.. classNames];

    /// <summary>Adds a clip; <see cref="ScoredClip.Create"/> says what labels and scores are.</summary>
    /// <param name="targets">Target of each class.</param>
    /// <param name="scores">Score of each class.</param>
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
