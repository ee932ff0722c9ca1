using System.Globalization;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Charts;

/// <summary>Chart of the deformable points of DATAR over a log-mel spectrogram: the paper's figure 1.</summary>
internal static class DeformablePointChart
{
    private const double Left = 64;
    private const double Top = 48;
    private const double Width = 800;
    private const double Height = 320;

    // Points may leave the clip, and are then drawn at most so far beside it.
    private const double Margin = 10;

    /// <summary>Draws each point as a circle, larger the more attention it gets, with a line from its reference point.</summary>
    /// <param name="title">Title.</param>
    /// <param name="points">Points; each group has a colour.</param>
    /// <param name="logMel">Log-mel features of the clip, (frames, mel bins).</param>
    /// <param name="melBins">Mel bins of a frame.</param>
    /// <param name="frameMilliseconds">Hop from frame to frame in milliseconds, for an axis in seconds; null for frames.</param>
    public static SvgChart Draw(
        string title,
        IReadOnlyList<DeformablePoint> points,
        ReadOnlySpan<float> logMel,
        int melBins,
        double? frameMilliseconds)
    {
        int frames = logMel.Length / melBins;
        var area = new PlotArea(Left, Top, Width, Height) { XAxis = new(-0.5, frames - 0.5), YAxis = new(-0.5, melBins - 0.5) };
        double unit = frameMilliseconds / 1000 ?? 1;
        var axes = area with { XAxis = new(-0.5 * unit, (frames - 0.5) * unit) };

        using var svg = new SvgWriter(Left + Width + 24, Top + Height + 48, title);
        svg.Text(Left, 20, title);
        svg.Text(
            Left, 36, "a circle for each point, larger where more attention goes; lines from their reference points",
            fill: "#555555");
        axes.DrawAxes(svg, frameMilliseconds is null ? "frames" : "seconds", "mel bins");
        svg.Image(Left, Top, Width, Height, SpectrogramImage.Encode(logMel, melBins, (int)Width));
        int[] groups = [.. points.Select(point => point.Group).Distinct().Order()];
        for (int i = 0; i < groups.Length && groups.Length > 1; i++)
        {
            svg.Text(Left + Width - (groups.Length - 1 - i) * 64, 20, $"group {groups[i]}", "end", SvgWriter.Color(groups[i]));
        }

        double most = points.Count == 0 ? 1 : points.Max(point => point.Weight);
        foreach (DeformablePoint point in points)
        {
            string color = SvgWriter.Color(point.Group);
            (double x, double y) = (X(point.Frame), Y(point.MelBin));
            svg.Line(X(point.ReferenceFrame), Y(point.ReferenceMelBin), x, y, color);
            svg.Circle(x, y, 1.5 + (6.5 * Math.Sqrt(point.Weight / most)), color, string.Create(
                CultureInfo.InvariantCulture,
                $"group {point.Group}: frame {point.Frame:0.#}, mel bin {point.MelBin:0.#}, attention {point.Weight:0.####}"));
        }

        return svg.ToChart();

        double X(double frame) => Math.Clamp(area.X(frame), Left - Margin, Left + Width + Margin);
        double Y(double bin) => Math.Clamp(area.Y(bin), Top - Margin, Top + Height + Margin);
    }
}
