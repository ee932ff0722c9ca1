using System.Numerics;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>
/// The power spectra of real signals, one in each lane of a vector: an in-place FFT (decimation in frequency; radix 8,
/// 4 and 2, any other prime directly) of half the length over pairs of samples, which is then unfolded. Bins stay where
/// the passes leave them and are looked up by a table.
/// </summary>
/// <typeparam name="TLanes">The vectors.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal sealed unsafe class LaneFft<TLanes, T>
    where TLanes : unmanaged, ILanes<TLanes, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Factor by which the signals must be multiplied beforehand, so that the halves in the unfolding cost nothing.
    /// </summary>
    public const double InputScale = 0.5;

    private readonly LaneFftPass<TLanes, T>[] _passes;

    // Where bin k of the complex FFT lies, in scalars from the buffer's start.
    private readonly int[] _positions;

    // cos and sin of pi k / length.
    private readonly AlignedBuffer<T> _unfolding;
    private readonly int _length;

    // A signal of odd length is transformed with as many zeros behind it; every second bin is one of its own.
    private readonly int _binStep;

    /// <param name="size">The signals' length, at least 2.</param>
    public LaneFft(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        Bins = (size / 2) + 1;
        _binStep = size % 2 == 0 ? 1 : 2;
        _length = size * _binStep / 2;
        int[] radices = Factor(_length);
        _passes = new LaneFftPass<TLanes, T>[radices.Length];
        int blockLength = _length;
        for (int i = 0; i < radices.Length; i++)
        {
            _passes[i] = new LaneFftPass<TLanes, T>(radices[i], blockLength);
            blockLength /= radices[i];
        }

        BufferLength = 2 * (_length + radices.Max()) * TLanes.Count;
        _positions = new int[_length];
        Place(radices, _length, 0, 1, 0);
        _unfolding = new AlignedBuffer<T>(_length + 2);
        for (int k = 0; k <= _length / 2; k++)
        {
            (double sin, double cos) = Math.SinCos(Math.PI * k / _length);
            _unfolding.Pointer[2 * k] = T.CreateTruncating(cos);
            _unfolding.Pointer[(2 * k) + 1] = T.CreateTruncating(sin);
        }
    }

    /// <summary>Bins of the spectrum, from 0 to the Nyquist frequency.</summary>
    public int Bins { get; }

    /// <summary>The samples that a signal must have, zeros included.</summary>
    public int SampleCount => 2 * _length;

    /// <summary>The scalars of the buffer for <see cref="Power"/>.</summary>
    public int BufferLength { get; }

    /// <summary>Writes the squared magnitudes of all bins.</summary>
    /// <param name="pairs">Gives sample 2n as the real and sample 2n + 1 as the imaginary part of element n.</param>
    /// <param name="buffer">Room to work in.</param>
    /// <param name="power">Where bin 0 goes, as float32.</param>
    /// <param name="stride">The scalars from one bin to the next.</param>
    public void Power<TPairs>(in TPairs pairs, T* buffer, float* power, int stride)
        where TPairs : struct, IElements<TLanes>
    {
        T* scratch = buffer + (2L * _length * TLanes.Count);
        _passes[0].Run(in pairs, buffer, 1, scratch);

        // Bins k and length - k are unfolded together. They lie in two of the first pass' parts, which are finished
        // together and still in the nearest cache then.
        int parts = _passes[0].Radix;
        for (int part = 0; part <= parts / 2; part++)
        {
            int mirrored = (parts - part) % parts;
            TransformPart(buffer, part, scratch);
            if (mirrored != part)
            {
                TransformPart(buffer, mirrored, scratch);
                Unfold(buffer, mirrored, power, stride);
            }

            Unfold(buffer, part, power, stride);
        }
    }

    private static int[] Factor(int length)
    {
        var radices = new List<int>();
        foreach (int radix in new[] { 8, 4 })
        {
            for (; length % radix == 0; length /= radix)
            {
                radices.Add(radix);
            }
        }

        for (int prime = 2; length > 1; prime++)
        {
            for (; length % prime == 0; length /= prime)
            {
                radices.Add(prime);
            }
        }

        // A transform of one element still has to be loaded.
        return radices.Count > 0 ? [.. radices] : [1];
    }

    // After a pass of radix r, block q holds the bins that are q modulo r.
    private void Place(ReadOnlySpan<int> radices, int length, int position, int step, int bin)
    {
        if (radices.Length == 0)
        {
            _positions[bin] = position * 2 * TLanes.Count;
            return;
        }

        int block = length / radices[0];
        for (int q = 0; q < radices[0]; q++)
        {
            Place(radices[1..], block, position + (q * block), step * radices[0], bin + (q * step));
        }
    }

    private void TransformPart(T* buffer, int part, T* scratch)
    {
        int length = _length / _passes[0].Radix;
        if (length > 1)
        {
            Transform(buffer + (2L * part * length * TLanes.Count), 1, length, scratch);
        }
    }

    // Part by part to the end, so that later passes find their data in the nearest cache.
    private void Transform(T* block, int pass, int length, T* scratch)
    {
        LaneFftPass<TLanes, T> current = _passes[pass];
        current.Run(new BlockElements<TLanes, T>(block), block, 1, scratch);
        int parts = current.Radix;
        int part = length / parts;
        if (part == 1)
        {
            return;
        }

        LaneFftPass<TLanes, T> next = _passes[pass + 1];
        if (next.Radix == part)
        {
            // The last pass is one butterfly a part: all of them in one call.
            next.Run(new BlockElements<TLanes, T>(block), block, parts, scratch);
            return;
        }

        for (int start = 0; start < length; start += part)
        {
            Transform(block + (2L * start * TLanes.Count), pass + 1, part, scratch);
        }
    }

    // With Z the FFT of x[2n] + i x[2n + 1] and M its length, E[k] = (Z[k] + conj Z[M - k]) / 2 and
    // O[k] = (Z[k] - conj Z[M - k]) / 2i are the FFTs of the even and odd samples, X[k] = E[k] + exp(-pi i k / M) O[k]
    // and X[M - k] = conj(E[k] - exp(-pi i k / M) O[k]).
    // Here for all k up to M / 2 that are part modulo the first pass' radix.
    private void Unfold(T* buffer, int part, float* power, int stride)
    {
        int lanes = TLanes.Count;
        int parts = _passes[0].Radix;
        if (part == 0)
        {
            TLanes re = TLanes.Load(buffer);
            TLanes im = TLanes.Load(buffer + lanes);
            TLanes sum = re + im + (re + im);
            TLanes difference = re - im + (re - im);
            Store(sum * sum, power, 0, stride);
            Store(difference * difference, power, _length, stride);
        }

        for (int k = part == 0 ? parts : part; k <= _length / 2; k += parts)
        {
            T* a = buffer + _positions[k];
            T* b = buffer + _positions[_length - k];
            TLanes ar = TLanes.Load(a);
            TLanes ai = TLanes.Load(a + lanes);
            TLanes br = TLanes.Load(b);
            TLanes bi = TLanes.Load(b + lanes);
            TLanes cos = TLanes.Create(_unfolding.Pointer[2 * k]);
            TLanes sin = TLanes.Create(_unfolding.Pointer[(2 * k) + 1]);
            TLanes er = ar + br;
            TLanes ei = ai - bi;
            TLanes or = ai + bi;
            TLanes oi = br - ar;
            TLanes tr = TLanes.MultiplyAdd(cos, or, sin * oi);
            TLanes ti = TLanes.MultiplyAdd(cos, oi, -(sin * or));
            TLanes xr = er + tr;
            TLanes xi = ei + ti;
            TLanes yr = er - tr;
            TLanes yi = ei - ti;
            Store(TLanes.MultiplyAdd(xr, xr, xi * xi), power, k, stride);
            Store(TLanes.MultiplyAdd(yr, yr, yi * yi), power, _length - k, stride);
        }
    }

    private void Store(TLanes value, float* power, int bin, int stride)
    {
        if (_binStep == 1)
        {
            value.StoreSingle(power + ((long)bin * stride));
        }
        else if (bin % 2 == 0)
        {
            value.StoreSingle(power + ((long)(bin / 2) * stride));
        }
    }
}
