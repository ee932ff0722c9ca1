namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Report of a classification.</summary>
internal static class ClassificationReport
{
    /// <summary>Saves it.</summary>
    public static void Save(AudioClassificationMetrics metrics, string path, AudioReportOptions options)
    {
        var sections = new ClassificationSections(metrics, name: "", firstClass: 0, part: 0);
        var report = new ReportBuilder(options);
        report.Add(new NumbersSection("Numbers", [.. Numbers(report, metrics)]));
        report.Add(sections.Confusion());
        report.Add(sections.ConfusedPairs);
        AddClips(report, sections, metrics.ClipCount);
        report.Add(sections.Classes());
        report.Add(sections.PrecisionRecall());
        report.Add(sections.Calibration());
        report.Save(
            path,
            "Audio classification",
            FormattableString.Invariant($"{metrics.ClipCount} clips of {metrics.ClassNames.Count} classes"),
            metrics.ClassNames,
            metrics.ClipCount,
            sections.IsWrong,
            clip => new ReportClip
            {
                Row = sections.Row(clip),
                Expected = [sections.Expected(clip)],
                Predicted = [sections.Predicted(clip)],
                Scores = [.. sections.Scores(clip)],
            },
            rowCount: sections.RowCount);
    }

    /// <summary>Adds the mistakes, the least sure, and a random sample.</summary>
    public static void AddClips(ReportBuilder report, ClassificationSections sections, int clipCount)
    {
        report.AddClips(
            "Worst mistakes",
            "Clips whose wrong class has the score that is farthest above that of the right one.",
            sections.Mistakes);
        report.AddClips(
            "One of each confusion",
            "A mistake for each pair of classes, the most frequently confused pair first.",
            sections.Confusions);
        report.AddClips("Least sure", "Clips whose best two scores are nearest to each other.", sections.LeastSure);
        report.AddRandomClips(clipCount);
    }

    private static IEnumerable<ReportNumber> Numbers(ReportBuilder report, AudioClassificationMetrics metrics) =>
        report.WithIntervals(
            metrics.ClipCount,
            4L * (metrics.ClipCount + metrics.ClassNames.Count),
            rows => Values(metrics.Resample(rows)),
            new("Accuracy", metrics.Accuracy, "Share of clips whose class has the highest score."),
            new(
                $"Top-{Top(metrics)} accuracy", metrics.TopKAccuracy(Top(metrics)),
                $"Share of clips whose class is among the {Top(metrics)} highest scores."),
            new(
                "Mean class accuracy", metrics.MeanClassAccuracy,
                "Mean over the classes of the share of their clips that was recognized: rare classes count as much as others."),
            new("Macro F1", metrics.MacroF1, "Mean over the classes of F1, which joins recall and precision."));

    private static double[] Values(AudioClassificationMetrics metrics) =>
        [metrics.Accuracy, metrics.TopKAccuracy(Top(metrics)), metrics.MeanClassAccuracy, metrics.MacroF1];

    // Of all classes, every clip's is one.
    private static int Top(AudioClassificationMetrics metrics) => Math.Clamp(metrics.ClassNames.Count - 1, 1, 5);
}
