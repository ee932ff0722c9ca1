namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>
/// Bytes of one recording, read only: positions count from its first byte, wherever the stream stood, and the next bytes can
/// be looked at before they are read, also where the stream cannot seek.
/// </summary>
internal sealed class AudioSource : Stream
{
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly long _origin;
    private byte[] _ahead = [];
    private int _aheadStart;
    private int _aheadEnd;
    private long _position;

    /// <param name="stream">The recording, from its position on.</param>
    /// <param name="name">Name of the recording in messages: its path, or "stream" and the like.</param>
    /// <param name="leaveOpen">Whether the stream outlives the source.</param>
    public AudioSource(Stream stream, string name, bool leaveOpen)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        _origin = stream.CanSeek ? stream.Position : 0;
        Name = name;
    }

    /// <summary>Name of the recording in messages: its path, or "stream" and the like.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => _stream.CanSeek;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _stream.Length - _origin;

    /// <summary>The number of bytes, or -1 where the stream cannot seek.</summary>
    public long KnownLength => CanSeek ? Length : -1;

    /// <summary>The next byte, counted from the recording's first. It can be set where the stream can seek.</summary>
    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            long ahead = _aheadStart + (value - _position);
            if (ahead >= 0 && ahead <= _aheadEnd)
            {
                _aheadStart = (int)ahead;
            }
            else
            {
                _stream.Position = _origin + value;
                _aheadStart = 0;
                _aheadEnd = 0;
            }

            _position = value;
        }
    }

    /// <summary>Copies the next bytes and stays where it is.</summary>
    /// <param name="bytes">Room for the bytes.</param>
    /// <returns>How many there are; fewer than there is room for at the end only.</returns>
    public int Peek(Span<byte> bytes)
    {
        Fill(bytes.Length);
        int count = Math.Min(bytes.Length, _aheadEnd - _aheadStart);
        _ahead.AsSpan(_aheadStart, count).CopyTo(bytes);
        return count;
    }

    /// <summary>Moves on by a number of bytes, or to the end, seeking where the stream can.</summary>
    /// <param name="count">Bytes to leave out; at least 0.</param>
    /// <returns>How many were left out.</returns>
    public long Skip(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (CanSeek)
        {
            long possible = Math.Min(count, Math.Max(0, Length - _position));
            Position += possible;
            return possible;
        }

        Span<byte> sink = stackalloc byte[4096];
        long skipped = 0;
        while (skipped < count)
        {
            int read = Read(sink[..(int)Math.Min(count - skipped, sink.Length)]);
            if (read == 0)
            {
                break;
            }

            skipped += read;
        }

        return skipped;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = Math.Min(buffer.Length, _aheadEnd - _aheadStart);
        if (read > 0)
        {
            _ahead.AsSpan(_aheadStart, read).CopyTo(buffer);
            _aheadStart += read;
        }
        else
        {
            // What was looked at lies before the bytes that are read here, and is not told from them by its place.
            _ahead = [];
            _aheadStart = 0;
            _aheadEnd = 0;
            read = _stream.Read(buffer);
        }

        _position += read;
        return read;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("A recording is only read.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A recording is only read.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_leaveOpen)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Fill(int count)
    {
        int kept = _aheadEnd - _aheadStart;
        if (kept >= count)
        {
            return;
        }

        byte[] bytes = new byte[count];
        _ahead.AsSpan(_aheadStart, kept).CopyTo(bytes);
        _ahead = bytes;
        _aheadStart = 0;
        _aheadEnd = kept + _stream.ReadAtLeast(bytes.AsSpan(kept), count - kept, throwOnEndOfStream: false);
    }
}
