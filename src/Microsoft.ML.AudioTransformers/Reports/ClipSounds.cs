using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Sounds and spectrograms of the clips that a report plays: only those are decoded.</summary>
internal static class ClipSounds
{
    private const int PictureColumns = 320;
    private const int PictureBands = 64;
    private const double DynamicRange = 80;

    /// <summary>Adds sound and spectrogram to clips that have a file, until the page is full.</summary>
    /// <param name="clips">Clips, the most important first.</param>
    /// <param name="sampleRate">Sample rate of the sounds in Hz.</param>
    /// <param name="options">Options: seconds, folder.</param>
    /// <param name="room">Bytes that there are for them in the page.</param>
    public static void AddTo(IEnumerable<ReportClip> clips, int sampleRate, AudioReportOptions options, long room)
    {
        foreach (ReportClip clip in clips.Where(clip => clip.File is not null))
        {
            double seconds = clip.Duration is { } duration ? Math.Min(duration, options.ClipSeconds) : options.ClipSeconds;
            if (room < 2.7 * seconds * sampleRate)
            {
                clip.Problem = $"No sound: the page would be larger than {options.MaximumMegabytes} MB.";
                continue;
            }

            try
            {
                Add(clip, seconds, sampleRate, options);
                room -= clip.Sound!.Length + clip.Picture!.Length;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
                or NotSupportedException or ArgumentException)
            {
                // One file that is gone must not cost the report; its card says why it is silent.
                clip.Problem = $"No sound: {e.Message}";
            }
        }
    }

    /// <summary>Spectrogram in decibel, 80 below the loudest value at most.</summary>
    public static byte[] Spectrogram(ReadOnlySpan<float> samples, int sampleRate)
    {
        int window = Math.Max(256, sampleRate / 32);
        var extractor = new LogMelExtractor(new LogMelOptions
        {
            SampleRate = sampleRate,
            WindowLength = window,
            HopLength = Math.Max(window / 8, samples.Length / PictureColumns),
            MelBins = PictureBands,
            Log = LogKind.Decibel,
            LogFloor = 1e-10,
            DynamicRange = DynamicRange,
            TargetSamples = Math.Max(samples.Length, window),
        });
        return SpectrogramImage.Encode(extractor.Extract(samples), PictureBands, PictureColumns);
    }

    private static void Add(ReportClip clip, double seconds, int sampleRate, AudioReportOptions options)
    {
        string path = options.Folder is { } folder ? Path.Combine(folder, clip.File!) : clip.File!;
        using AudioReader reader = AudioReader.Open(path, sampleRate, offset: clip.Offset ?? 0, duration: seconds);
        float[] samples = reader.ReadToEnd();
        using var wav = new MemoryStream();
        AudioFile.Write(wav, samples, sampleRate, format: AudioFileFormat.WavPcm16);
        clip.Picture = new DataUri("image/png", Spectrogram(samples, sampleRate));
        clip.Sound = new DataUri("audio/wav", wav.ToArray());
        clip.Kept = samples.Length / (double)sampleRate;
        if (clip.Duration is { } duration && duration > seconds + 0.01)
        {
            clip.Problem = string.Create(
                CultureInfo.InvariantCulture, $"The first {seconds:0.##} of {duration:0.##} s are in the page.");
        }
    }
}
