using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>Decoder of the events of one class, frame by frame; it holds the frames of one median window.</summary>
internal sealed class ClassEventDecoder
{
    private readonly double _threshold;
    private readonly int _half;
    private readonly MedianFilterBoundary _boundary;
    private readonly long _minimumGap;
    private readonly long _minimumDuration;

    // The latest frames: one median window, and the frame that has just left it.
    private readonly float[] _recent;
    private long _received;
    private long _decided;
    private int _activeInWindow;

    // Sum of the presence over the decided frames, and the event that goes on or that a short gap may continue.
    private double _presenceSum;
    private bool _isActive;
    private ActiveFrames? _last;

    public ClassEventDecoder(EventDecodingOptions options, int label, double secondsPerFrame)
    {
        _threshold = EventDecodingOptions.ForClass(options.Thresholds, label);
        _half = EventDecodingOptions.ForClass(options.MedianFilterFrames, label) / 2;
        _boundary = options.MedianFilterBoundary;
        _minimumGap = Frames(Math.Max(
            EventDecodingOptions.ForClass(options.MinimumGaps, label),
            EventDecodingOptions.ForClass(options.OnsetMargins, label)
                + EventDecodingOptions.ForClass(options.OffsetMargins, label)));
        _minimumDuration = Frames(EventDecodingOptions.ForClass(options.MinimumDurations, label));
        _recent = new float[2 * _half + 2];

        // 1e-6 keeps a duration that is a whole number of frames, but for rounding, from being rounded up.
        long Frames(double seconds) => (long)Math.Ceiling(seconds / secondsPerFrame - 1e-6);
    }

    /// <summary>Adds a frame.</summary>
    /// <returns>The event that has ended, or null.</returns>
    public FrameSpan? Add(float presence)
    {
        _recent[_received % _recent.Length] = presence;
        _received++;
        return _received > _half ? Decide() : null;
    }

    /// <summary>Takes one step towards the end of the clip; called until it returns false.</summary>
    /// <param name="span">The event that has ended, or null.</param>
    /// <returns>Whether there was a step to take.</returns>
    public bool Finish(out FrameSpan? span)
    {
        if (_decided < _received)
        {
            span = Decide();
            return true;
        }

        if (_isActive)
        {
            Stop();
        }

        span = TakeLast();
        return span is not null;
    }

    /// <summary>Frame that stands for one beyond the ends of a clip; -1 for none.</summary>
    /// <param name="frame">A frame before, within or after the clip.</param>
    /// <param name="frameCount">Frames of the clip.</param>
    /// <param name="boundary">Boundary of the median filter.</param>
    internal static long FrameWithin(long frame, long frameCount, MedianFilterBoundary boundary)
    {
        if (frame >= 0 && frame < frameCount)
        {
            return frame;
        }

        if (boundary == MedianFilterBoundary.Zero)
        {
            return -1;
        }

        // Mirrored at the outer edge of the first and the last frame, as often as needed.
        long period = 2 * frameCount;
        long phase = ((frame % period) + period) % period;
        return Math.Min(phase, period - 1 - phase);
    }

    /// <summary>Decides by the median whether the class is active in the next frame.</summary>
    private FrameSpan? Decide()
    {
        if (_decided == 0)
        {
            _activeInWindow = 0;
            for (long frame = -_half; frame <= _half; frame++)
            {
                _activeInWindow += IsActive(frame);
            }
        }
        else
        {
            _activeInWindow += IsActive(_decided + _half) - IsActive(_decided - _half - 1);
        }

        FrameSpan? over = null;
        bool isActive = _activeInWindow > _half;
        if (isActive && !_isActive)
        {
            over = Start();
        }
        else if (!isActive && _isActive)
        {
            Stop();
        }
        else if (!isActive && _last is ActiveFrames last && _decided - last.Offset >= _minimumGap)
        {
            over = TakeLast();
        }

        _isActive = isActive;
        _presenceSum += _recent[_decided % _recent.Length];
        _decided++;
        return over;
    }

    /// <summary>1 if the presence of a frame, before, within or after the clip, is above the threshold, else 0.</summary>
    private int IsActive(long frame)
    {
        long within = FrameWithin(frame, _received, _boundary);
        return (within < 0 ? 0 : _recent[within % _recent.Length]) > _threshold ? 1 : 0;
    }

    /// <summary>Starts an event, or continues the last one if the gap is too short.</summary>
    private FrameSpan? Start()
    {
        if (_last is ActiveFrames last && _decided - last.Offset < _minimumGap)
        {
            return null;
        }

        FrameSpan? over = TakeLast();
        _last = new ActiveFrames(_decided, _decided, _presenceSum, _presenceSum);
        return over;
    }

    private void Stop()
    {
        _isActive = false;
        _last = _last!.Value with { Offset = _decided, SumAtOffset = _presenceSum };
    }

    private FrameSpan? TakeLast()
    {
        ActiveFrames? taken = _last;
        _last = null;
        return taken is ActiveFrames last && last.Offset - last.Onset >= _minimumDuration
            ? new FrameSpan(
                last.Onset, last.Offset, (last.SumAtOffset - last.SumAtOnset) / (last.Offset - last.Onset))
            : null;
    }

    private readonly record struct ActiveFrames(long Onset, long Offset, double SumAtOnset, double SumAtOffset);
}
