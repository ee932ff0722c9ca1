using System.Globalization;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Charts;

/// <summary>The charts of curves and tables.</summary>
internal static class MetricCharts
{
    /// <summary>Lines over common axes from 0, each with its name.</summary>
    /// <param name="title">What the chart shows.</param>
    /// <param name="xLabel">The horizontal axis.</param>
    /// <param name="yLabel">The vertical axis, 0 to 1.</param>
    /// <param name="xMaximum">Where the horizontal axis ends.</param>
    /// <param name="curves">The lines.</param>
    /// <param name="stairs">Whether a value holds until the next one; otherwise points are joined.</param>
    public static SvgChart Curves(
        string title,
        string xLabel,
        string yLabel,
        double xMaximum,
        IReadOnlyList<(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)> curves,
        bool stairs)
    {
        var area = new PlotArea(60, 40, 400, 400) { XRange = (0, xMaximum > 0 ? xMaximum : 1) };
        double height = Math.Max(500, 60 + 18 * curves.Count);
        double legend = 42 + curves.Select(curve => SvgWriter.WidthOf(curve.Name)).DefaultIfEmpty(0).Max();
        using var svg = new SvgWriter(area.Left + area.Width + legend, height, title);
        svg.Text(area.Left, 24, title);
        area.DrawAxes(svg, xLabel, yLabel);
        for (int i = 0; i < curves.Count; i++)
        {
            (string name, IReadOnlyList<double> x, IReadOnlyList<double> y) = curves[i];
            IEnumerable<(double X, double Y)> points = x.Zip(y).Where(point => point.First <= area.XRange.To);
            svg.Polyline(
                (stairs ? Stairs([.. points], area.XRange.To) : points).Select(point => (area.X(point.X), area.Y(point.Y))),
                SvgWriter.Color(i));
            svg.Rectangle(area.Left + area.Width + 12, 44 + 18 * i, 12, 4, SvgWriter.Color(i));
            svg.Text(area.Left + area.Width + 30, 50 + 18 * i, name);
        }

        return svg.ToChart();
    }

    /// <summary>A table of counts, darker where more of a row are.</summary>
    public static SvgChart Confusions(ConfusionTable table)
    {
        const double cell = 32;
        int count = table.ClassNames.Count;
        double margin = 32 + table.ClassNames.Max(SvgWriter.WidthOf);
        double side = margin + cell * count;
        using var svg = new SvgWriter(Math.Max(side, 220) + 24, side + 24, "Confusion table");
        svg.Text(12, 16, "actual (down), predicted (across)");
        for (int actual = 0; actual < count; actual++)
        {
            double y = margin + cell * actual;
            int total = table.ActualCount(actual);
            svg.Text(margin - 6, y + 20, table.ClassNames[actual], "end");
            svg.Text(margin + cell * actual + 20, margin - 6, table.ClassNames[actual], angle: -90);
            for (int predicted = 0; predicted < count; predicted++)
            {
                int clips = table[actual, predicted];
                double share = total == 0 ? 0 : clips / (double)total;
                double x = margin + cell * predicted;
                svg.Rectangle(
                    x,
                    y,
                    cell - 1,
                    cell - 1,
                    Shade(share),
                    $"{table.ClassNames[actual]} taken for {table.ClassNames[predicted]}: {clips} of {total}");
                if (clips > 0)
                {
                    string text = clips.ToString(CultureInfo.InvariantCulture);
                    svg.Text(x + cell / 2, y + 20, text, "middle", share > 0.5 ? "white" : "black");
                }
            }
        }

        return svg.ToChart();
    }

    /// <summary>From a light grey to a dark blue.</summary>
    private static string Shade(double share)
    {
        return $"#{Mix(0xF2, 0x1F):x2}{Mix(0xF2, 0x4E):x2}{Mix(0xF2, 0x79):x2}";

        int Mix(int from, int to) => (int)Math.Round(from + (to - from) * share);
    }

    private static IEnumerable<(double X, double Y)> Stairs(IReadOnlyList<(double X, double Y)> points, double end)
    {
        for (int i = 0; i < points.Count; i++)
        {
            yield return points[i];
            yield return (i + 1 < points.Count ? points[i + 1].X : end, points[i].Y);
        }
    }
}
