using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioFeaturization.Clips;

namespace Microsoft.ML.AudioFeaturization.ClipScoring.Streaming;

/// <summary>Receives a window of a stream.</summary>
/// <param name="start">First sample of the window, counted from the first of the stream.</param>
/// <param name="samples">Samples of the window; they are overwritten by those of the next one.</param>
internal delegate void WindowReceiver(long start, ReadOnlySpan<float> samples);

/// <summary>
/// Windows of a stream that comes in bit by bit, in memory for a window and a hop: they are those of a recording of the same
/// samples. Not safe for use by several threads at once.
/// </summary>
/// <param name="grid">Where windows lie.</param>
/// <param name="reader">Reader that says how many samples a frame needs.</param>
/// <param name="receiver">Receives each window within the call that gives its last sample.</param>
internal sealed class StreamedWindows(WindowGrid grid, WaveformReader reader, WindowReceiver receiver)
{
    // The hop before the window, then the window, of which so many samples are there.
    private readonly float[] _samples = new float[checked(grid.Hop + grid.Length)];
    private int _length;
    private long _start;
    private long _windows;

    /// <summary>Adds the next samples.</summary>
    /// <param name="samples">Any number of finite samples at the model's rate.</param>
    public void Add(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            int taken = Math.Min(samples.Length, grid.Length - _length);
            samples[..taken].CopyTo(_samples.AsSpan(grid.Hop + _length));
            _length += taken;
            samples = samples[taken..];
            if (_length == grid.Length)
            {
                Give(0, grid.Length);
                _samples.AsSpan(grid.Hop).CopyTo(_samples);
                _length -= grid.Hop;
                _start += grid.Hop;
                _windows++;
            }
        }
    }

    /// <summary>Ends the stream, and gives what is left after the last window, as the rule for tails says.</summary>
    public void Finish()
    {
        int rest = _windows == 0 ? _length : _length - (grid.Length - grid.Hop);
        if (_windows == 0 ? reader.HasFrame(_length) : grid.Tail != WindowTail.Drop && rest > grid.Slack)
        {
            bool isShifted = _windows > 0 && grid.Tail == WindowTail.ShiftBack;
            Give(isShifted ? _length - grid.Length : 0, isShifted ? grid.Length : _length);
        }
    }

    private void Give(int offset, int length) =>
        receiver(_start + offset, _samples.AsSpan(grid.Hop + offset, length));
}
