using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac.Encoding;

/// <summary>
/// Writes a FLAC file block by block (RFC 9639), in flat memory. Where the stream can seek, its header gets the length, the
/// MD5 of the samples and a seek table at the end; where it cannot, the header has the length if that is known, and no MD5.
/// </summary>
internal sealed class FlacEncoder : IAudioFileEncoder
{
    /// <summary>The most channels of a FLAC file.</summary>
    public const int MaximumChannels = 8;

    private const int BlockFrames = 4096;

    // A seek table of this many points has 1.8 kB; with more blocks than points, every second point is dropped.
    private const int SeekPoints = 100;
    private const int SeekPointBytes = 18;
    private const int InfoStart = 8;

    private readonly Stream _stream;
    private readonly int _sampleRate;
    private readonly int _channels;
    private readonly int _bits;
    private readonly FlacBlockEncoder _encoder;
    private readonly IncrementalHash _hash;
    private readonly int[][] _samples;
    private readonly byte[] _bytes;
    private readonly List<(long Frame, long Byte, int Count)> _points = [];
    private readonly long _start;
    private int _used;
    private long _blocks;
    private long _frames;
    private long _audioBytes;
    private long _blocksPerPoint = 1;
    private int _shortest = int.MaxValue;
    private int _longest;

    /// <param name="stream">The file, at its start.</param>
    /// <param name="sampleRate">In Hz, 1 to 1000000.</param>
    /// <param name="channels">1 to 8.</param>
    /// <param name="bits">Bits of a sample, 16 or 24.</param>
    /// <param name="frames">Samples of each channel, or -1 where only the end tells.</param>
    public FlacEncoder(Stream stream, int sampleRate, int channels, int bits, long frames)
    {
        _stream = stream;
        _sampleRate = sampleRate;
        _channels = channels;
        _bits = bits;
        _encoder = new FlacBlockEncoder(sampleRate, channels, bits);
#pragma warning disable CA5351 // The format has it, against accidents and not against attacks.
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        _samples = new int[channels][];
        for (int i = 0; i < channels; i++)
        {
            _samples[i] = new int[BlockFrames];
        }

        _bytes = new byte[BlockFrames * channels * (bits / 8)];
        _start = stream.CanSeek ? stream.Position : 0;
        WriteHeaders(Math.Max(0, frames), new byte[16]);
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> samples)
    {
        float scale = 1 << (_bits - 1);
        while (samples.Length > 0)
        {
            int frames = Math.Min(samples.Length / _channels, BlockFrames - _used);
            for (int channel = 0; channel < _channels; channel++)
            {
                Span<int> target = _samples[channel].AsSpan(_used, frames);
                for (int i = 0, j = channel; i < target.Length; i++, j += _channels)
                {
                    target[i] = (int)Math.Clamp(MathF.Round(samples[j] * scale), -scale, scale - 1);
                }
            }

            samples = samples[(frames * _channels)..];
            _used += frames;
            if (_used == BlockFrames)
            {
                WriteBlock();
            }
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        if (_used > 0)
        {
            WriteBlock();
        }

        byte[] md5 = _hash.GetHashAndReset();
        _hash.Dispose();
        if (_stream.CanSeek)
        {
            long end = _stream.Position;
            _stream.Position = _start;
            WriteHeaders(_frames, md5);
            _stream.Position = end;
        }
    }

    private void WriteBlock()
    {
        int sampleBytes = _bits / 8;
        int step = _channels * sampleBytes;
        for (int channel = 0; channel < _channels; channel++)
        {
            ReadOnlySpan<int> samples = _samples[channel].AsSpan(0, _used);
            for (int i = 0, place = channel * sampleBytes; i < samples.Length; i++, place += step)
            {
                BinaryPrimitives.WriteInt16LittleEndian(_bytes.AsSpan(place), (short)samples[i]);
                if (sampleBytes == 3)
                {
                    _bytes[place + 2] = (byte)(samples[i] >> 16);
                }
            }
        }

        _hash.AppendData(_bytes, 0, _used * step);
        ReadOnlySpan<byte> frame = _encoder.Encode(_blocks, _samples, _used);
        if (_blocks % _blocksPerPoint == 0)
        {
            AddPoint();
        }

        _stream.Write(frame);
        _shortest = Math.Min(_shortest, frame.Length);
        _longest = Math.Max(_longest, frame.Length);
        _audioBytes += frame.Length;
        _frames += _used;
        _blocks++;
        _used = 0;
    }

    private void AddPoint()
    {
        if (_points.Count == SeekPoints)
        {
            for (int i = 0; i < SeekPoints / 2; i++)
            {
                _points[i] = _points[2 * i];
            }

            _points.RemoveRange(SeekPoints / 2, SeekPoints / 2);
            _blocksPerPoint *= 2;
            if (_blocks % _blocksPerPoint != 0)
            {
                return;
            }
        }

        _points.Add((_frames, _audioBytes, _used));
    }

    private void WriteHeaders(long frames, byte[] md5)
    {
        bool hasTable = _stream.CanSeek;
        byte[] headers = new byte[InfoStart + FlacStreamInfo.Bytes + (hasTable ? 4 + (SeekPoints * SeekPointBytes) : 0)];
        "fLaC"u8.CopyTo(headers);
        BinaryPrimitives.WriteUInt32BigEndian(headers.AsSpan(4), (hasTable ? 0u : 0x80000000) | FlacStreamInfo.Bytes);
        Span<byte> info = headers.AsSpan(InfoStart);
        BinaryPrimitives.WriteUInt16BigEndian(info, BlockFrames);
        BinaryPrimitives.WriteUInt16BigEndian(info[2..], BlockFrames);
        uint shortest = _longest == 0 ? 0 : (uint)_shortest;
        BinaryPrimitives.WriteUInt64BigEndian(info[4..], ((ulong)shortest << 40) | ((ulong)_longest << 16));
        ulong packed = ((ulong)_sampleRate << 44) | ((ulong)(_channels - 1) << 41) | ((ulong)(_bits - 1) << 36);

        // Lengths have 36 bits, and 0 where they are not known.
        packed |= (ulong)(frames >> 36 == 0 ? frames : 0);
        BinaryPrimitives.WriteUInt64BigEndian(info[10..], packed);
        md5.CopyTo(info[18..]);
        if (hasTable)
        {
            Span<byte> table = info[FlacStreamInfo.Bytes..];
            BinaryPrimitives.WriteUInt32BigEndian(table, 0x83000000 | (SeekPoints * SeekPointBytes));
            table = table[4..];
            for (int i = 0; i < SeekPoints; i++, table = table[SeekPointBytes..])
            {
                // Points that are not used have all bits set in place of a sample.
                (long frame, long place, int count) = i < _points.Count ? _points[i] : (-1, 0, 0);
                BinaryPrimitives.WriteInt64BigEndian(table, frame);
                BinaryPrimitives.WriteInt64BigEndian(table[8..], place);
                BinaryPrimitives.WriteUInt16BigEndian(table[16..], (ushort)count);
            }
        }

        _stream.Write(headers);
    }
}
