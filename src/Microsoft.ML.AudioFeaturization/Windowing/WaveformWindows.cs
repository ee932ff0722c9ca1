namespace Microsoft.ML.AudioFeaturization.Windowing;

/// <summary>Reads the next samples of a recording.</summary>
/// <param name="samples">Room for the samples.</param>
/// <returns>How many; fewer than there is room for at the end only.</returns>
internal delegate int SampleReader(Span<float> samples);

/// <summary>
/// The windows of one recording after the other, whose samples come as a stream of unknown length: they are those of
/// <see cref="WindowGrid"/>, in memory for a window and a hop. Not safe for use by several threads at once.
/// </summary>
/// <param name="grid">Where windows lie.</param>
internal sealed class WaveformWindows(WindowGrid grid)
{
    // The samples from the last window's start on: a window that is shifted back may begin there.
    private readonly float[] _buffer = new float[checked(grid.Length + grid.Hop)];
    private SampleReader? _read;
    private long _bufferStart;
    private int _bufferLength;
    private long _window;
    private bool _ended;
    private int _offset;
    private int _length;

    /// <summary>The first sample of the current window.</summary>
    public long Start => _bufferStart + _offset;

    /// <summary>The samples of the current window: as many as the grid's, or fewer in the last one.</summary>
    public ReadOnlySpan<float> Samples => _buffer.AsSpan(_offset, _length);

    /// <summary>Begins a recording.</summary>
    /// <param name="read">Reads its samples.</param>
    public void Begin(SampleReader read)
    {
        _read = read;
        (_bufferStart, _bufferLength, _window, _ended, _offset, _length) = (0, 0, 0, false, 0, 0);
    }

    /// <summary>Begins a recording that is in memory.</summary>
    /// <param name="waveform">All of its samples.</param>
    public void Begin(ReadOnlyMemory<float> waveform) => Begin(ReaderOf(waveform));

    /// <summary>Reader of a recording that is in memory.</summary>
    public static SampleReader ReaderOf(ReadOnlyMemory<float> waveform) => samples =>
    {
        int count = Math.Min(samples.Length, waveform.Length);
        waveform.Span[..count].CopyTo(samples);
        waveform = waveform[count..];
        return count;
    };

    /// <summary>Moves to the next window.</summary>
    /// <returns>Whether there is one; a recording without a sample has none.</returns>
    public bool MoveNext()
    {
        if (_read is null)
        {
            return false;
        }

        long start = _window * grid.Hop;
        Fill(start);
        _offset = (int)(start - _bufferStart);
        if (_bufferStart + _bufferLength >= start + grid.Length)
        {
            _length = grid.Length;
            _window++;
            return true;
        }

        // The recording ends before the end of a whole window.
        _read = null;
        return _window == 0 ? MoveTo(0) : HasTail(start) && MoveTo(TailOffset());
    }

    private bool HasTail(long start)
    {
        long rest = _bufferStart + _bufferLength - (start - grid.Hop + grid.Length);
        return grid.Tail != WindowTail.Drop && rest > grid.Slack;
    }

    private int TailOffset() => grid.Tail == WindowTail.ShiftBack ? _bufferLength - grid.Length : _offset;

    private bool MoveTo(int offset)
    {
        (_offset, _length) = (offset, _bufferLength - offset);
        return _length > 0;
    }

    // Keeps the hop before the window, and reads to the window's end.
    private void Fill(long start)
    {
        int dropped = (int)Math.Max(0, Math.Min(start - grid.Hop - _bufferStart, _bufferLength));
        _buffer.AsSpan(dropped, _bufferLength - dropped).CopyTo(_buffer);
        _bufferStart += dropped;
        _bufferLength -= dropped;
        int missing = (int)(start + grid.Length - _bufferStart) - _bufferLength;
        if (missing > 0 && !_ended)
        {
            int read = _read!(_buffer.AsSpan(_bufferLength, missing));
            _ended = read < missing;
            _bufferLength += read;
        }
    }
}
