using System.Numerics;
using System.Runtime.Intrinsics;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>From the samples of a batch of frames to their power spectra.</summary>
internal abstract unsafe class FrameSpectra
{
    /// <summary>Bins of a spectrum.</summary>
    public abstract int Bins { get; }

    /// <summary>In single or double precision, as the options say.</summary>
    /// <param name="options">The options.</param>
    /// <param name="stride">From one row of <see cref="Run"/>'s rows to the next.</param>
    public static FrameSpectra Create(LogMelOptions options, int stride) => options.DoublePrecision
        ? Create<double>(options, stride)
        : Create<float>(options, stride);

    /// <summary>A buffer for <see cref="Run"/>.</summary>
    public abstract object CreateBuffer();

    /// <summary>Windows and transforms a batch.</summary>
    /// <param name="rows">
    /// Row r holds the signal's samples r, r + hop, r + 2 hop, ... from the first frame's start on, so that lane l of a
    /// load at column i / hop of row i % hop is sample i of frame l.
    /// </param>
    /// <param name="buffer">Made by <see cref="CreateBuffer"/>.</param>
    /// <param name="power">(<see cref="Bins"/>, <see cref="Lanes.Count"/>).</param>
    public abstract void Run(float* rows, object buffer, float* power);

    // By the widest vectors that the processor has.
    private static FrameSpectra Create<T>(LogMelOptions options, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return new FrameSpectra<Lanes512<T>, T>(options, stride);
        }

        return Vector256.IsHardwareAccelerated
            ? new FrameSpectra<Lanes256<T>, T>(options, stride)
            : new FrameSpectra<Lanes128<T>, T>(options, stride);
    }
}

/// <inheritdoc/>
/// <typeparam name="TLanes">The vectors.</typeparam>
/// <typeparam name="T">The precision.</typeparam>
internal sealed unsafe class FrameSpectra<TLanes, T> : FrameSpectra
    where TLanes : unmanaged, ILanes<TLanes, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly LaneFft<TLanes, T> _fft;
    private readonly int _windowLength;

    // The window and the zeros behind it; where each sample lies in the rows, with the first one's place before them.
    private readonly AlignedBuffer<T> _window;
    private readonly AlignedBuffer<int> _offsets;
    private readonly bool _removeOffset;
    private readonly T _preEmphasis;

    public FrameSpectra(LogMelOptions options, int stride)
    {
        _fft = new LaneFft<TLanes, T>(options.EffectiveFftSize);
        _windowLength = options.WindowLength;
        _removeOffset = options.RemoveDcOffset;
        _preEmphasis = options.PreEmphasisKind == PreEmphasisKind.Frame
            ? T.CreateTruncating(options.PreEmphasis)
            : T.Zero;
        _window = new AlignedBuffer<T>(_fft.SampleCount);
        _offsets = new AlignedBuffer<int>(1 + _fft.SampleCount);
        double[] window = WindowTable.Create(
            options.Window, options.WindowLength, options.PeriodicWindow, options.WindowExponent);
        for (int i = 0; i < window.Length; i++)
        {
            _window.Pointer[i] = T.CreateTruncating(window[i] * LaneFft<TLanes, T>.InputScale);
            _offsets.Pointer[1 + i] = (i % options.HopLength * stride) + (i / options.HopLength);
        }
    }

    /// <inheritdoc/>
    public override int Bins => _fft.Bins;

    /// <inheritdoc/>
    public override object CreateBuffer() => new AlignedBuffer<T>(_fft.BufferLength);

    /// <inheritdoc/>
    public override void Run(float* rows, object buffer, float* power)
    {
        T* work = ((AlignedBuffer<T>)buffer).Pointer;
        int* offsets = _offsets.Pointer + 1;
        for (int lane = 0; lane < Lanes.Count; lane += TLanes.Count)
        {
            if (_removeOffset || _preEmphasis != T.Zero)
            {
                TLanes mean = _removeOffset ? Mean(rows + lane) : default;
                var pairs = new EmphasizedPairs<TLanes, T>(rows + lane, offsets, _window.Pointer, mean, _preEmphasis);
                _fft.Power(in pairs, work, power + lane, Lanes.Count);
            }
            else
            {
                var pairs = new WindowedPairs<TLanes, T>(rows + lane, offsets, _window.Pointer);
                _fft.Power(in pairs, work, power + lane, Lanes.Count);
            }
        }
    }

    // Summed above the first sample, and by parts: a large offset would cost digits.
    private TLanes Mean(float* rows)
    {
        const int Part = 64;
        TLanes level = TLanes.LoadSingle(rows);
        int* offsets = _offsets.Pointer + 1;
        TLanes sum = default;
        for (int start = 0; start < _windowLength; start += Part)
        {
            int end = Math.Min(start + Part, _windowLength);
            TLanes even = default;
            TLanes odd = default;
            int i = start;
            for (; i + 1 < end; i += 2)
            {
                even += TLanes.LoadSingle(rows + offsets[i]) - level;
                odd += TLanes.LoadSingle(rows + offsets[i + 1]) - level;
            }

            sum += even + odd + (i < end ? TLanes.LoadSingle(rows + offsets[i]) - level : default);
        }

        return level + (sum * TLanes.Create(T.One / T.CreateTruncating(_windowLength)));
    }
}
