using System.Buffers;
using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>Decodes a file of plain samples or of small blocks (WAV, AIFF, AU, CAF).</summary>
internal sealed class SampleReader : AudioDecoder
{
    private const int BufferBytes = 1 << 16;

    private readonly SampleLayout _layout;
    private readonly BlockCoding _coding;
    private readonly long _frames;
    private readonly int _blockBytes;
    private byte[] _bytes;

    // Frames of a block that are decoded and not given yet; codings with one frame a block need none.
    private float[] _block = [];
    private int _blockStart;
    private int _blockEnd;
    private DamagedAudioException? _damage;
    private bool _toldEnd;

    /// <param name="source">The file; it is moved to the first sample.</param>
    /// <param name="layout">What its headers say.</param>
    public SampleReader(AudioSource source, SampleLayout layout)
        : base(source)
    {
        _layout = layout;
        _coding = layout.Coding;
        if (source.CanSeek)
        {
            source.Position = Math.Min(layout.DataStart, source.Length);
        }

        long available = source.CanSeek ? Math.Max(0, source.Length - layout.DataStart) : long.MaxValue;
        long bytes = Math.Min(available, layout.DataLength);
        _frames = bytes == long.MaxValue ? long.MaxValue : Math.Min(layout.Frames, _coding.FramesIn(bytes));
        Info = new AudioInfo(
            $"{layout.Format}, {_coding.Name}", layout.SampleRate, layout.Channels, source.CanSeek ? _frames : -1);

        // A header of many channels claims blocks that are longer than the file.
        _blockBytes = (int)Math.Min(_coding.BlockBytes, bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(BufferBytes, _blockBytes));
        if (_coding is not PlainCoding)
        {
            long most = bytes == long.MaxValue ? bytes : _coding.FramesIn(bytes);
            _block = ArrayPool<float>.Shared.Rent((int)Math.Min(_coding.BlockFrames, most) * layout.Channels);
        }
    }

    /// <inheritdoc/>
    public override AudioInfo Info { get; }

    /// <inheritdoc/>
    public override bool HasExactLength => true;

    /// <inheritdoc/>
    public override int Read(Span<float> interleaved)
    {
        int channels = _layout.Channels;
        int total = 0;
        while (interleaved.Length >= channels && Position < _frames)
        {
            int frames = _coding is PlainCoding ? ReadPlain(interleaved) : ReadBlock(interleaved, mayThrow: total == 0);
            if (frames == 0)
            {
                break;
            }

            interleaved = interleaved[(frames * channels)..];
            total += frames;
            Position += frames;
        }

        if (total == 0 && interleaved.Length >= channels && _damage is null)
        {
            CheckEnd();
        }

        return total;
    }

    /// <inheritdoc/>
    public override void SkipTo(long frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, Position);
        frame = Math.Min(frame, _frames);
        int kept = (int)Math.Min(_blockEnd - _blockStart, frame - Position);
        _blockStart += kept;
        Position += kept;
        if (Position == frame)
        {
            return;
        }

        // A new block begins here.
        _damage = null;
        long blocks = (frame - Position) / _coding.BlockFrames;
        Position += Source.Skip(blocks * _coding.BlockBytes) / _coding.BlockBytes * _coding.BlockFrames;
        if (Position < frame && frame - Position < _coding.BlockFrames && LoadBlock() > 0)
        {
            kept = (int)Math.Min(_blockEnd, frame - Position);
            _blockStart = kept;
            Position += kept;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        byte[] bytes = Interlocked.Exchange(ref _bytes, []);
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        float[] block = Interlocked.Exchange(ref _block, []);
        if (block.Length > 0)
        {
            ArrayPool<float>.Shared.Return(block);
        }

        base.Dispose();
    }

    private int ReadPlain(Span<float> interleaved)
    {
        int channels = _layout.Channels;
        int frameBytes = _coding.BlockBytes;
        int wanted = (int)Math.Min(Math.Min(interleaved.Length / channels, _bytes.Length / frameBytes), _frames - Position);
        Span<byte> bytes = _bytes.AsSpan(0, wanted * frameBytes);
        int frames = Source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) / frameBytes;
        _coding.Decode(bytes[..(frames * frameBytes)], interleaved[..(frames * channels)]);
        return frames;
    }

    private int ReadBlock(Span<float> interleaved, bool mayThrow)
    {
        if (_blockStart == _blockEnd && LoadBlock() == 0)
        {
            return 0;
        }

        if (_damage is { } damage)
        {
            // The frames before the damage are given first, and silence for the block when they are asked for again.
            if (mayThrow)
            {
                _damage = null;
                throw damage;
            }

            return 0;
        }

        int channels = _layout.Channels;
        int frames = (int)Math.Min(Math.Min(interleaved.Length / channels, _blockEnd - _blockStart), _frames - Position);
        _block.AsSpan(_blockStart * channels, frames * channels).CopyTo(interleaved);
        _blockStart += frames;
        return frames;
    }

    private int LoadBlock()
    {
        Span<byte> bytes = _bytes.AsSpan(0, _blockBytes);
        if (_layout.DataLength != long.MaxValue)
        {
            bytes = bytes[..(int)Math.Clamp(_layout.DataStart + _layout.DataLength - Source.Position, 0, bytes.Length)];
        }

        bytes = bytes[..Source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        int frames = bytes.Length == _coding.BlockBytes ? _coding.BlockFrames : _coding.FramesOfPart(bytes.Length);
        _blockStart = 0;
        _blockEnd = frames;
        if (frames > 0)
        {
            Span<float> samples = _block.AsSpan(0, frames * _layout.Channels);
            if (_coding.Decode(bytes, samples) is { } wrong)
            {
                samples.Clear();
                _damage = new DamagedAudioException(Name, (double)Position / _layout.SampleRate, wrong);
            }
        }

        return frames;
    }

    private string Seconds(long frames) =>
        ((double)frames / _layout.SampleRate).ToString("0.###", CultureInfo.InvariantCulture);

    // Nothing is left: as promised, or because the file is cut.
    private void CheckEnd()
    {
        long promised = _layout.DataLength == long.MaxValue
            ? 0
            : Math.Min(_layout.Frames, _coding.FramesIn(_layout.DataLength));
        if (_toldEnd || Position >= promised)
        {
            return;
        }

        _toldEnd = true;
        throw new DamagedAudioException(
            Name,
            (double)Position / _layout.SampleRate,
            $"the file ends after {Position} samples, expected {promised} ({Seconds(promised)} s) as its header says");
    }
}
