using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Interactive;
using Microsoft.ML.AudioTransformers.Reports;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Player of a clip in a notebook: its spectrogram and its sound, which is within the output and needs no
/// file.</summary>
/// <remarks>An output has at most <see cref="MaximumSeconds"/> of the sound, in 16 bits: about 43 kB a second at 16 kHz.
/// </remarks>
public sealed class AudioPlayer
{
    /// <summary>Seconds of sound that an output has at most.</summary>
    public const double MaximumSeconds = 60;

    private const int MaximumSampleRate = 768_000;

    private readonly float[] _samples;

    /// <summary>Makes a player of a waveform.</summary>
    /// <param name="samples">Samples, mono; those beyond -1 to 1 are cut off there.</param>
    /// <param name="sampleRate">Sample rate in Hz, 1 to 768,000.</param>
    /// <param name="title">What it is.</param>
    /// <param name="seconds">Seconds that are kept, from the beginning, up to <see cref="MaximumSeconds"/>. Default:
    /// 10.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sample rate or the seconds are out of range.</exception>
    /// <exception cref="ArgumentException">A sample is not a finite number.</exception>
    public AudioPlayer(ReadOnlySpan<float> samples, int sampleRate, string title = "", double seconds = 10)
    {
        ArgumentNullException.ThrowIfNull(title);
        if (sampleRate is < 1 or > MaximumSampleRate)
        {
            throw new ArgumentOutOfRangeException(
                nameof(sampleRate), sampleRate, $"The sample rate is {sampleRate} Hz; expected 1 to {MaximumSampleRate}.");
        }

        Check(seconds);
        (SampleRate, Title) = (sampleRate, title);
        Duration = samples.Length / (double)sampleRate;
        int kept = (int)Math.Min(samples.Length, Math.Ceiling(seconds * sampleRate));
        _samples = samples[..kept].ToArray();
        int wrong = Array.FindIndex(_samples, sample => !float.IsFinite(sample));
        if (wrong >= 0)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture, $"Sample {wrong} is {_samples[wrong]}; expected a finite number."),
                nameof(samples));
        }
    }

    /// <summary>Sample rate in Hz.</summary>
    public int SampleRate { get; }

    /// <summary>What it is.</summary>
    public string Title { get; }

    /// <summary>Length in seconds of what the player was given, of which it may have kept less.</summary>
    public double Duration { get; }

    /// <summary>Samples that the player has.</summary>
    public ReadOnlySpan<float> Samples => _samples;

    /// <summary>Makes a player of a recording, in any format that the library reads; its channels are mixed down.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="title">What it is; null for the name of the file with its folder.</param>
    /// <param name="seconds">Seconds that are read, up to <see cref="MaximumSeconds"/>. Default: 10.</param>
    /// <param name="offset">Second at which they begin, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The seconds or the offset are out of range.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static AudioPlayer Open(string path, string? title = null, double seconds = 10, double offset = 0)
    {
        Check(seconds);
        using AudioReader reader = AudioReader.Open(path, offset: offset, duration: seconds);
        string? folder = Path.GetFileName(Path.GetDirectoryName(path));
        string name = string.IsNullOrEmpty(folder) ? Path.GetFileName(path) : $"{folder}/{Path.GetFileName(path)}";
        return new AudioPlayer(reader.ReadToEnd(), reader.SampleRate, title ?? name, seconds);
    }

    /// <summary>Its title, length and sample rate.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Title.Length == 0 ? "clip" : Title)}: {Duration:0.##} s at {SampleRate} Hz");

    /// <summary>Its spectrogram and an audio element, with the sound as a data URI.</summary>
    internal string ToHtml()
    {
        using var wav = new MemoryStream();
        AudioFile.Write(wav, _samples, SampleRate, format: AudioFileFormat.WavPcm16);
        double kept = _samples.Length / (double)SampleRate;
        string length = kept < Duration
            ? string.Create(CultureInfo.InvariantCulture, $"the first {kept:0.##} of {Duration:0.##} s")
            : string.Create(CultureInfo.InvariantCulture, $"{Duration:0.##} s");
        string picture = _samples.Length == 0
            ? ""
            : HtmlText.Image(
                "image/png", ClipSounds.Spectrogram(_samples, SampleRate), "Spectrogram", "width:230px;height:80px");
        return HtmlText.Figure(
            Title,
            length,
            picture + "<audio controls preload=\"metadata\" style=\"display:block;width:230px;height:32px;margin-top:4px\""
                + " src=\"" + HtmlText.DataUri("audio/wav", wav.ToArray()) + "\"></audio>");
    }

    private static void Check(double seconds)
    {
        if (!(seconds > 0 && seconds <= MaximumSeconds))
        {
            throw new ArgumentOutOfRangeException(
                nameof(seconds), seconds, $"The seconds are {seconds}; expected above 0, up to {MaximumSeconds}.");
        }
    }
}
