namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Reads the events of one class off its presence, frame by frame, with memory for one median window.</summary>
internal sealed class ClassEventDecoder
{
    private readonly double _threshold;
    private readonly int _half;
    private readonly MedianFilterBoundary _boundary;
    private readonly long _minimumGap;
    private readonly long _minimumDuration;

    // The latest frames, as many as one window and the frame that it has just left.
    private readonly float[] _recent;
    private long _received;
    private long _decided;
    private int _heardInWindow;

    // The sum of presence over the decided frames, and the event that is heard or may yet be continued.
    private double _presenceSum;
    private bool _heard;
    private HeardFrames? _last;

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

        // A length that is a whole number of frames but for rounding is that number.
        long Frames(double seconds) => (long)Math.Ceiling(seconds / secondsPerFrame - 1e-6);
    }

    /// <summary>Adds a frame; returns the event that is thereby known to be over, if any.</summary>
    public FrameSpan? Add(float presence)
    {
        _recent[_received % _recent.Length] = presence;
        _received++;
        return _received > _half ? Decide() : null;
    }

    /// <summary>
    /// Goes one step on towards the end of the clip; returns whether there was a step to go, and the event that is
    /// thereby known to be over, if any.
    /// </summary>
    public bool Finish(out FrameSpan? span)
    {
        if (_decided < _received)
        {
            span = Decide();
            return true;
        }

        if (_heard)
        {
            Stop();
        }

        span = TakeLast();
        return span is not null;
    }

    /// <summary>Decides by the median whether the class is heard in the next frame.</summary>
    private FrameSpan? Decide()
    {
        if (_decided == 0)
        {
            _heardInWindow = 0;
            for (long frame = -_half; frame <= _half; frame++)
            {
                _heardInWindow += IsHeard(frame);
            }
        }
        else
        {
            _heardInWindow += IsHeard(_decided + _half) - IsHeard(_decided - _half - 1);
        }

        FrameSpan? over = null;
        bool heard = _heardInWindow > _half;
        if (heard && !_heard)
        {
            over = Start();
        }
        else if (!heard && _heard)
        {
            Stop();
        }
        else if (!heard && _last is HeardFrames last && _decided - last.Offset >= _minimumGap)
        {
            over = TakeLast();
        }

        _heard = heard;
        _presenceSum += _recent[_decided % _recent.Length];
        _decided++;
        return over;
    }

    private int IsHeard(long frame)
    {
        long within = MedianFilter.Within(frame, _received, _boundary);
        return (within < 0 ? 0 : _recent[within % _recent.Length]) > _threshold ? 1 : 0;
    }

    /// <summary>Starts an event, or goes on with the last one if the gap is too short.</summary>
    private FrameSpan? Start()
    {
        if (_last is HeardFrames last && _decided - last.Offset < _minimumGap)
        {
            return null;
        }

        FrameSpan? over = TakeLast();
        _last = new HeardFrames(_decided, _decided, _presenceSum, _presenceSum);
        return over;
    }

    private void Stop()
    {
        _heard = false;
        _last = _last!.Value with { Offset = _decided, SumAtOffset = _presenceSum };
    }

    private FrameSpan? TakeLast()
    {
        HeardFrames? taken = _last;
        _last = null;
        return taken is HeardFrames last && last.Offset - last.Onset >= _minimumDuration
            ? new FrameSpan(
                last.Onset, last.Offset, (last.SumAtOffset - last.SumAtOnset) / (last.Offset - last.Onset))
            : null;
    }

    private readonly record struct HeardFrames(long Onset, long Offset, double SumAtOnset, double SumAtOffset);
}
