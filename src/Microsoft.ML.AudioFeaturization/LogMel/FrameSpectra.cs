using System.Numerics;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>From the samples of a batch of frames to their power spectra.</summary>
internal abstract unsafe class FrameSpectra
{
    /// <summary>Bins of a spectrum.</summary>
    public abstract int Bins { get; }

    /// <summary>In single or double precision, as the options say.</summary>
    public static FrameSpectra Create(LogMelOptions options) =>
        options.DoublePrecision ? new FrameSpectra<double>(options) : new FrameSpectra<float>(options);

    /// <summary>A buffer for <see cref="Run"/>.</summary>
    public abstract object CreateBuffer();

    /// <summary>Windows and transforms a batch.</summary>
    /// <param name="rows">
    /// Row r holds the signal's samples r, r + hop, r + 2 hop, ... from the first frame's start on, so that lane l of a load at
    /// column i / hop of row i % hop is sample i of frame l.
    /// </param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="buffer">Made by <see cref="CreateBuffer"/>.</param>
    /// <param name="power">(<see cref="Bins"/>, <see cref="Lanes.Count"/>).</param>
    public abstract void Run(float* rows, int stride, object buffer, float* power);
}

/// <inheritdoc/>
/// <typeparam name="T">The precision.</typeparam>
internal sealed unsafe class FrameSpectra<T> : FrameSpectra
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly LaneFft<T> _fft;
    private readonly AlignedBuffer<T> _window;
    private readonly int _hop;
    private readonly bool _removeOffset;
    private readonly T _preEmphasis;

    public FrameSpectra(LogMelOptions options)
    {
        _fft = new LaneFft<T>(options.EffectiveFftSize);
        _hop = options.HopLength;
        _removeOffset = options.RemoveDcOffset;
        _preEmphasis = options.PreEmphasisKind == PreEmphasisKind.Frame ? T.CreateTruncating(options.PreEmphasis) : T.Zero;
        double[] window = WindowTable.Create(
            options.Window, options.WindowLength, options.PeriodicWindow, options.WindowExponent);
        _window = new AlignedBuffer<T>(window.Length);
        for (int i = 0; i < window.Length; i++)
        {
            _window.Pointer[i] = T.CreateTruncating(window[i] * _fft.InputScale);
        }
    }

    /// <inheritdoc/>
    public override int Bins => _fft.Bins;

    /// <inheritdoc/>
    public override object CreateBuffer() => new AlignedBuffer<T>(_fft.BufferLength);

    /// <inheritdoc/>
    public override void Run(float* rows, int stride, object buffer, float* power)
    {
        var frames = (AlignedBuffer<T>)buffer;
        for (int lane = 0; lane < Lanes.Count; lane += Vector512<T>.Count)
        {
            // Samples of the even length's complex pairs follow one another; an odd length leaves room for imaginary parts.
            int step = (_fft.IsPacked ? 1 : 2) * Vector512<T>.Count;
            frames.Span.Clear();
            if (_removeOffset || _preEmphasis != T.Zero)
            {
                WindowEmphasized(rows + lane, stride, frames.Pointer, step);
            }
            else
            {
                Window(rows + lane, stride, frames.Pointer, step);
            }

            _fft.Power(frames.Pointer, power + lane, Lanes.Count);
        }
    }

    private void Window(float* rows, int stride, T* target, int step)
    {
        int length = _window.Length;
        T* window = _window.Pointer;
        for (int column = 0; column * _hop < length; column++)
        {
            int count = Math.Min(_hop, length - (column * _hop));
            float* source = rows + column;
            for (int row = 0; row < count; row++)
            {
                (Lanes.Load<T>(source) * Vector512.Create(*window++)).Store(target);
                source += stride;
                target += step;
            }
        }
    }

    // Kaldi's order: the frame's mean, then pre-emphasis with the first sample before itself, then the window.
    private void WindowEmphasized(float* rows, int stride, T* target, int step)
    {
        int length = _window.Length;
        T* window = _window.Pointer;
        Vector512<T> level = _removeOffset ? Lanes.Load<T>(rows) : Vector512<T>.Zero;
        Vector512<T> mean = _removeOffset ? Mean(rows, stride, level) : Vector512<T>.Zero;
        Vector512<T> coefficient = Vector512.Create(-_preEmphasis);
        Vector512<T> previous = Lanes.Load<T>(rows) - level - mean;
        for (int column = 0; column * _hop < length; column++)
        {
            int count = Math.Min(_hop, length - (column * _hop));
            float* source = rows + column;
            for (int row = 0; row < count; row++)
            {
                Vector512<T> sample = Lanes.Load<T>(source) - level - mean;
                (Lanes.MultiplyAdd(previous, coefficient, sample) * Vector512.Create(*window++)).Store(target);
                previous = sample;
                source += stride;
                target += step;
            }
        }
    }

    // The mean above a level near it, here the first sample, keeps digits that a large offset would cost.
    private Vector512<T> Mean(float* rows, int stride, Vector512<T> level)
    {
        int length = _window.Length;
        Vector512<T> sum = Vector512<T>.Zero;
        for (int column = 0; column * _hop < length; column++)
        {
            int count = Math.Min(_hop, length - (column * _hop));
            float* source = rows + column;
            Vector512<T> even = Vector512<T>.Zero;
            Vector512<T> odd = Vector512<T>.Zero;
            for (int row = 0; row < count - 1; row += 2)
            {
                even += Lanes.Load<T>(source) - level;
                odd += Lanes.Load<T>(source + stride) - level;
                source += 2 * stride;
            }

            sum += even + odd + (count % 2 == 1 ? Lanes.Load<T>(source) - level : Vector512<T>.Zero);
        }

        return sum / Vector512.Create(T.CreateTruncating(length));
    }
}
