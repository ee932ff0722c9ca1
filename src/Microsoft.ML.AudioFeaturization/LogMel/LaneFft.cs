using System.Numerics;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>
/// The power spectra of real signals, one in each lane of a vector: an in-place FFT (decimation in frequency, radix 4 and
/// 2, any other prime directly) of half the length over pairs of samples, which is then unfolded. Bins stay where the passes leave them
/// and are looked up by a table.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed unsafe class LaneFft<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Pass[] _passes;

    // Where bin k of the complex FFT lies, in scalars from the buffer's start.
    private readonly int[] _positions;

    // cos and sin of 2 pi k / size.
    private readonly AlignedBuffer<T> _unfolding;
    private readonly int _length;

    /// <param name="size">The signals' length, at least 2.</param>
    public LaneFft(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        Size = size;
        _length = size % 2 == 0 ? size / 2 : size;
        int[] radices = Factor(_length);
        _passes = new Pass[radices.Length];
        int blockLength = _length;
        for (int i = 0; i < radices.Length; i++)
        {
            _passes[i] = new Pass(radices[i], blockLength);
            blockLength /= radices[i];
        }

        int scratch = radices.Where(radix => radix is not 4 and not 2).DefaultIfEmpty(0).Max();
        BufferLength = 2 * (_length + scratch) * Vector512<T>.Count;
        _positions = new int[_length];
        Place(radices, _length, 0, 1, 0);
        _unfolding = new AlignedBuffer<T>(_length + 2);
        for (int k = 0; k < _length / 2 + 1; k++)
        {
            (double sin, double cos) = Math.SinCos(2 * Math.PI * k / size);
            _unfolding.Pointer[2 * k] = T.CreateTruncating(cos);
            _unfolding.Pointer[(2 * k) + 1] = T.CreateTruncating(sin);
        }
    }

    /// <summary>The signals' length.</summary>
    public int Size { get; }

    /// <summary>Bins of the spectrum, from 0 to the Nyquist frequency.</summary>
    public int Bins => (Size / 2) + 1;

    /// <summary>The scalars of a buffer for <see cref="Power"/>: the signals, and room for the largest direct butterfly.</summary>
    public int BufferLength { get; }

    /// <summary>Whether samples follow one another in the buffer, or each is followed by a zero (odd lengths).</summary>
    public bool IsPacked => Size % 2 == 0;

    /// <summary>
    /// What the signals must be multiplied by before <see cref="Power"/>, so that the halves in the unfolding cost nothing.
    /// </summary>
    public double InputScale => IsPacked ? 0.5 : 1;

    /// <summary>Transforms in place and writes the squared magnitudes of all bins.</summary>
    /// <param name="buffer">Sample n of all lanes, then sample n + 1; overwritten.</param>
    /// <param name="power">Where bin 0 goes, as float32.</param>
    /// <param name="stride">The scalars from one bin to the next.</param>
    public void Power(T* buffer, float* power, int stride)
    {
        foreach (Pass pass in _passes)
        {
            pass.Run(buffer, _length);
        }

        if (IsPacked)
        {
            Unfold(buffer, power, stride);
            return;
        }

        for (int k = 0; k < Bins; k++)
        {
            T* z = buffer + _positions[k];
            Vector512<T> re = Vector512.Load(z);
            Vector512<T> im = Vector512.Load(z + Vector512<T>.Count);
            Lanes.StoreSingle(Lanes.MultiplyAdd(re, re, im * im), power + ((long)k * stride));
        }
    }

    private static int[] Factor(int length)
    {
        var radices = new List<int>();
        for (; length % 4 == 0; length /= 4)
        {
            radices.Add(4);
        }

        for (int prime = 2; length > 1; prime++)
        {
            for (; length % prime == 0; length /= prime)
            {
                radices.Add(prime);
            }
        }

        return [.. radices];
    }

    // After a pass of radix r, block q holds the bins that are q modulo r.
    private void Place(ReadOnlySpan<int> radices, int length, int position, int step, int bin)
    {
        if (radices.Length == 0)
        {
            _positions[bin] = position * 2 * Vector512<T>.Count;
            return;
        }

        int block = length / radices[0];
        for (int q = 0; q < radices[0]; q++)
        {
            Place(radices[1..], block, position + (q * block), step * radices[0], bin + (q * step));
        }
    }

    // With Z the FFT of x[2n] + i x[2n + 1] and M its length, E[k] = (Z[k] + conj Z[M - k]) / 2 and
    // O[k] = (Z[k] - conj Z[M - k]) / 2i are the FFTs of the even and odd samples, X[k] = E[k] + exp(-2 pi i k / N) O[k] and
    // X[M - k] = conj(E[k] - exp(-2 pi i k / N) O[k]).
    private void Unfold(T* buffer, float* power, int stride)
    {
        int lanes = Vector512<T>.Count;
        Vector512<T> re0 = Vector512.Load(buffer);
        Vector512<T> im0 = Vector512.Load(buffer + lanes);
        Vector512<T> sum = (re0 + im0) + (re0 + im0);
        Vector512<T> difference = (re0 - im0) + (re0 - im0);
        Lanes.StoreSingle(sum * sum, power);
        Lanes.StoreSingle(difference * difference, power + ((long)_length * stride));
        for (int k = 1; k <= _length / 2; k++)
        {
            T* a = buffer + _positions[k];
            T* b = buffer + _positions[_length - k];
            Vector512<T> ar = Vector512.Load(a);
            Vector512<T> ai = Vector512.Load(a + lanes);
            Vector512<T> br = Vector512.Load(b);
            Vector512<T> bi = Vector512.Load(b + lanes);
            Vector512<T> cos = Vector512.Create(_unfolding.Pointer[2 * k]);
            Vector512<T> sin = Vector512.Create(_unfolding.Pointer[(2 * k) + 1]);
            Vector512<T> er = ar + br;
            Vector512<T> ei = ai - bi;
            Vector512<T> or = ai + bi;
            Vector512<T> oi = br - ar;
            Vector512<T> tr = Lanes.MultiplyAdd(cos, or, sin * oi);
            Vector512<T> ti = Lanes.MultiplyAdd(cos, oi, -(sin * or));
            Vector512<T> xr = er + tr;
            Vector512<T> xi = ei + ti;
            Vector512<T> yr = er - tr;
            Vector512<T> yi = ei - ti;
            Lanes.StoreSingle(Lanes.MultiplyAdd(xr, xr, xi * xi), power + ((long)k * stride));
            Lanes.StoreSingle(Lanes.MultiplyAdd(yr, yr, yi * yi), power + ((long)(_length - k) * stride));
        }
    }

    /// <summary>One pass: butterflies of one radix over all blocks of one length.</summary>
    private sealed class Pass
    {
        private readonly int _radix;
        private readonly int _blockLength;

        // For each j below blockLength / radix: w^j, w^2j, ... w^(radix-1)j, w = exp(-2 pi i / blockLength).
        private readonly AlignedBuffer<T> _twiddles;

        // The radix' own roots of unity, for the direct butterfly.
        private readonly T[] _roots;

        public Pass(int radix, int blockLength)
        {
            _radix = radix;
            _blockLength = blockLength;
            int columns = blockLength / radix;
            _twiddles = new AlignedBuffer<T>(2 * (radix - 1) * columns);
            T* twiddle = _twiddles.Pointer;
            for (int j = 0; j < columns; j++)
            {
                for (int q = 1; q < radix; q++)
                {
                    (double sin, double cos) = Math.SinCos(-2 * Math.PI * ((long)j * q % blockLength) / blockLength);
                    *twiddle++ = T.CreateTruncating(cos);
                    *twiddle++ = T.CreateTruncating(sin);
                }
            }

            _roots = new T[2 * radix];
            for (int q = 0; q < radix; q++)
            {
                (double sin, double cos) = Math.SinCos(-2 * Math.PI * q / radix);
                _roots[2 * q] = T.CreateTruncating(cos);
                _roots[(2 * q) + 1] = T.CreateTruncating(sin);
            }
        }

        public void Run(T* data, int length)
        {
            int scalars = 2 * Vector512<T>.Count;
            for (int block = 0; block < length; block += _blockLength)
            {
                T* start = data + ((long)block * scalars);
                switch (_radix)
                {
                    case 4:
                        Radix4(start, _blockLength / 4, _twiddles.Pointer);
                        break;
                    case 2:
                        Radix2(start, _blockLength / 2, _twiddles.Pointer);
                        break;
                    default:
                        Direct(start, data + ((long)length * scalars));
                        break;
                }
            }
        }

        private static void Radix2(T* data, int columns, T* twiddle)
        {
            int lanes = Vector512<T>.Count;
            for (int j = 0; j < columns; j++)
            {
                T* a = data + ((long)j * 2 * lanes);
                T* b = a + ((long)columns * 2 * lanes);
                Vector512<T> ar = Vector512.Load(a);
                Vector512<T> ai = Vector512.Load(a + lanes);
                Vector512<T> br = Vector512.Load(b);
                Vector512<T> bi = Vector512.Load(b + lanes);
                (ar + br).Store(a);
                (ai + bi).Store(a + lanes);
                StoreTurned(ar - br, ai - bi, twiddle, b);
                twiddle += 2;
            }
        }

        private static void Radix4(T* data, int columns, T* twiddle)
        {
            int lanes = Vector512<T>.Count;
            long step = (long)columns * 2 * lanes;
            for (int j = 0; j < columns; j++)
            {
                T* a = data + ((long)j * 2 * lanes);
                T* b = a + step;
                T* c = b + step;
                T* d = c + step;
                Vector512<T> ar = Vector512.Load(a);
                Vector512<T> ai = Vector512.Load(a + lanes);
                Vector512<T> br = Vector512.Load(b);
                Vector512<T> bi = Vector512.Load(b + lanes);
                Vector512<T> cr = Vector512.Load(c);
                Vector512<T> ci = Vector512.Load(c + lanes);
                Vector512<T> dr = Vector512.Load(d);
                Vector512<T> di = Vector512.Load(d + lanes);
                Vector512<T> acr = ar + cr;
                Vector512<T> aci = ai + ci;
                Vector512<T> bdr = br + dr;
                Vector512<T> bdi = bi + di;
                (acr + bdr).Store(a);
                (aci + bdi).Store(a + lanes);
                Vector512<T> er = ar - cr;
                Vector512<T> ei = ai - ci;
                Vector512<T> fr = br - dr;
                Vector512<T> fi = bi - di;
                StoreTurned(er + fi, ei - fr, twiddle, b);
                StoreTurned(acr - bdr, aci - bdi, twiddle + 2, c);
                StoreTurned(er - fi, ei + fr, twiddle + 4, d);
                twiddle += 6;
            }
        }

        // Any radix, by its definition: right for every length, slow for large primes.
        private void Direct(T* data, T* inputs)
        {
            int lanes = Vector512<T>.Count;
            int columns = _blockLength / _radix;
            long step = (long)columns * 2 * lanes;
            T* twiddle = _twiddles.Pointer;
            for (int j = 0; j < columns; j++)
            {
                T* first = data + ((long)j * 2 * lanes);
                for (int p = 0; p < _radix; p++)
                {
                    Vector512.Load(first + (p * step)).Store(inputs + (2 * p * lanes));
                    Vector512.Load(first + (p * step) + lanes).Store(inputs + (((2 * p) + 1) * lanes));
                }

                for (int q = 0; q < _radix; q++)
                {
                    Vector512<T> re = Vector512.Load(inputs);
                    Vector512<T> im = Vector512.Load(inputs + lanes);
                    for (int p = 1, root = q; p < _radix; p++, root = (root + q) % _radix)
                    {
                        Vector512<T> cos = Vector512.Create(_roots[2 * root]);
                        Vector512<T> sin = Vector512.Create(_roots[(2 * root) + 1]);
                        Vector512<T> xr = Vector512.Load(inputs + (2 * p * lanes));
                        Vector512<T> xi = Vector512.Load(inputs + (((2 * p) + 1) * lanes));
                        re = Lanes.MultiplyAdd(xr, cos, Lanes.MultiplyAdd(-xi, sin, re));
                        im = Lanes.MultiplyAdd(xr, sin, Lanes.MultiplyAdd(xi, cos, im));
                    }

                    T* target = first + (q * step);
                    if (q == 0)
                    {
                        re.Store(target);
                        im.Store(target + lanes);
                    }
                    else
                    {
                        StoreTurned(re, im, twiddle + (2 * (q - 1)), target);
                    }
                }

                twiddle += 2 * (_radix - 1);
            }
        }

        private static void StoreTurned(Vector512<T> re, Vector512<T> im, T* twiddle, T* target)
        {
            Vector512<T> cos = Vector512.Create(twiddle[0]);
            Vector512<T> sin = Vector512.Create(twiddle[1]);
            Lanes.MultiplyAdd(re, cos, -(im * sin)).Store(target);
            Lanes.MultiplyAdd(re, sin, im * cos).Store(target + Vector512<T>.Count);
        }
    }
}
