using System.Globalization;
using Microsoft.ML.AudioTransformers.Charts;
using Microsoft.ML.AudioTransformers.Drawing;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Charts of metrics: confusion table, precision-recall curves, and the curve of PSDS.</summary>
public static class MetricCharts
{
    private const int MaximumClasses = 40;
    private const double MaximumNameWidth = 280;

    /// <summary>Draws a confusion table as a heat map: a row for each actual class, a column for each predicted one, a cell
    /// darker the greater its share of the row.</summary>
    /// <param name="table">Confusion table. Of more than 40 classes, the 39 with the most mistakes have a row and a column of
    /// their own, and the last ones stand for all others.</param>
    /// <returns>The chart; the cells carry their counts.</returns>
    public static SvgChart ToChart(this ConfusionTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        const double cell = 32;
        ConfusionSummary summary = ConfusionSummary.Of(table, MaximumClasses);
        int count = summary.Size;
        string[] names = [.. summary.Labels.Select(label => table.ClassNames[label])];
        if (summary.HasOthers)
        {
            names = [.. names, $"{table.ClassNames.Count - names.Length} other classes"];
        }

        string[] shown = [.. names.Select(name => TextWidth.Shorten(name, MaximumNameWidth))];
        double margin = 32 + shown.Max(TextWidth.Of);
        double side = margin + cell * count;
        using var svg = new SvgWriter(Math.Max(side, 220) + 24, side + 24, "Confusion table");
        svg.Text(12, 16, "actual (down), predicted (across)");
        for (int actual = 0; actual < count; actual++)
        {
            double y = margin + cell * actual;
            int total = summary.RowTotal(actual);
            svg.Text(margin - 6, y + 20, shown[actual], "end");
            svg.Text(margin + cell * actual + 20, margin - 6, shown[actual], angle: -90);
            for (int predicted = 0; predicted < count; predicted++)
            {
                int clips = summary[actual, predicted];
                double share = total == 0 ? 0 : clips / (double)total;
                double x = margin + cell * predicted;
                svg.Rectangle(
                    x,
                    y,
                    cell - 1,
                    cell - 1,
                    Shade(share),
                    $"{names[actual]} taken for {names[predicted]}: {clips} of {total}");
                if (clips > 0)
                {
                    string text = clips.ToString(CultureInfo.InvariantCulture);
                    svg.Text(x + cell / 2, y + 20, text, "middle", share > 0.5 ? "white" : "black");
                }
            }
        }

        return svg.ToChart();
    }

    /// <summary>Draws precision-recall curves of some classes, with the average precision of each.</summary>
    /// <param name="metrics">Tagging metrics.</param>
    /// <param name="labels">Indices of the classes, counted from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public static SvgChart PrecisionRecallChart(this AudioTaggingMetrics metrics, params IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(labels);
        return CurveChart.Draw(
            "Precision against recall", "recall", "precision", 1, [.. labels.Select(Line)], stairs: false);

        (string, IReadOnlyList<double>, IReadOnlyList<double>) Line(int label)
        {
            PrecisionRecallCurve curve = metrics.PrecisionRecallCurve(label);
            string name = $"{metrics.ClassNames[label]} (AP {TextTable.Number(metrics.AveragePrecisions[label])})";
            return (name, curve.Recall, curve.Precision);
        }
    }

    /// <summary>Draws the PSD-ROC curve whose area is the PSDS, and the curve of each class.</summary>
    /// <param name="score">PSDS.</param>
    public static SvgChart ToChart(this PolyphonicSoundDetectionScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        PolyphonicSoundDetectionScore.Options settings = score.Settings;
        return CurveChart.Draw(
            $"PSDS {TextTable.Number(score.Value)}",
            $"effective false positives a {settings.Unit.ToString().ToLowerInvariant()}",
            "true positive ratio",
            settings.MaximumEffectiveFalsePositiveRate ?? score.Curve.FalsePositiveRates[^1],
            [
                ("overall", score.Curve.FalsePositiveRates, score.Curve.TruePositiveRatios),
                .. score.ClassNames.Zip(
                    score.ClassCurves, (name, curve) => (name, curve.FalsePositiveRates, curve.TruePositiveRatios)),
            ],
            stairs: !settings.Interpolate);
    }

    /// <summary>From a light grey to a dark blue.</summary>
    private static string Shade(double share)
    {
        return $"#{Mix(0xF2, 0x1F):x2}{Mix(0xF2, 0x4E):x2}{Mix(0xF2, 0x79):x2}";

        int Mix(int from, int to) => (int)Math.Round(from + (to - from) * share);
    }
}
