using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AutoML;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What a sweep optimizes: a number that an evaluator computes from scored rows.</summary>
public sealed class AudioSweepMetric : IEvaluateMetricManager
{
    private readonly Func<MLContext, IDataView, double> _evaluate;

    /// <summary>A metric of one's own.</summary>
    /// <param name="metricName">What the metric is called in tables and charts.</param>
    /// <param name="isMaximize">Whether more is better.</param>
    /// <param name="evaluate">Computes the metric from the rows that the trial's model has scored.</param>
    /// <exception cref="ArgumentException">There is no name.</exception>
    public AudioSweepMetric(string metricName, bool isMaximize, Func<MLContext, IDataView, double> evaluate)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(metricName);
        ArgumentNullException.ThrowIfNull(evaluate);
        MetricName = metricName;
        IsMaximize = isMaximize;
        _evaluate = evaluate;
    }

    /// <inheritdoc/>
    public string MetricName { get; }

    /// <inheritdoc/>
    public bool IsMaximize { get; }

    /// <summary>The share of clips whose best class is right (<see
    /// cref="AudioClassificationMetrics.Accuracy"/>).</summary>
    /// <param name="labelColumnName">The label column, a key.</param>
    /// <param name="scoreColumnName">The scores.</param>
    public static AudioSweepMetric Accuracy(string labelColumnName = "Label", string scoreColumnName = "Score") => new(
        "accuracy",
        isMaximize: true,
        (mlContext, scored) =>
            mlContext.AudioClassification().Evaluate(scored, labelColumnName, scoreColumnName).Accuracy);

    /// <summary>Mean average precision over the classes (<see
    /// cref="AudioTaggingMetrics.MeanAveragePrecision"/>).</summary>
    /// <param name="labelColumnName">The label column, as the evaluator of audio tagging takes it.</param>
    /// <param name="scoreColumnName">The scores.</param>
    public static AudioSweepMetric MeanAveragePrecision(
        string labelColumnName = "Label", string scoreColumnName = "Score") => new(
        "mAP",
        isMaximize: true,
        (mlContext, scored) =>
            mlContext.AudioTagging().Evaluate(scored, labelColumnName, scoreColumnName).MeanAveragePrecision);

    /// <summary>
    /// Event-based F1, the average over the classes. A class that is annotated and never found counts as 0, whatever the
    /// options say, as in DESED's macro average: where it is left out, as sed_eval does, a model gains by never naming a
    /// hard class.
    /// </summary>
    /// <param name="reference">The annotated events of the validation clips.</param>
    /// <param name="toEvents">Makes a table of found events of the scored clips, as the evaluator takes it.</param>
    /// <param name="options">How events are matched, and the tables' columns; null for the defaults.</param>
    public static AudioSweepMetric EventF1(
        IDataView reference,
        Func<MLContext, IDataView, IDataView> toEvents,
        SoundEventDetectionCatalog.EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(toEvents);
        SoundEventDetectionCatalog.EvaluationOptions counted = CountMissed(options ?? new());
        return new(
            "event F1",
            isMaximize: true,
            (mlContext, scored) => mlContext.SoundEventDetection()
                .Evaluate(reference, toEvents(mlContext, scored), counted).EventBased.ClassAverage.F1);
    }

    /// <summary>
    /// Event-based F1, the average over the classes, of rows that hold annotated and found events both. A class that is
    /// annotated and never found counts as 0, whatever the options say.
    /// </summary>
    /// <param name="options">
    /// Where the two are and how they are matched; null for
    /// <see cref="SoundEventDetectionCatalog.EvaluationOptions.ForDetector"/>.
    /// </param>
    public static AudioSweepMetric EventF1(SoundEventDetectionCatalog.EvaluationOptions? options = null)
    {
        SoundEventDetectionCatalog.EvaluationOptions counted =
            CountMissed(options ?? SoundEventDetectionCatalog.EvaluationOptions.ForDetector());
        return new(
            "event F1",
            isMaximize: true,
            (mlContext, scored) => mlContext.SoundEventDetection()
                .Evaluate(scored, scored, counted).EventBased.ClassAverage.F1);
    }

    /// <inheritdoc/>
    public double Evaluate(MLContext context, IDataView eval)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(eval);
        return _evaluate(context, eval);
    }

    private static SoundEventDetectionCatalog.EvaluationOptions CountMissed(
        SoundEventDetectionCatalog.EvaluationOptions options)
    {
        SoundEventDetectionCatalog.EvaluationOptions copy = OptionCheck.Copy(options);
        copy.EventBased.EmptyOutput = EmptyOutputHandling.ZeroScore;
        return copy;
    }
}
