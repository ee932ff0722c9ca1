using System.Globalization;

namespace Microsoft.ML.AudioTransformers.Drawing;

/// <summary>Plot area: a rectangle of a chart, in pixels, with linear axes that map values to pixels.</summary>
internal sealed record PlotArea(double Left, double Top, double Width, double Height)
{
    /// <summary>Range of the horizontal axis: the values at the left and the right edge. Default: 0 to 1.</summary>
    public (double From, double To) XRange { get; init; } = (0, 1);

    /// <summary>Range of the vertical axis: the values at the bottom and the top edge. Default: 0 to 1.</summary>
    public (double From, double To) YRange { get; init; } = (0, 1);

    /// <summary>Pixel of a value on the horizontal axis.</summary>
    public double X(double value) => Left + Width * (value - XRange.From) / (XRange.To - XRange.From);

    /// <summary>Pixel of a value on the vertical axis, from the top.</summary>
    public double Y(double value) => Top + Height * (1 - (value - YRange.From) / (YRange.To - YRange.From));

    /// <summary>Draws axes, grid and labels.</summary>
    /// <param name="svg">Document.</param>
    /// <param name="xLabel">Label of the horizontal axis.</param>
    /// <param name="yLabel">Label of the vertical axis.</param>
    /// <param name="xTicks">Ticks of the horizontal axis with their labels; null for round numbers.</param>
    public void DrawAxes(
        SvgWriter svg, string xLabel, string yLabel, IEnumerable<(double Value, string Text)>? xTicks = null)
    {
        foreach ((double tick, string text) in xTicks ?? Ticks(XRange).Select(value => (value, Format(value))))
        {
            svg.Line(X(tick), Top, X(tick), Top + Height, "#dddddd");
            svg.Text(X(tick), Top + Height + 16, text, "middle");
        }

        foreach (double tick in Ticks(YRange))
        {
            svg.Line(Left, Y(tick), Left + Width, Y(tick), "#dddddd");
            svg.Text(Left - 6, Y(tick) + 4, Format(tick), "end");
        }

        svg.Line(Left, Top, Left, Top + Height, "black");
        svg.Line(Left, Top + Height, Left + Width, Top + Height, "black");
        svg.Text(Left + Width / 2, Top + Height + 34, xLabel, "middle");
        svg.Text(Left - 40, Top + Height / 2, yLabel, "middle", angle: -90);
    }

    /// <summary>Ticks: round values within a range, about five of them.</summary>
    public static IEnumerable<double> Ticks((double From, double To) range)
    {
        double rough = (range.To - range.From) / 5;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power) switch
        {
            < 1.5 => 1,
            < 3.5 => 2,
            < 7.5 => 5,
            _ => 10,
        };
        for (double index = Math.Ceiling(range.From / step - 1e-9); index * step <= range.To + step * 1e-9; index++)
        {
            // Adding 0 makes -0, which would be written with its sign, 0.
            yield return (index * step) + 0.0;
        }
    }

    /// <summary>Tick label: a number with up to six decimals, never a negative 0.</summary>
    public static string Format(double value) => (value + 0.0).ToString("0.######", CultureInfo.InvariantCulture);
}
