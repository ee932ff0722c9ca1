using System.Buffers;
using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

/// <summary>
/// Writes a WAV file: RIFF, or RF64 (EBU Tech 3306) where the samples take more than the 4 GiB that RIFF can count.
/// </summary>
internal sealed class WavWriter : IAudioFileEncoder
{
    private const int BlockSamples = 1 << 14;
    private const int Pcm = 1;
    private const int IeeeFloat = 3;

    // The body of a 'ds64' chunk: three lengths of 64 bits, and the number of others.
    private const int SizesBytes = 28;
    private const int RiffBytes = 12;
    private const int ChunkBytes = 8;

    private readonly Stream _stream;
    private readonly int _sampleRate;
    private readonly int _channels;
    private readonly AudioFileFormat _format;
    private readonly int _sampleBytes;
    private readonly long _limit;
    private readonly long _start;
    private readonly long _promised;
    private long _dataBytes;

    /// <param name="stream">The file; it must seek where <paramref name="frames"/> is not known.</param>
    /// <param name="sampleRate">In Hz.</param>
    /// <param name="channels">At least 1.</param>
    /// <param name="format">One of the WAV formats.</param>
    /// <param name="frames">Samples of each channel that will be written, or -1 where only the end tells.</param>
    /// <param name="limit">Bytes that RIFF can count.</param>
    public WavWriter(
        Stream stream, int sampleRate, int channels, AudioFileFormat format, long frames, long limit = uint.MaxValue)
    {
        _stream = stream;
        _sampleRate = sampleRate;
        _channels = channels;
        _format = format;
        _limit = limit;
        _sampleBytes = format switch
        {
            AudioFileFormat.WavPcm16 => 2,
            AudioFileFormat.WavPcm24 => 3,
            _ => 4,
        };
        _promised = frames < 0 ? -1 : frames * channels * _sampleBytes;
        _start = frames < 0 ? stream.Position : 0;
        stream.Write(Header(Math.Max(0, _promised)));
    }

    // Room for lengths of 64 bits is kept where they are or may be needed.
    private bool HasSizes => _promised < 0 || _promised + 100 > _limit;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> samples)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSamples * _sampleBytes);
        for (int start = 0; start < samples.Length; start += BlockSamples)
        {
            ReadOnlySpan<float> part = samples.Slice(start, Math.Min(BlockSamples, samples.Length - start));
            Encode(part, block);
            _stream.Write(block, 0, part.Length * _sampleBytes);
        }

        ArrayPool<byte>.Shared.Return(block);
        _dataBytes += (long)samples.Length * _sampleBytes;
    }

    /// <inheritdoc/>
    public void Finish()
    {
        // Chunks are padded to even lengths.
        if (_dataBytes % 2 == 1)
        {
            _stream.WriteByte(0);
        }

        if (_promised < 0)
        {
            long end = _stream.Position;
            _stream.Position = _start;
            _stream.Write(Header(_dataBytes));
            _stream.Position = end;
        }
    }

    private byte[] Header(long dataBytes)
    {
        bool isPcm = _format != AudioFileFormat.WavFloat32;
        int frameBytes = _channels * _sampleBytes;

        // Formats other than PCM have the size of their extension, which is none, and a 'fact' chunk.
        int formatBytes = isPcm ? 16 : 18;
        int headerBytes = RiffBytes + (HasSizes ? ChunkBytes + SizesBytes : 0) + ChunkBytes + formatBytes
            + (isPcm ? 0 : ChunkBytes + 4) + ChunkBytes;
        long riffBytes = headerBytes - ChunkBytes + dataBytes + (dataBytes & 1);
        bool isLong = riffBytes > _limit;
        using var header = new MemoryStream(headerBytes);
        using var writer = new BinaryWriter(header);
        writer.Write(isLong ? "RF64"u8 : "RIFF"u8);
        writer.Write(isLong ? uint.MaxValue : (uint)riffBytes);
        writer.Write("WAVE"u8);
        if (HasSizes)
        {
            writer.Write(isLong ? "ds64"u8 : "JUNK"u8);
            writer.Write(SizesBytes);
            writer.Write(isLong ? riffBytes : 0);
            writer.Write(isLong ? dataBytes : 0);
            writer.Write(isLong ? dataBytes / frameBytes : 0);
            writer.Write(0);
        }

        writer.Write("fmt "u8);
        writer.Write(formatBytes);
        writer.Write((ushort)(isPcm ? Pcm : IeeeFloat));
        writer.Write((ushort)_channels);
        writer.Write(_sampleRate);
        writer.Write((uint)Math.Min((long)_sampleRate * frameBytes, uint.MaxValue));
        writer.Write((ushort)frameBytes);
        writer.Write((ushort)(8 * _sampleBytes));
        if (!isPcm)
        {
            writer.Write((ushort)0);
            writer.Write("fact"u8);
            writer.Write(sizeof(uint));
            writer.Write((uint)Math.Min(dataBytes / frameBytes, uint.MaxValue));
        }

        writer.Write("data"u8);
        writer.Write(isLong ? uint.MaxValue : (uint)dataBytes);
        return header.ToArray();
    }

    private void Encode(ReadOnlySpan<float> part, Span<byte> bytes)
    {
        switch (_format)
        {
            case AudioFileFormat.WavFloat32:
                for (int i = 0; i < part.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(sizeof(float) * i)..], part[i]);
                }

                break;
            case AudioFileFormat.WavPcm16:
                for (int i = 0; i < part.Length; i++)
                {
                    BinaryPrimitives.WriteInt16LittleEndian(bytes[(sizeof(short) * i)..], (short)Whole(part[i], 16));
                }

                break;
            default:
                for (int i = 0; i < part.Length; i++)
                {
                    int value = Whole(part[i], 24);
                    bytes[3 * i] = (byte)value;
                    BinaryPrimitives.WriteInt16LittleEndian(bytes[((3 * i) + 1)..], (short)(value >> 8));
                }

                break;
        }
    }

    private static int Whole(float sample, int bits)
    {
        float scale = 1 << (bits - 1);
        return (int)Math.Clamp(MathF.Round(sample * scale), -scale, scale - 1);
    }
}
