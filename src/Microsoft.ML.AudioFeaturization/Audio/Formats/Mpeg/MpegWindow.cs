namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>The bytes of a recording from one place on, in a buffer that follows.</summary>
internal sealed class MpegWindow
{
    private const int BufferBytes = 1 << 16;

    // A walk looks ahead by a frame and a header.
    private const int BytesBefore = 2 * MpegFrameHeader.MaximumFrameBytes;

    private readonly AudioSource _source;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly long _end;
    private long _start;
    private int _length;

    /// <param name="source">The recording.</param>
    /// <param name="end">The byte at which the frames end at the latest.</param>
    public MpegWindow(AudioSource source, long end)
    {
        _source = source;
        _end = end;
        _start = source.Position;
    }

    /// <summary>Bytes at a place; fewer than wanted at the end only.</summary>
    /// <param name="position">
    /// The place; where the recording cannot seek, not further before that of the call before than two frames.
    /// </param>
    /// <param name="count">Bytes, far fewer than the buffer has.</param>
    public ReadOnlySpan<byte> At(long position, int count)
    {
        if (position < _start || position + count > _start + _length)
        {
            Fill(position);
        }

        int first = (int)(position - _start);
        return _buffer.AsSpan(first, Math.Clamp(_length - first, 0, count));
    }

    private void Fill(long position)
    {
        long end = _start + _length;
        if (position < _start || position > end)
        {
            Move(position);
            end = position;
        }

        // The bytes before are kept, for who looks ahead comes back.
        long kept = Math.Max(_start, position - BytesBefore);
        _buffer.AsSpan((int)(kept - _start), (int)(end - kept)).CopyTo(_buffer);
        _start = kept;
        _length = (int)(end - kept);
        int wanted = (int)Math.Clamp(_end - end, 0, _buffer.Length - _length);
        _length += _source.ReadAtLeast(_buffer.AsSpan(_length, wanted), wanted, throwOnEndOfStream: false);
    }

    private void Move(long position)
    {
        if (_source.CanSeek)
        {
            _source.Position = position;
        }
        else
        {
            _source.Skip(position - _source.Position);
        }

        _start = position;
        _length = 0;
    }
}
