using Microsoft.ML.AudioTransformers.Drawing;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Report of audio tagging.</summary>
internal sealed class TaggingReport(AudioTaggingMetrics metrics)
{
    private const float FoundScore = 0.5f;
    private const long MaximumMicroPairs = 10_000_000;

    private readonly bool _areProbabilities = metrics.Clips.All(clip => clip.Scores.All(score => score is >= 0 and <= 1.0001f));

    /// <summary>Saves it.</summary>
    public void Save(string path, AudioReportOptions options)
    {
        var report = new ReportBuilder(options);
        report.Add(new NumbersSection("Numbers", [.. Numbers(report)]));
        report.AddClips(
            "Worst mistakes",
            "Clips in which a label that is not there has the score that is farthest above that of one that is.",
            Clips.OrderByDescending(clip => Regret(metrics.Clips[clip])).Where(clip => Regret(metrics.Clips[clip]) > 0));
        if (_areProbabilities)
        {
            report.AddClips(
                "Least sure",
                "Clips with the most labels whose scores are neither near 0 nor near 1.",
                Clips.OrderByDescending(clip => metrics.Clips[clip].Scores.Sum(score => score * (1 - score))));
        }

        report.AddRandomClips(metrics.ClipCount);
        report.Add(Classes());
        report.Add(PrecisionRecall());
        report.Add(Calibration());
        report.Save(
            path,
            "Audio tagging",
            FormattableString.Invariant($"{metrics.ClipCount} clips with any of {metrics.ClassNames.Count} labels"),
            metrics.ClassNames,
            metrics.ClipCount,
            clip => Regret(metrics.Clips[clip]) > 0,
            Create);
    }

    private IEnumerable<int> Clips => Enumerable.Range(0, metrics.ClipCount);

    private IEnumerable<ReportNumber> Numbers(ReportBuilder report)
    {
        foreach (ReportNumber number in report.WithIntervals(
            metrics.ClipCount,
            (long)metrics.ClipCount * metrics.ClassNames.Count,
            rows => Values(metrics.Resample(rows)),
            new(
                "mAP", metrics.MeanAveragePrecision,
                "Mean over all classes of the average precision, the area under the curve of precision against recall. A class "
                + "without positives counts as 0."),
            new(
                "mAP of present classes", metrics.MeanAveragePrecisionOfPresentClasses,
                "The same over the classes that some clip has."),
            new(
                "AUC", metrics.MeanAreaUnderRocCurve,
                "Mean over the classes of the chance that a clip with the label has a higher score than one without."),
            new("d-prime", metrics.DPrime, "The same as a distance in standard deviations: 0 is chance."),
            new(
                "lwlrap", metrics.LabelWeightedLabelRankingAveragePrecision,
                "Within each clip, how far up its labels stand among all labels; 1 is first.")))
        {
            yield return number;
        }

        if ((long)metrics.ClipCount * metrics.ClassNames.Count <= MaximumMicroPairs)
        {
            yield return new(
                "Micro AP", metrics.MicroAveragePrecision,
                "Average precision of all pairs of a clip and a label, ranked together: frequent labels count more.");
        }
    }

    private static double[] Values(AudioTaggingMetrics metrics) =>
    [
        metrics.MeanAveragePrecision, metrics.MeanAveragePrecisionOfPresentClasses, metrics.MeanAreaUnderRocCurve,
        metrics.DPrime, metrics.LabelWeightedLabelRankingAveragePrecision,
    ];

    private TableSection Classes()
    {
        IReadOnlyList<double> dPrimes = metrics.DPrimes;
        return new TableSection(
            "Classes",
            "classes",
            [
                new("Class", "text"),
                new("Positives", "count", "Clips that have the label."),
                new("AP", "number", "Average precision, 0 to 1."),
                new("AUC", "number", "Chance that a clip with the label has a higher score than one without."),
                new("d-prime", "number", "The same as a distance in standard deviations."),
            ],
            [
                .. Enumerable.Range(0, metrics.ClassNames.Count).Select(label => new object?[]
                {
                    metrics.ClassNames[label], metrics.PositiveCounts[label], metrics.AveragePrecisions[label],
                    metrics.AreasUnderRocCurve[label], dPrimes[label],
                }),
            ])
        {
            Opens = [.. Enumerable.Range(0, metrics.ClassNames.Count).Cast<object>()],
        };
    }

    private CurvesSection PrecisionRecall()
    {
        // A class without positives has no recall.
        int[] present = [.. Enumerable.Range(0, metrics.ClassNames.Count).Where(label => metrics.PositiveCounts[label] > 0)];
        int points = CurvePoints.Of(present.Length);
        return new CurvesSection(
            "Precision and recall",
            ReportAxis.Of("recall", Axis.Unit),
            ReportAxis.Of("precision", Axis.Unit),
            [
                .. present.Select(label => CurvePoints.PrecisionRecall(
                    FormattableString.Invariant($"{metrics.ClassNames[label]} (AP {metrics.AveragePrecisions[label]:0.000})"),
                    metrics.PrecisionRecallCurve(label), points)),
            ])
        {
            About = "Of the clips whose score is at or above the threshold, the share that has the label, against the share of "
                + "all clips with the label that they find.",
            T = "threshold",
        };
    }

    private CurvesSection? Calibration()
    {
        if (!_areProbabilities)
        {
            return null;
        }

        var calibration = new Calibration();
        foreach (ScoredClip clip in metrics.Clips)
        {
            for (int label = 0; label < clip.Labels.Length; label++)
            {
                if (clip.Labels[label] != LabelState.Unlabelled)
                {
                    calibration.Add(clip.Scores[label], clip.Labels[label] == LabelState.Positive);
                }
            }
        }

        CurvesSection section = calibration.ToSection("pairs of a clip and a label");
        return section with
        {
            About = FormattableString.Invariant($"{section.About} Expected calibration error: {calibration.Error:0.0000}."),
        };
    }

    private ReportClip Create(int index)
    {
        ScoredClip clip = metrics.Clips[index];
        int[] expected = [.. Enumerable.Range(0, clip.Labels.Length).Where(label => clip.Labels[label] == LabelState.Positive)];
        Span<ScoredLabel> best = stackalloc ScoredLabel[ClipEvidence.MaximumBest];
        ScoredLabel[] shown = best[..ClipEvidence.Best(clip.Scores, best)].ToArray();
        IEnumerable<ScoredLabel> found = shown.Where(scored => _areProbabilities && scored.Score >= FoundScore);
        return new ReportClip
        {
            Row = index,
            Expected = expected,
            Predicted = [.. found.Select(scored => scored.Label)],
            Scores =
            [
                .. shown.Select(scored => scored.Label).Union(expected)
                    .Select(label => new double[] { label, clip.Scores[label] }),
            ],
        };
    }

    /// <summary>The highest score of a label that is not there above the lowest of one that is; of a clip without labels, above
    /// a half.</summary>
    private static float Regret(ScoredClip clip)
    {
        (float wrong, float right) = (float.NegativeInfinity, float.PositiveInfinity);
        for (int label = 0; label < clip.Labels.Length; label++)
        {
            switch (clip.Labels[label])
            {
                case LabelState.Negative:
                    wrong = Math.Max(wrong, clip.Scores[label]);
                    break;
                case LabelState.Positive:
                    right = Math.Min(right, clip.Scores[label]);
                    break;
            }
        }

        return wrong - (float.IsPositiveInfinity(right) ? FoundScore : right);
    }
}
