using Microsoft.ML.AudioFeaturization.Windowing;

namespace Microsoft.ML.AudioFeaturization.ClipEmbeddings;

/// <summary>
/// The <see cref="EmbeddingWindows"/> of a waveform that comes as a stream of unknown length, longer than a window, in memory for
/// two windows and a hop. Not safe for use by several threads at once.
/// </summary>
/// <param name="windows">Length and hop.</param>
/// <param name="read">Reads the samples.</param>
internal sealed class CenteredWindows(EmbeddingWindows windows, SampleReader read)
{
    private readonly float[] _buffer = new float[checked((2 * windows.Length) + 2)];
    private readonly int _half = windows.Length / 2;
    private long _start;
    private int _count;
    private long _window;
    private bool _ended;

    /// <summary>Fills the samples of the next window; beyond its ends, the waveform is mirrored.</summary>
    /// <param name="samples">As many samples as a window has; filled.</param>
    /// <returns>Whether there is one more window.</returns>
    public bool Next(Span<float> samples)
    {
        long first = (_window * windows.Hop) - _half;
        Fill(Math.Max(0, first - 1), Math.Max(first + windows.Length, _half + 1));
        long end = _ended ? _start + _count : long.MaxValue / 4;
        if (first + windows.Length > end + _half)
        {
            return false;
        }

        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = _buffer[(int)(EmbeddingWindows.Mirrored(first + i, end) - _start)];
        }

        _window++;
        return true;
    }

    // Reads to a sample, and keeps those from another on: a mirror image at the end begins there at the earliest.
    private void Fill(long from, long to)
    {
        while (!_ended && _start + _count < to)
        {
            int dropped = (int)Math.Min(Math.Max(0, from - _start), _count);
            _buffer.AsSpan(dropped, _count - dropped).CopyTo(_buffer);
            _start += dropped;
            _count -= dropped;
            int wanted = (int)Math.Min(_buffer.Length - _count, to - _start - _count);
            int taken = read(_buffer.AsSpan(_count, wanted));
            _count += taken;
            _ended = taken < wanted;
        }
    }
}
