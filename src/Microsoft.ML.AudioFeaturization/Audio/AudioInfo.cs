using System.Globalization;
using Microsoft.ML.AudioFeaturization.Audio;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Format, sample rate, channels and length of an audio file, read from its headers without decoding a sample.</summary>
public sealed record AudioInfo
{
    /// <summary>Rates above this, in Hz, are taken for damage: no converter reaches it.</summary>
    internal const int MaximumSampleRate = 1_000_000;

    internal AudioInfo(string format, int sampleRate, int channels, long length)
    {
        Format = format;
        SampleRate = sampleRate;
        Channels = channels;
        Length = length;
    }

    /// <summary>The container and the encoding of samples, such as "WAV, PCM 16 bit".</summary>
    public string Format { get; }

    /// <summary>Samples a second of each channel, in Hz; at least 1.</summary>
    public int SampleRate { get; }

    /// <summary>The number of channels; at least 1.</summary>
    public int Channels { get; }

    /// <summary>
    /// The length in samples of one channel, or -1 where it is unknown until the end is read (a stream that cannot seek). Where
    /// a file ends early, it counts the samples that are there, which can be fewer than its header claims.
    /// </summary>
    public long Length { get; }

    /// <summary>The length in time, or <see cref="TimeSpan.Zero"/> where <see cref="Length"/> is unknown.</summary>
    public TimeSpan Duration => Length < 0
        ? TimeSpan.Zero
        : TimeSpan.FromTicks((long)(Length * (decimal)TimeSpan.TicksPerSecond / SampleRate));

    /// <summary>Reads a file's headers; of formats that only ffmpeg reads, where it is found in the folders of PATH.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no audio, or is cut inside its headers.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read; the message names it.</exception>
    public static AudioInfo Read(string path)
    {
        using AudioDecoder decoder = AudioDecoder.Open(path);
        return decoder.Info;
    }

    /// <summary>Reads the headers of audio in a stream, from its current position.</summary>
    /// <param name="stream">The audio; left open, its position moved.</param>
    /// <exception cref="InvalidDataException">The stream is no audio, or is cut inside its headers.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read; the message names it.</exception>
    public static AudioInfo Read(Stream stream)
    {
        using AudioDecoder decoder = AudioDecoder.Open(stream, "stream", leaveOpen: true);
        return decoder.Info;
    }

    /// <summary>Reads the headers of audio in memory.</summary>
    /// <param name="audio">The bytes of an audio file.</param>
    /// <exception cref="InvalidDataException">The bytes are no audio, or end inside its headers.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read; the message names it.</exception>
    public static AudioInfo Read(ReadOnlyMemory<byte> audio)
    {
        using AudioDecoder decoder = AudioDecoder.Open(audio, "audio in memory");
        return decoder.Info;
    }

    /// <summary>The properties in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Format}, {SampleRate} Hz, {Channels} channels, {Length} samples");
}
