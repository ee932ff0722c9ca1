using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Charts;

/// <summary>Line chart: curves over common axes from 0, each with its name in a legend.</summary>
internal static class CurveChart
{
    /// <summary>Draws the chart.</summary>
    /// <param name="title">Title.</param>
    /// <param name="xLabel">Label of the horizontal axis.</param>
    /// <param name="yLabel">Label of the vertical axis, which goes from 0 to 1.</param>
    /// <param name="xMaximum">End of the horizontal axis; where it is not above 0, 1.</param>
    /// <param name="curves">Curves, each with as many X as Y; points beyond the axis are left out.</param>
    /// <param name="stairs">Whether a value holds until the next one (a step function); otherwise points are joined.</param>
    public static SvgChart Draw(
        string title,
        string xLabel,
        string yLabel,
        double xMaximum,
        IReadOnlyList<(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)> curves,
        bool stairs)
    {
        var area = new PlotArea(60, 40, 400, 400) { XAxis = new(0, xMaximum > 0 ? xMaximum : 1) };
        double height = Math.Max(500, 60 + 18 * curves.Count);
        double legend = 42 + curves.Select(curve => TextWidth.Of(curve.Name)).DefaultIfEmpty(0).Max();
        using var svg = new SvgWriter(area.Left + area.Width + legend, height, title);
        svg.Text(area.Left, 24, title);
        area.DrawAxes(svg, xLabel, yLabel);
        for (int i = 0; i < curves.Count; i++)
        {
            (string name, IReadOnlyList<double> x, IReadOnlyList<double> y) = curves[i];
            IEnumerable<(double X, double Y)> points = x.Zip(y).Where(point => point.First <= area.XAxis.To);
            svg.Polyline(
                (stairs ? Stairs([.. points], area.XAxis.To) : points).Select(point => (area.X(point.X), area.Y(point.Y))),
                SvgWriter.Color(i));
            svg.Rectangle(area.Left + area.Width + 12, 44 + 18 * i, 12, 4, SvgWriter.Color(i));
            svg.Text(area.Left + area.Width + 30, 50 + 18 * i, name);
        }

        return svg.ToChart();
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
