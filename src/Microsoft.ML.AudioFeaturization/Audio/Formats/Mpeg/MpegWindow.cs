namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>The bytes of a recording from one place on, in a buffer that follows.</summary>
internal sealed class MpegWindow
{
    private const int BufferBytes = 1 << 16;

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
    /// <param name="position">The place; where the recording cannot seek, not before that of the call before.</param>
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
        int kept = (int)Math.Clamp(_start + _length - position, 0, _length);
        if (position >= _start && kept > 0)
        {
            _buffer.AsSpan(_length - kept, kept).CopyTo(_buffer);
        }
        else
        {
            kept = 0;
            if (_source.CanSeek)
            {
                _source.Position = position;
            }
            else
            {
                _source.Skip(position - _source.Position);
            }
        }

        _start = position;
        int wanted = (int)Math.Clamp(_end - position - kept, 0, _buffer.Length - kept);
        _length = kept + _source.ReadAtLeast(_buffer.AsSpan(kept, wanted), wanted, throwOnEndOfStream: false);
    }
}
