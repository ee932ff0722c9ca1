using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>The sample format of a WAV file.</summary>
public enum WavSampleFormat
{
    /// <summary>IEEE 754 single precision: samples are kept to the bit, also those beyond full scale.</summary>
    IeeeFloat32,

    /// <summary>
    /// 16-bit PCM: samples are multiplied by 32768, rounded to the nearest whole number (halves to the even one) and clipped
    /// to -32768 to 32767. Samples read from a 16-bit file are written back to the bit.
    /// </summary>
    Pcm16,
}

/// <summary>Writes waveforms as WAV files (RIFF/WAVE). <see cref="AudioReader"/> reads them.</summary>
public static class WavFile
{
    private const int BlockSamples = 1 << 14;
    private const int Pcm = 1;
    private const int IeeeFloat = 3;

    /// <summary>Writes or replaces a file.</summary>
    /// <param name="path">
    /// The file; its folder must exist. It is written under a temporary name beside its place and then renamed, so that no
    /// reader finds a part of it.
    /// </param>
    /// <param name="samples">
    /// Finite samples, full scale at +-1; of several channels interleaved: the first sample of each channel, then the second.
    /// </param>
    /// <param name="sampleRate">The sample rate in Hz, 1 to 1000000.</param>
    /// <param name="channels">The number of channels, 1 to 16383. Default: 1.</param>
    /// <param name="format">The sample format. Default: <see cref="WavSampleFormat.IeeeFloat32"/>.</param>
    /// <exception cref="ArgumentException">
    /// A sample is not finite, or there are not equally many of each channel, or more than 4 GiB of them; the message says
    /// which.
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
        WavSampleFormat format = WavSampleFormat.IeeeFloat32)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Check(samples, sampleRate, channels, format);
        AtomicFile.Write(
            path,
            new Content(samples, sampleRate, channels, format),
            static (stream, content) => content.WriteTo(stream),
            flushToDisk: false);
    }

    /// <summary>Writes a WAV file into a stream, from its position on.</summary>
    /// <param name="stream">The stream; it need not seek, and is left open.</param>
    /// <param name="samples">
    /// Finite samples, full scale at +-1; of several channels interleaved: the first sample of each channel, then the second.
    /// </param>
    /// <param name="sampleRate">The sample rate in Hz, 1 to 1000000.</param>
    /// <param name="channels">The number of channels, 1 to 16383. Default: 1.</param>
    /// <param name="format">The sample format. Default: <see cref="WavSampleFormat.IeeeFloat32"/>.</param>
    /// <exception cref="ArgumentException">
    /// A sample is not finite, or there are not equally many of each channel, or more than 4 GiB of them; the message says
    /// which.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="sampleRate"/>, <paramref name="channels"/> or <paramref name="format"/> is outside its range.
    /// </exception>
    public static void Write(
        Stream stream,
        ReadOnlySpan<float> samples,
        int sampleRate,
        int channels = 1,
        WavSampleFormat format = WavSampleFormat.IeeeFloat32)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Check(samples, sampleRate, channels, format);
        new Content(samples, sampleRate, channels, format).WriteTo(stream);
    }

    private static int BytesOf(WavSampleFormat format) => format == WavSampleFormat.Pcm16 ? sizeof(short) : sizeof(float);

    private static void Check(ReadOnlySpan<float> samples, int sampleRate, int channels, WavSampleFormat format)
    {
        // A frame's bytes are a 16-bit number in the header, and the length of all chunks a 32-bit one.
        const int MaximumChannels = ushort.MaxValue / sizeof(float);
        const long MaximumBytes = uint.MaxValue - 64;
        const int MaximumRate = AudioInfo.MaximumSampleRate;
        OptionCheck.That(sampleRate is >= 1 and <= MaximumRate, sampleRate, nameof(sampleRate), $"1 to {MaximumRate}");
        OptionCheck.That(channels is >= 1 and <= MaximumChannels, channels, nameof(channels), $"1 to {MaximumChannels}");
        OptionCheck.That(
            Enum.IsDefined(format), format, nameof(format), $"one of {string.Join(", ", Enum.GetNames<WavSampleFormat>())}");
        if (samples.Length % channels != 0)
        {
            throw new ArgumentException(
                $"{samples.Length} samples are not equally many of each of {channels} channels.", nameof(samples));
        }

        if ((long)samples.Length * BytesOf(format) > MaximumBytes)
        {
            throw new ArgumentException(
                $"{samples.Length} samples of {BytesOf(format)} bytes are more than a WAV file holds, which is 4 GiB. Write "
                + "several files.",
                nameof(samples));
        }

        int wrong = ChannelMixer.IndexOfNonFinite(samples);
        if (wrong >= 0)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture, $"Sample {wrong} is {samples[wrong]}; expected a finite number."),
                nameof(samples));
        }
    }

    /// <summary>The content of a file.</summary>
    private readonly ref struct Content(ReadOnlySpan<float> samples, int sampleRate, int channels, WavSampleFormat format)
    {
        private readonly ReadOnlySpan<float> _samples = samples;

        public void WriteTo(Stream stream)
        {
            WriteHeader(stream);
            int sampleBytes = BytesOf(format);
            byte[] block = ArrayPool<byte>.Shared.Rent(BlockSamples * sampleBytes);
            for (int start = 0; start < _samples.Length; start += BlockSamples)
            {
                ReadOnlySpan<float> part = _samples.Slice(start, Math.Min(BlockSamples, _samples.Length - start));
                Encode(part, block);
                stream.Write(block, 0, part.Length * sampleBytes);
            }

            ArrayPool<byte>.Shared.Return(block);
        }

        private void WriteHeader(Stream stream)
        {
            bool isPcm = format == WavSampleFormat.Pcm16;
            int frameBytes = channels * BytesOf(format);
            uint dataBytes = (uint)((long)_samples.Length * BytesOf(format));

            // Formats other than PCM have the size of their extension, which is none, and a 'fact' chunk.
            int formatBytes = isPcm ? 16 : 18;
            int headerBytes = 4 + (8 + formatBytes) + (isPcm ? 0 : 12) + 8;
            using var header = new BinaryWriter(stream, System.Text.Encoding.ASCII, leaveOpen: true);
            header.Write("RIFF"u8);
            header.Write(dataBytes + (uint)headerBytes);
            header.Write("WAVEfmt "u8);
            header.Write(formatBytes);
            header.Write((ushort)(isPcm ? Pcm : IeeeFloat));
            header.Write((ushort)channels);
            header.Write(sampleRate);
            header.Write((uint)Math.Min((long)sampleRate * frameBytes, uint.MaxValue));
            header.Write((ushort)frameBytes);
            header.Write((ushort)(8 * BytesOf(format)));
            if (!isPcm)
            {
                header.Write((ushort)0);
                header.Write("fact"u8);
                header.Write(sizeof(uint));
                header.Write((uint)(_samples.Length / channels));
            }

            header.Write("data"u8);
            header.Write(dataBytes);
        }

        private void Encode(ReadOnlySpan<float> part, Span<byte> bytes)
        {
            if (format == WavSampleFormat.IeeeFloat32)
            {
                for (int i = 0; i < part.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(sizeof(float) * i)..], part[i]);
                }

                return;
            }

            for (int i = 0; i < part.Length; i++)
            {
                float rounded = MathF.Round(part[i] * 32768);
                BinaryPrimitives.WriteInt16LittleEndian(
                    bytes[(sizeof(short) * i)..], (short)Math.Clamp(rounded, short.MinValue, short.MaxValue));
            }
        }
    }
}
