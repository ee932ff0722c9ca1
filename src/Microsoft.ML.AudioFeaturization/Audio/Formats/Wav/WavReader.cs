using System.Buffers;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

/// <summary>Decodes a WAV file block by block.</summary>
internal sealed class WavReader : AudioDecoder
{
    private const int BlockBytes = 1 << 16;

    private readonly WavHeader _header;
    private readonly int _frameBytes;
    private readonly long _frames;
    private byte[] _block;

    /// <param name="source">The file, at its first byte.</param>
    public WavReader(AudioSource source)
        : base(source)
    {
        _header = WavHeader.Read(source);
        _frameBytes = _header.Channels * _header.SampleBytes;
        long available = source.CanSeek ? Math.Max(0, source.Length - _header.DataStart) : long.MaxValue;
        bool unknown = Math.Min(available, _header.DataLength) == long.MaxValue;
        _frames = Math.Min(available, _header.DataLength) / _frameBytes;
        Info = new AudioInfo(
            _header.Description, _header.SampleRate, _header.Channels, unknown || !source.CanSeek ? -1 : _frames);
        _block = ArrayPool<byte>.Shared.Rent(Math.Max(BlockBytes, _frameBytes));
    }

    /// <inheritdoc/>
    public override AudioInfo Info { get; }

    /// <inheritdoc/>
    public override bool HasExactLength => true;

    /// <inheritdoc/>
    public override int Read(Span<float> interleaved)
    {
        int channels = _header.Channels;
        int total = 0;
        while (interleaved.Length >= channels && Position < _frames)
        {
            int room = Math.Min(interleaved.Length / channels, _block.Length / _frameBytes);
            long wanted = Math.Min(room, _frames - Position);
            int bytes = Source.ReadAtLeast(
                _block.AsSpan(0, (int)wanted * _frameBytes), (int)wanted * _frameBytes, throwOnEndOfStream: false);
            int frames = bytes / _frameBytes;
            SampleConverter.ToSingle(_header.Encoding, _block, interleaved[..(frames * channels)]);
            interleaved = interleaved[(frames * channels)..];
            total += frames;
            Position += frames;
            if (frames < wanted)
            {
                break;
            }
        }

        return total;
    }

    /// <inheritdoc/>
    public override void SkipTo(long frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, Position);
        long bytes = (Math.Min(frame, _frames) - Position) * _frameBytes;
        Position += Source.Skip(bytes) / _frameBytes;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        byte[] block = Interlocked.Exchange(ref _block, []);
        if (block.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        base.Dispose();
    }
}
