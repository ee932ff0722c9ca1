using System.Runtime.InteropServices;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Audio;

namespace AudioMLNet.Benchmarks.Decoding;

/// <summary>A sound made by arithmetic, as files of several formats by the encoders that are on the PATH.</summary>
internal static class CodedSound
{
    /// <summary>Samples a second: what Opus has without a resampler, and the other formats take too.</summary>
    public const int SampleRate = 48_000;

    /// <summary>How long it is.</summary>
    public const int Seconds = 60;

    private const int Channels = 2;

    /// <summary>Format, encoder, and its arguments for a WAV file and the file to be made.</summary>
    private static readonly (string Format, string Encoder, Func<string, string, string[]> Arguments)[] s_formats =
    [
        ("FLAC", "flac", (wav, file) => ["--silent", "-o", file, wav]),
        ("Vorbis", "oggenc", (wav, file) => ["--quiet", "-q", "5", "-o", file, wav]),
        ("MP3", "lame", (wav, file) => ["--quiet", "-b", "128", wav, file]),
        ("Opus", "opusenc", (wav, file) => ["--quiet", "--bitrate", "128", wav, file]),
    ];

    /// <summary>Writes the files.</summary>
    /// <param name="folder">Where.</param>
    /// <returns>Format and path of each, after the WAV that they were made of.</returns>
    public static (string Wav, IReadOnlyList<(string Format, string Path)> Coded) Write(string folder)
    {
        string wav = Path.Combine(folder, "sound.wav");
        AudioFile.Write(wav, Samples(), SampleRate, Channels, AudioFileFormat.WavPcm16);
        List<(string Format, string Path)> coded = [];
        foreach ((string format, string encoder, Func<string, string, string[]> arguments) in s_formats)
        {
            if (AudioTools.Has(encoder))
            {
                string path = Path.Combine(folder, $"sound.{format.ToLowerInvariant()}");
                AudioTools.Run(encoder, arguments(wav, path));
                coded.Add((format, path));
            }
        }

        return (wav, coded);
    }

    /// <summary>The samples that ffmpeg decodes, as the mean of both channels.</summary>
    public static float[] ByFfmpeg(string path)
    {
        string raw = path + ".f32";
        AudioTools.Run(
            "ffmpeg", "-nostdin", "-v", "error", "-y", "-i", path, "-f", "f32le", "-acodec", "pcm_f32le", "-ac", $"{Channels}",
            raw);
        ReadOnlySpan<float> samples = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(raw));
        File.Delete(raw);
        var mean = new float[samples.Length / Channels];
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] = (samples[Channels * i] + samples[(Channels * i) + 1]) / Channels;
        }

        return mean;
    }

    // Chords that change twice a second, on the left ahead of the right, with noise bursts between: tones, attacks and stereo.
    private static float[] Samples()
    {
        var random = new Random(1);
        var samples = new float[Channels * Seconds * SampleRate];
        for (int frame = 0; frame < Seconds * SampleRate; frame++)
        {
            double time = (double)frame / SampleRate;
            int beat = (int)(2 * time);
            double pitch = 110 * Math.Pow(2, (beat * 5 % 12) / 12.0);
            double fade = Math.Exp(-4 * ((2 * time) - beat));
            for (int channel = 0; channel < Channels; channel++)
            {
                double phase = 2 * Math.PI * pitch * (time + (0.0004 * channel));
                double tone = Math.Sin(phase) + (0.5 * Math.Sin(2.5 * phase)) + (0.3 * Math.Sin(9 * phase));
                double noise = beat % 3 == 0 ? fade * (random.NextDouble() - 0.5) : 0;
                samples[(Channels * frame) + channel] = (float)((0.2 * fade * tone) + (0.3 * noise));
            }
        }

        return samples;
    }
}
