namespace Microsoft.ML.AudioTransformers.Drawing;

/// <summary>Plot area: a rectangle of a chart, in pixels, with axes that map values to pixels.</summary>
internal sealed record PlotArea(double Left, double Top, double Width, double Height)
{
    /// <summary>Horizontal axis, from the left edge to the right one. Default: 0 to 1.</summary>
    public Axis XAxis { get; init; } = Axis.Unit;

    /// <summary>Vertical axis, from the bottom edge to the top one. Default: 0 to 1.</summary>
    public Axis YAxis { get; init; } = Axis.Unit;

    /// <summary>Pixel of a value on the horizontal axis.</summary>
    public double X(double value) => Left + (Width * XAxis.Share(value));

    /// <summary>Pixel of a value on the vertical axis, from the top.</summary>
    public double Y(double value) => Top + (Height * (1 - YAxis.Share(value)));

    /// <summary>Draws axes, grid and labels.</summary>
    /// <param name="svg">Document.</param>
    /// <param name="xLabel">Label of the horizontal axis.</param>
    /// <param name="yLabel">Label of the vertical axis.</param>
    /// <param name="xTicks">Ticks of the horizontal axis with their labels; null for the axis' own.</param>
    public void DrawAxes(
        SvgWriter svg, string xLabel, string yLabel, IEnumerable<(double Value, string Text)>? xTicks = null)
    {
        foreach ((double tick, string text) in xTicks ?? XAxis.Ticks())
        {
            svg.Line(X(tick), Top, X(tick), Top + Height, "#dddddd");
            svg.Text(X(tick), Top + Height + 16, text, "middle");
        }

        foreach ((double tick, string text) in YAxis.Ticks())
        {
            svg.Line(Left, Y(tick), Left + Width, Y(tick), "#dddddd");
            svg.Text(Left - 6, Y(tick) + 4, text, "end");
        }

        svg.Line(Left, Top, Left, Top + Height, "black");
        svg.Line(Left, Top + Height, Left + Width, Top + Height, "black");
        svg.Text(Left + Width / 2, Top + Height + 34, xLabel, "middle");
        svg.Text(Left - 40, Top + Height / 2, yLabel, "middle", angle: -90);
    }
}
