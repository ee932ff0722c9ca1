namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>Where the frames of a signal lie. The signal is the waveform after pre-emphasis.</summary>
internal sealed class FrameGeometry
{
    /// <summary>The length of a signal whose end is not known yet.</summary>
    public const long Unknown = long.MaxValue / 4;

    private readonly FrameAlignment _alignment;
    private readonly EdgePadding _padding;
    private readonly int _window;
    private readonly int _hop;
    private readonly int _fft;

    public FrameGeometry(LogMelOptions options)
    {
        _alignment = options.Alignment;
        _padding = options.Padding;
        _window = options.WindowLength;
        _hop = options.HopLength;
        _fft = options.EffectiveFftSize;
        LeftPadding = _alignment switch
        {
            FrameAlignment.Inside => 0,
            FrameAlignment.Centered => (_fft / 2) - ((_fft - _window) / 2),
            _ => (_window / 2) - (_hop / 2),
        };
    }

    /// <summary>How far the first frame reaches before the first sample; negative if it begins behind it.</summary>
    public int LeftPadding { get; }

    /// <summary>The first sample of a frame.</summary>
    public long Start(long frame) => (frame * _hop) - LeftPadding;

    /// <summary>The frames of a signal.</summary>
    public long Count(long length) => length < 1 ? 0 : _alignment switch
    {
        FrameAlignment.Inside => length < _window ? 0 : 1 + ((length - _window) / _hop),
        FrameAlignment.Centered => 1 + ((length + (2 * (_fft / 2)) - _fft) / _hop),
        _ => (length + (_hop / 2)) / _hop,
    };

    /// <summary>The frames that can be taken before more than <paramref name="length"/> samples are known.</summary>
    public long CountBeforeEnd(long length)
    {
        // A frame at the start also needs the samples that it mirrors.
        long mirrored = Math.Max(0, LeftPadding) + 1;
        long inside = length - _window + LeftPadding;
        return length < mirrored || inside < 0 ? 0 : 1 + (inside / _hop);
    }

    /// <summary>The shortest signal of whose beginning so many frames are taken, whatever follows.</summary>
    /// <param name="frames">At least 1.</param>
    public long LengthBeforeEnd(long frames) =>
        Math.Max(Math.Max(0, LeftPadding) + 1L, ((frames - 1) * _hop) + _window - LeftPadding);

    /// <summary>Which sample stands at an index that may lie beyond the ends, or -1 for a zero.</summary>
    public long Fold(long index, long length)
    {
        if (index >= 0 && index < length)
        {
            return index;
        }

        switch (_padding)
        {
            case EdgePadding.Zero:
                return -1;
            case EdgePadding.Edge:
                return index < 0 ? 0 : length - 1;
            case EdgePadding.Symmetric:
            {
                long place = Modulo(index, 2 * length);
                return place < length ? place : (2 * length) - 1 - place;
            }

            default:
            {
                long period = Math.Max(1, 2 * (length - 1));
                long place = Modulo(index, period);
                return place < length ? place : period - place;
            }
        }
    }

    private static long Modulo(long value, long period) => ((value % period) + period) % period;
}
