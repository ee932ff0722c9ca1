namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Report of action recognition: verbs, nouns, and both together.</summary>
internal static class ActionReport
{
    /// <summary>Saves it.</summary>
    public static void Save(ActionRecognitionMetrics metrics, string path, AudioReportOptions options)
    {
        int verbCount = metrics.Verb.ClassNames.Count;
        var verbs = new ClassificationSections(metrics.Verb, "verb", firstClass: 0, part: 0);
        var nouns = new ClassificationSections(metrics.Noun, "noun", firstClass: verbCount, part: 1);
        var report = new ReportBuilder(options);
        report.Add(new NumbersSection("Numbers", [.. Numbers(report, metrics)]));
        report.AddClips(
            "Worst mistakes: verbs",
            "Clips whose wrong verb has the score that is farthest above that of the right one.",
            verbs.Mistakes);
        report.AddClips(
            "Worst mistakes: nouns",
            "Clips whose wrong noun has the score that is farthest above that of the right one.",
            nouns.Mistakes);
        report.AddClips("Least sure", "Clips whose best two verbs have scores nearest to each other.", verbs.LeastSure);
        report.AddRandomClips(metrics.ClipCount);
        foreach (ClassificationSections sections in new[] { verbs, nouns })
        {
            report.Add(sections.Confusion());
            report.Add(sections.ConfusedPairs);
            report.Add(sections.Classes());
            report.Add(sections.PrecisionRecall());
            report.Add(sections.Calibration());
        }

        report.Save(
            path,
            "Action recognition",
            FormattableString.Invariant(
                $"{metrics.ClipCount} clips, {verbCount} verbs and {metrics.Noun.ClassNames.Count} nouns"),
            [.. metrics.Verb.ClassNames, .. metrics.Noun.ClassNames],
            metrics.ClipCount,
            clip => verbs.IsWrong(clip) || nouns.IsWrong(clip),
            clip => new ReportClip
            {
                Row = verbs.Row(clip),
                Expected = [verbs.Expected(clip), nouns.Expected(clip)],
                Predicted = [verbs.Predicted(clip), nouns.Predicted(clip)],
                Scores = [.. verbs.Scores(clip), .. nouns.Scores(clip)],
            },
            rowCount: verbs.RowCount);
    }

    private static IEnumerable<ReportNumber> Numbers(ReportBuilder report, ActionRecognitionMetrics metrics) =>
        report.WithIntervals(
            metrics.ClipCount,
            6L * metrics.ClipCount,
            rows => Values(metrics.Resample(rows)),
            new("Action accuracy", metrics.ActionAccuracy, "Share of clips whose verb and noun are both right."),
            new(
                "Top-5 action accuracy", metrics.TopKActionAccuracy(5),
                "Share of clips whose verb is among the five highest verbs and whose noun is among the five highest nouns."),
            new("Verb accuracy", metrics.Verb.Accuracy, "Share of clips whose verb has the highest score."),
            new("Noun accuracy", metrics.Noun.Accuracy, "Share of clips whose noun has the highest score."),
            new("Top-5 verb accuracy", metrics.Verb.TopKAccuracy(5), "Share of clips whose verb is among the five highest."),
            new("Top-5 noun accuracy", metrics.Noun.TopKAccuracy(5), "Share of clips whose noun is among the five highest."));

    private static double[] Values(ActionRecognitionMetrics metrics) =>
    [
        metrics.ActionAccuracy, metrics.TopKActionAccuracy(5), metrics.Verb.Accuracy, metrics.Noun.Accuracy,
        metrics.Verb.TopKAccuracy(5), metrics.Noun.TopKAccuracy(5),
    ];
}
