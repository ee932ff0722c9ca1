using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Drawing;
using Microsoft.ML.AudioTransformers.Interactive;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Picture of a log-mel spectrogram, as a model hears a clip: time to the right, low bands at the bottom, loud is
/// light. </summary>
public sealed class LogMelPicture
{
    private const double Width = 230;
    private const double Height = 130;
    private const int MaximumColumns = 600;
    private const int MaximumBins = 1024;

    private readonly float[] _logMel;
    private readonly double _hopSeconds;

    /// <summary>Makes a picture of features.</summary>
    /// <param name="logMel">Log-mel spectrogram, (frames, mel bins), one frame or more.</param>
    /// <param name="melBins">Mel bins of a frame, 1 to 1024.</param>
    /// <param name="title">What it is.</param>
    /// <param name="hopSeconds">Seconds from one frame to the next, above 0; 0 where they are not known, and the axis counts
    /// frames. Default: 0.</param>
    /// <exception cref="ArgumentException">The features are no whole number of frames.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The mel bins or the seconds are out of range.</exception>
    public LogMelPicture(ReadOnlySpan<float> logMel, int melBins, string title = "", double hopSeconds = 0)
    {
        ArgumentNullException.ThrowIfNull(title);
        if (melBins is < 1 or > MaximumBins)
        {
            throw new ArgumentOutOfRangeException(
                nameof(melBins), melBins, $"The mel bins are {melBins}; expected 1 to {MaximumBins}.");
        }

        if (!(hopSeconds >= 0 && double.IsFinite(hopSeconds)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(hopSeconds), hopSeconds, $"The hop is {hopSeconds} s; expected seconds above 0, or 0 if not known.");
        }

        SpectrogramImage.Check(logMel, melBins, nameof(logMel));
        (_logMel, _hopSeconds, MelBins, Title) = (logMel.ToArray(), hopSeconds, melBins, title);
    }

    /// <summary>Mel bins of a frame.</summary>
    public int MelBins { get; }

    /// <summary>Number of frames.</summary>
    public int Frames => _logMel.Length / MelBins;

    /// <summary>What it is.</summary>
    public string Title { get; }

    /// <summary>Extracts the features of a waveform and makes a picture of them.</summary>
    /// <param name="samples">Samples, mono, at the front end's sample rate.</param>
    /// <param name="frontEnd">Front end.</param>
    /// <param name="title">What it is.</param>
    /// <exception cref="ArgumentException">The options are wrong, or the samples are too few for a frame.</exception>
    public static LogMelPicture Of(ReadOnlySpan<float> samples, LogMelOptions frontEnd, string title = "")
    {
        ArgumentNullException.ThrowIfNull(frontEnd);
        float[] logMel = new LogMelExtractor(frontEnd).Extract(samples);
        return new LogMelPicture(logMel, frontEnd.MelBins, title, frontEnd.HopLength / (double)frontEnd.SampleRate);
    }

    /// <summary>Its title, frames and mel bins.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Title.Length == 0 ? "log-mel" : Title)}: {Frames} frames of {MelBins} mel bins");

    /// <summary>Draws it, with a time axis and an axis of mel bins.</summary>
    public SvgChart ToChart()
    {
        double end = _hopSeconds > 0 ? Frames * _hopSeconds : Frames;
        var area = new PlotArea(52, 8, Width, Height) { XAxis = new(0, end), YAxis = new(0, MelBins, IsWhole: true) };
        using var svg = new SvgWriter(area.Left + Width + 20, area.Top + Height + 42, Title);
        area.DrawAxes(svg, _hopSeconds > 0 ? "seconds" : "frames", "mel bin");
        svg.Image(area.Left, area.Top, Width, Height, SpectrogramImage.Encode(_logMel, MelBins, MaximumColumns));
        return svg.ToChart();
    }

    internal string ToHtml() => HtmlText.Figure(
        Title, string.Create(CultureInfo.InvariantCulture, $"{Frames} frames of {MelBins} mel bins"), ToChart().ToString());
}
