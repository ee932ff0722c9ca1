using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>Where a pass of an FFT gets its complex elements from.</summary>
/// <typeparam name="TLanes">The vectors.</typeparam>
internal interface IElements<TLanes>
    where TLanes : unmanaged
{
    /// <summary>The real and imaginary parts of one element of all lanes.</summary>
    void Load(long element, out TLanes re, out TLanes im);
}

/// <summary>Elements of a block: real parts of all lanes, imaginary parts of all lanes.</summary>
internal readonly unsafe struct BlockElements<TLanes, T>(T* block) : IElements<TLanes>
    where TLanes : unmanaged, ILanes<TLanes, T>
    where T : unmanaged
{
    private readonly T* _block = block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(long element, out TLanes re, out TLanes im)
    {
        T* start = _block + (element * 2 * TLanes.Count);
        re = TLanes.Load(start);
        im = TLanes.Load(start + TLanes.Count);
    }
}

/// <summary>Pairs of a frame's samples, windowed.</summary>
/// <param name="rows">See <see cref="FrameSpectra.Run"/>.</param>
/// <param name="offsets">Where each sample lies in them.</param>
/// <param name="window">The window, followed by zeros.</param>
internal readonly unsafe struct WindowedPairs<TLanes, T>(float* rows, int* offsets, T* window) : IElements<TLanes>
    where TLanes : unmanaged, ILanes<TLanes, T>
    where T : unmanaged, INumberBase<T>
{
    private readonly float* _rows = rows;
    private readonly int* _offsets = offsets;
    private readonly T* _window = window;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(long element, out TLanes re, out TLanes im)
    {
        int* offset = _offsets + (2 * element);
        T* window = _window + (2 * element);
        re = TLanes.LoadSingle(_rows + offset[0]) * TLanes.Create(window[0]);
        im = TLanes.LoadSingle(_rows + offset[1]) * TLanes.Create(window[1]);
    }
}

/// <summary>
/// Pairs of a frame's samples, freed of the frame's mean m and pre-emphasized with the first sample before itself, as
/// Kaldi has it, then windowed: (x[i] - m) - c (x[i - 1] - m), summed so that no rounding is larger than the small
/// result's.
/// </summary>
/// <param name="rows">See <see cref="FrameSpectra.Run"/>.</param>
/// <param name="offsets">Where each sample lies in them; the entry before the first is the first again.</param>
/// <param name="window">The window, followed by zeros.</param>
/// <param name="mean">The mean.</param>
/// <param name="coefficient">The coefficient of pre-emphasis.</param>
internal readonly unsafe struct EmphasizedPairs<TLanes, T>(
    float* rows, int* offsets, T* window, TLanes mean, T coefficient) : IElements<TLanes>
    where TLanes : unmanaged, ILanes<TLanes, T>
    where T : unmanaged, INumberBase<T>
{
    private readonly float* _rows = rows;
    private readonly int* _offsets = offsets;
    private readonly T* _window = window;
    private readonly TLanes _meanLeft = mean * TLanes.Create(T.One - coefficient);
    private readonly TLanes _negated = TLanes.Create(-coefficient);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(long element, out TLanes re, out TLanes im)
    {
        int* offset = _offsets + (2 * element);
        T* window = _window + (2 * element);
        TLanes before = TLanes.LoadSingle(_rows + offset[-1]);
        TLanes first = TLanes.LoadSingle(_rows + offset[0]);
        TLanes second = TLanes.LoadSingle(_rows + offset[1]);
        re = (TLanes.MultiplyAdd(before, _negated, first) - _meanLeft) * TLanes.Create(window[0]);
        im = (TLanes.MultiplyAdd(first, _negated, second) - _meanLeft) * TLanes.Create(window[1]);
    }
}
