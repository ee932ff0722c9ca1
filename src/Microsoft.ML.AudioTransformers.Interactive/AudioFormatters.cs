using System.Globalization;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers.Interactive;

/// <summary>Formatters of the library's types as HTML, and as text where <c>ToString</c> is not enough.</summary>
internal static class AudioFormatters
{
    /// <summary>Registers them with the kernel's formatter.</summary>
    public static void Register()
    {
        Html<AudioPlayer>(player => player.ToHtml());
        Html<LogMelPicture>(picture => picture.ToHtml());
        Html<TrainingView>(view => view.ToHtml());
        Html<DataTable>(table => table.ToHtml());
        Html<SvgChart>(chart => chart.ToString());
        Html<ConfusionTable>(table => table.ToChart().ToString());
        Html<PolyphonicSoundDetectionScore>(score => score.ToChart().ToString());
        Html<AudioClassificationMetrics>(Of);
        Html<AudioTaggingMetrics>(Of);
        Html<ActionRecognitionMetrics>(Of);
        Html<SoundEventDetectionMetrics>(Of);
        Html<SoundEventMetrics>(Of);
        Html<AudioTrainingMetrics>(metrics => HtmlText.Lines(metrics.ToString()));
        Html<AudioTrainingInfo>(Of);

        Text<SvgChart>(chart =>
            string.Create(CultureInfo.InvariantCulture, $"chart, SVG of {chart.ToString().Length} characters"));
        Text<AudioPlayer>(player => player.ToString());
        Text<LogMelPicture>(picture => picture.ToString());
        Text<TrainingView>(view => view.ToString());
        Text<DataTable>(table => table.ToString());
        Text<AudioClassificationMetrics>(metrics => Line(Facts(metrics)));
        Text<AudioTaggingMetrics>(metrics => Line(Facts(metrics)));
        Text<ActionRecognitionMetrics>(metrics => Line(Facts(metrics)));
        Text<SoundEventMetrics>(metrics => metrics.GetFormattedTable());
        Text<SoundEventDetectionMetrics>(metrics => metrics.GetFormattedTable());
        Text<AudioTrainingInfo>(training => training.ToString());
    }

    private static void Html<T>(Func<T, string> format) =>
        Formatter.Register<T>(value => HtmlText.Bounded(format(value)), HtmlFormatter.MimeType);

    private static void Text<T>(Func<T, string> format) => Formatter.Register(format, PlainTextFormatter.MimeType);

    private static string Of(AudioClassificationMetrics metrics) =>
        HtmlText.Facts(Facts(metrics)) + metrics.ConfusionTable.ToChart();

    private static string Of(AudioTaggingMetrics metrics) =>
        HtmlText.Facts(Facts(metrics)) + HtmlText.Lines(metrics.GetFormattedTable());

    private static string Of(ActionRecognitionMetrics metrics) => HtmlText.Facts(Facts(metrics));

    private static string Of(SoundEventMetrics metrics) => HtmlText.Facts(
        [
            ("F1", Share(metrics.Overall.F1)),
            ("precision", Share(metrics.Overall.Precision)),
            ("recall", Share(metrics.Overall.Recall)),
        ])
        + HtmlText.Lines(metrics.GetFormattedTable());

    private static string Of(SoundEventDetectionMetrics metrics) => HtmlText.Lines(metrics.GetFormattedTable());

    private static string Of(AudioTrainingInfo training) => HtmlText.Facts(
        [
            ("model", training.ModelName),
            ("epochs", string.Create(CultureInfo.InvariantCulture, $"{training.CompletedEpochs} of {training.Epochs}")),
            ("training clips", training.TrainingClipCount.ToString(CultureInfo.InvariantCulture)),
            ("learning rate", training.LearningRate.ToString(CultureInfo.InvariantCulture)),
        ])
        + (training.History.Count == 0 ? "" : TrainingLog.ToChart(training.History));

    private static (string Name, string Value)[] Facts(AudioClassificationMetrics metrics) =>
    [
        ("accuracy", Share(metrics.Accuracy)),
        ("mean class accuracy", Share(metrics.MeanClassAccuracy)),
        ("macro F1", Share(metrics.MacroF1)),
        ("clips", metrics.ClipCount.ToString(CultureInfo.InvariantCulture)),
    ];

    private static (string Name, string Value)[] Facts(AudioTaggingMetrics metrics) =>
    [
        ("mAP", Share(metrics.MeanAveragePrecision)),
        ("lwlrap", Share(metrics.LabelWeightedLabelRankingAveragePrecision)),
        ("clips", metrics.ClipCount.ToString(CultureInfo.InvariantCulture)),
    ];

    private static (string Name, string Value)[] Facts(ActionRecognitionMetrics metrics) =>
    [
        ("action accuracy", Share(metrics.ActionAccuracy)),
        ("verb accuracy", Share(metrics.Verb.Accuracy)),
        ("noun accuracy", Share(metrics.Noun.Accuracy)),
        ("clips", metrics.ClipCount.ToString(CultureInfo.InvariantCulture)),
    ];

    private static string Line(IEnumerable<(string Name, string Value)> facts) =>
        string.Join(", ", facts.Select(fact => $"{fact.Name} {fact.Value}"));

    private static string Share(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
