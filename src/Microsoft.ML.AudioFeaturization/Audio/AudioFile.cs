using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Flac.Encoding;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// Writes waveforms as audio files, which <see cref="AudioReader"/> reads. <see cref="AudioFileWriter"/> writes them block by
/// block.
/// </summary>
public static class AudioFile
{
    /// <summary>Writes or replaces a file.</summary>
    /// <param name="path">
    /// The file; its folder must exist. It is written under a temporary name beside its place and then renamed, so that no
    /// reader finds a part of it.
    /// </param>
    /// <param name="samples">
    /// Finite samples, full scale at +-1; of several channels interleaved: the first sample of each channel, then the second.
    /// </param>
    /// <param name="sampleRate">The sample rate in Hz, 1 to 1000000.</param>
    /// <param name="channels">The number of channels, 1 to 16383, or to 8 for FLAC. Default: 1.</param>
    /// <param name="format">The format. Default: <see cref="AudioFileFormat.WavFloat32"/>.</param>
    /// <exception cref="ArgumentException">
    /// A sample is not finite, or there are not equally many of each channel; the message says which.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="sampleRate"/>, <paramref name="channels"/> or <paramref name="format"/> is outside its range.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written; an old one stays.</exception>
    public static void Write(
        string path,
        ReadOnlySpan<float> samples,
        int sampleRate,
        int channels = 1,
        AudioFileFormat format = AudioFileFormat.WavFloat32)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Check(sampleRate, channels, format);
        CheckSamples(samples, channels);
        AtomicFile.RemoveAbandonedOnce(path);
        AtomicFile.Write(
            path,
            new Content(samples, sampleRate, channels, format),
            static (stream, content) => content.WriteTo(stream),
            flushToDisk: false);
    }

    /// <summary>Writes an audio file into a stream, from its position on.</summary>
    /// <param name="stream">The stream; it need not seek, and is left open.</param>
    /// <param name="samples">
    /// Finite samples, full scale at +-1; of several channels interleaved: the first sample of each channel, then the second.
    /// </param>
    /// <param name="sampleRate">The sample rate in Hz, 1 to 1000000.</param>
    /// <param name="channels">The number of channels, 1 to 16383, or to 8 for FLAC. Default: 1.</param>
    /// <param name="format">The format. Default: <see cref="AudioFileFormat.WavFloat32"/>.</param>
    /// <exception cref="ArgumentException">
    /// A sample is not finite, or there are not equally many of each channel; the message says which.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="sampleRate"/>, <paramref name="channels"/> or <paramref name="format"/> is outside its range.
    /// </exception>
    public static void Write(
        Stream stream,
        ReadOnlySpan<float> samples,
        int sampleRate,
        int channels = 1,
        AudioFileFormat format = AudioFileFormat.WavFloat32)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Check(sampleRate, channels, format);
        CheckSamples(samples, channels);
        new Content(samples, sampleRate, channels, format).WriteTo(stream);
    }

    /// <summary>Checks what a file is to be.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names it.</exception>
    internal static void Check(int sampleRate, int channels, AudioFileFormat format)
    {
        // A frame's bytes are a 16-bit number in a WAV's header.
        const int MaximumChannels = ushort.MaxValue / sizeof(float);
        const int MaximumRate = AudioInfo.MaximumSampleRate;
        OptionCheck.That(sampleRate is >= 1 and <= MaximumRate, sampleRate, nameof(sampleRate), $"1 to {MaximumRate}");
        OptionCheck.That(channels is >= 1 and <= MaximumChannels, channels, nameof(channels), $"1 to {MaximumChannels}");
        OptionCheck.That(
            Enum.IsDefined(format), format, nameof(format), $"one of {string.Join(", ", Enum.GetNames<AudioFileFormat>())}");
        OptionCheck.That(
            channels <= FlacEncoder.MaximumChannels || format is not (AudioFileFormat.Flac16 or AudioFileFormat.Flac24),
            channels,
            nameof(channels),
            $"1 to {FlacEncoder.MaximumChannels} for FLAC");
    }

    /// <summary>Checks samples.</summary>
    /// <exception cref="ArgumentException">
    /// One is not finite, or there are not equally many of each channel; the message says which.
    /// </exception>
    internal static void CheckSamples(ReadOnlySpan<float> samples, int channels)
    {
        if (samples.Length % channels != 0)
        {
            throw new ArgumentException(
                $"{samples.Length} samples are not equally many of each of {channels} channels.", nameof(samples));
        }

        int wrong = FiniteNumbers.FirstOther(samples);
        if (wrong >= 0)
        {
            throw new ArgumentException(
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"Sample {wrong} is {samples[wrong]}; expected a finite number."),
                nameof(samples));
        }
    }

    /// <summary>The writer of a format.</summary>
    /// <param name="stream">The file; it must seek where <paramref name="frames"/> is not known.</param>
    /// <param name="sampleRate">In Hz.</param>
    /// <param name="channels">At least 1.</param>
    /// <param name="format">The format.</param>
    /// <param name="frames">Samples of each channel, or -1 where only the end tells.</param>
    internal static IAudioFileEncoder CreateEncoder(
        Stream stream, int sampleRate, int channels, AudioFileFormat format, long frames) => format switch
        {
            AudioFileFormat.Flac16 => new FlacEncoder(stream, sampleRate, channels, 16, frames),
            AudioFileFormat.Flac24 => new FlacEncoder(stream, sampleRate, channels, 24, frames),
            _ => new WavWriter(stream, sampleRate, channels, format, frames),
        };

    /// <summary>The content of a file.</summary>
    private readonly ref struct Content(ReadOnlySpan<float> samples, int sampleRate, int channels, AudioFileFormat format)
    {
        private readonly ReadOnlySpan<float> _samples = samples;

        public void WriteTo(Stream stream)
        {
            IAudioFileEncoder encoder = CreateEncoder(stream, sampleRate, channels, format, _samples.Length / channels);
            encoder.Write(_samples);
            encoder.Finish();
        }
    }
}
