using System.Globalization;
using Microsoft.ML.AudioTransformers.Charts;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Drawing;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Timeline of the sound events of a clip, below its log-mel spectrogram.</summary>
public static class EventTimeline
{
    private const double Width = 800;
    private const double SpectrogramHeight = 160;
    private const double RowHeight = 26;

    /// <summary>Draws a row for each class, with the annotated events above the detected ones.</summary>
    /// <param name="clip">Name of the clip; events of other clips are left out.</param>
    /// <param name="duration">Length of the clip in seconds, above 0.</param>
    /// <param name="reference">Annotated events.</param>
    /// <param name="estimated">Detected events; the higher the score, the darker.</param>
    /// <param name="logMel">Log-mel spectrogram of the whole clip, (frames, mel bins); null for none. Default: null.</param>
    /// <param name="melBins">Mel bins of a frame; 1 or more with a spectrogram.</param>
    /// <exception cref="ArgumentException">The length is not above 0, or the spectrogram is no whole number of frames.
    /// </exception>
    public static SvgChart Draw(
        string clip,
        double duration,
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<SoundEvent> estimated,
        float[]? logMel = null,
        int melBins = 0)
    {
        if (!(duration > 0 && double.IsFinite(duration)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(duration), duration, $"Clip '{clip}' has the duration {duration}; expected seconds above 0.");
        }

        if (logMel is not null)
        {
            SpectrogramImage.Check(logMel, melBins, nameof(logMel));
        }

        SoundEvent[] annotated = [.. reference.Where(item => item.Clip == clip)];
        SoundEvent[] found = [.. estimated.Where(item => item.Clip == clip)];
        string[] labels = ClipEvents.LabelsOf(annotated, found);
        double top = 40 + (logMel is null ? 0 : SpectrogramHeight + 8);
        double left = 24 + labels.Select(TextWidth.Of).Append(116).Max();
        var area = new PlotArea(left, top, Width, Math.Max(1, labels.Length) * RowHeight) { XAxis = new(0, duration) };

        using var svg = new SvgWriter(left + Width + 24, top + area.Height + 48, clip);
        svg.Text(left, 24, clip);
        svg.Text(left + Width, 24, "above: annotated, below: detected", "end", "#555555");
        if (logMel is not null)
        {
            svg.Image(left, 40, Width, SpectrogramHeight, SpectrogramImage.Encode(logMel, melBins, (int)Width));
        }

        foreach ((double tick, string text) in area.XAxis.Ticks())
        {
            svg.Line(area.X(tick), top, area.X(tick), top + area.Height, "#dddddd");
            svg.Text(area.X(tick), top + area.Height + 16, text, "middle");
        }

        svg.Text(left + Width / 2, top + area.Height + 34, "seconds", "middle");
        for (int label = 0; label < labels.Length; label++)
        {
            double y = top + label * RowHeight;
            svg.Text(left - 6, y + 17, labels[label], "end");
            svg.Line(left, y + RowHeight, left + Width, y + RowHeight, "#dddddd");
            DrawEvents(svg, area, annotated.Where(item => item.Label == labels[label]), y + 3, "#444444", duration);
            DrawEvents(svg, area, found.Where(item => item.Label == labels[label]), y + 13, SvgWriter.Color(label), duration);
        }

        return svg.ToChart();
    }

    private static void DrawEvents(
        SvgWriter svg, PlotArea area, IEnumerable<SoundEvent> events, double y, string color, double duration)
    {
        foreach (SoundEvent item in events)
        {
            double from = area.X(Math.Clamp(item.Onset, 0, duration));
            double to = area.X(Math.Clamp(item.Offset, 0, duration));
            svg.Rectangle(
                from,
                y,
                Math.Max(1, to - from),
                9,
                color,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{item.Label}: {item.Onset:0.###} to {item.Offset:0.###} s, score {item.Score:0.###}"),
                0.3 + 0.7 * Math.Clamp(item.Score, 0, 1));
        }
    }
}
