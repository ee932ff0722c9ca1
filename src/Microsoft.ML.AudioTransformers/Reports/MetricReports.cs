using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Reports;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Reports: one HTML page that a browser opens from a file and that needs no network, with numbers, charts, and the clips that
/// went wrong, to listen to.
/// </summary>
public static class MetricReports
{
    /// <summary>Saves a report of a classification: confusion matrix down to the clips, classes, curves, worst mistakes.
    /// </summary>
    /// <param name="metrics">Metrics that an evaluator computed.</param>
    /// <param name="path">The file, usually with the extension .html; it is replaced as a whole or not at all.</param>
    /// <param name="options">Options, with the files of the clips; null for the defaults. Default: null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or a column is missing or has another
    /// type.</exception>
    /// <exception cref="ArgumentException">The clips are not the rows that were evaluated.</exception>
    /// <exception cref="InvalidOperationException">The metrics are pooled from groups.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveReport(this AudioClassificationMetrics metrics, string path, AudioReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ClassificationReport.Save(metrics, path, Checked(path, options));
    }

    /// <summary>Saves a report of audio tagging: classes, curves of precision against recall, calibration, worst mistakes.
    /// </summary>
    /// <inheritdoc cref="SaveReport(AudioClassificationMetrics, string, AudioReportOptions?)"/>
    public static void SaveReport(this AudioTaggingMetrics metrics, string path, AudioReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        new TaggingReport(metrics).Save(path, Checked(path, options));
    }

    /// <summary>Saves a report of action recognition: verbs, nouns, and both together.</summary>
    /// <inheritdoc cref="SaveReport(AudioClassificationMetrics, string, AudioReportOptions?)"/>
    public static void SaveReport(this ActionRecognitionMetrics metrics, string path, AudioReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ActionReport.Save(metrics, path, Checked(path, options));
    }

    /// <summary>Saves a report of sound event detection: timelines of annotated and found events by threshold, classes.</summary>
    /// <inheritdoc cref="SaveReport(AudioClassificationMetrics, string, AudioReportOptions?)"/>
    public static void SaveReport(this SoundEventDetectionMetrics metrics, string path, AudioReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        new EventReport(metrics).Save(path, Checked(path, options));
    }

    /// <summary>Saves a report of a training: learning curves, options, data, time and machine.</summary>
    /// <param name="training">Training: <c>model.Training</c>.</param>
    /// <param name="path">The file, usually with the extension .html; it is replaced as a whole or not at all.</param>
    /// <param name="options">Options, of which title and code count; null for the defaults. Default: null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveReport(this AudioTrainingInfo training, string path, AudioReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        AudioReportOptions checkedOptions = Checked(path, options);
        new ReportPage
        {
            Title = checkedOptions.Title ?? $"Training of {(training.ModelName.Length > 0 ? training.ModelName : "a model")}",
            Made = ReportPage.MadeBy($"{training}"),
            Sections = [.. TrainingSections.Of(training, checkedOptions.Code)],
        }.Save(path);
    }

    internal static AudioReportOptions Checked(string path, AudioReportOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new AudioReportOptions();
        OptionCheck.All(options);
        return options;
    }
}
