using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>
/// One pass of a <see cref="LaneFft{TLanes, T}"/>: butterflies of one radix over a block, each output turned by its
/// twiddle factor.
/// </summary>
/// <typeparam name="TLanes">The vectors.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal sealed unsafe class LaneFftPass<TLanes, T>
    where TLanes : unmanaged, ILanes<TLanes, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _columns;

    // For each column j: w^j, w^2j, ... w^(radix-1)j, w = exp(-2 pi i / blockLength).
    private readonly AlignedBuffer<T> _twiddles;

    // The radix' own roots of unity, for the direct butterfly.
    private readonly T[] _roots;

    public LaneFftPass(int radix, int blockLength)
    {
        Radix = radix;
        _columns = blockLength / radix;
        _twiddles = new AlignedBuffer<T>(2 * (radix - 1) * _columns);
        T* twiddle = _twiddles.Pointer;
        for (int j = 0; j < _columns; j++)
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

    /// <summary>Into how many smaller blocks the pass divides one.</summary>
    public int Radix { get; }

    /// <summary>Runs the pass.</summary>
    /// <param name="elements">Where the block's elements come from.</param>
    /// <param name="block">
    /// Where they go: real parts of all lanes, imaginary parts of all lanes, element after element.
    /// </param>
    /// <param name="count">How many blocks follow one another: 1, or any number where a block is one butterfly.</param>
    /// <param name="scratch">Room for <see cref="Radix"/> elements.</param>
    public void Run<TElements>(in TElements elements, T* block, int count, T* scratch)
        where TElements : struct, IElements<TLanes>
    {
        bool turns = _columns > 1;
        var places = new Places(turns ? _columns : count, turns ? 1 : Radix, _columns);
        switch (Radix)
        {
            case 8 when turns:
                Radix8Turned(in elements, block, in places, _twiddles.Pointer);
                break;
            case 8:
                Radix8Plain(in elements, block, in places, _twiddles.Pointer);
                break;
            case 4 when turns:
                Radix4Turned(in elements, block, in places, _twiddles.Pointer);
                break;
            case 4:
                Radix4Plain(in elements, block, in places, _twiddles.Pointer);
                break;
            case 2:
                Radix2(in elements, block, in places, _twiddles.Pointer, turns);
                break;
            default:
                Direct(in elements, block, in places, scratch);
                break;
        }
    }

    // A method for each kind of loop: the compiler inlines only so much into one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Radix8Turned<TElements>(in TElements elements, T* block, in Places places, T* twiddle)
        where TElements : struct, IElements<TLanes> =>
        Radix8(in elements, block, in places, twiddle, turns: true);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Radix8Plain<TElements>(in TElements elements, T* block, in Places places, T* twiddle)
        where TElements : struct, IElements<TLanes> =>
        Radix8(in elements, block, in places, twiddle, turns: false);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Radix4Turned<TElements>(in TElements elements, T* block, in Places places, T* twiddle)
        where TElements : struct, IElements<TLanes> =>
        Radix4(in elements, block, in places, twiddle, turns: true);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Radix4Plain<TElements>(in TElements elements, T* block, in Places places, T* twiddle)
        where TElements : struct, IElements<TLanes> =>
        Radix4(in elements, block, in places, twiddle, turns: false);

    private static void Radix2<TElements>(in TElements x, T* block, in Places places, T* twiddle, bool turns)
        where TElements : struct, IElements<TLanes>
    {
        int size = 2 * TLanes.Count;
        long step = places.Step;
        for (long i = 0, first = 0; i < places.Butterflies; i++, first += places.Advance)
        {
            x.Load(first, out TLanes ar, out TLanes ai);
            x.Load(first + step, out TLanes br, out TLanes bi);
            T* y = block + (first * size);
            Store(ar + br, ai + bi, twiddle, y, turns: false);
            Store(ar - br, ai - bi, twiddle, y + (step * size), turns);
            twiddle += turns ? 2 : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Radix4<TElements>(in TElements x, T* block, in Places places, T* twiddle, bool turns)
        where TElements : struct, IElements<TLanes>
    {
        int size = 2 * TLanes.Count;
        long step = places.Step;
        for (long i = 0, first = 0; i < places.Butterflies; i++, first += places.Advance)
        {
            x.Load(first, out TLanes ar, out TLanes ai);
            x.Load(first + step, out TLanes br, out TLanes bi);
            x.Load(first + (2 * step), out TLanes cr, out TLanes ci);
            x.Load(first + (3 * step), out TLanes dr, out TLanes di);
            T* y = block + (first * size);
            TLanes er = ar + cr;
            TLanes ei = ai + ci;
            TLanes fr = br + dr;
            TLanes fi = bi + di;
            Store(er + fr, ei + fi, twiddle, y, turns: false);
            Store(er - fr, ei - fi, twiddle + 2, y + (2 * step * size), turns);
            TLanes gr = ar - cr;
            TLanes gi = ai - ci;
            TLanes hr = br - dr;
            TLanes hi = bi - di;
            Store(gr + hi, gi - hr, twiddle, y + (step * size), turns);
            Store(gr - hi, gi + hr, twiddle + 4, y + (3 * step * size), turns);
            twiddle += turns ? 6 : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Radix8<TElements>(in TElements x, T* block, in Places places, T* twiddle, bool turns)
        where TElements : struct, IElements<TLanes>
    {
        int size = 2 * TLanes.Count;
        long step = places.Step;
        TLanes half = TLanes.Create(T.CreateTruncating(Math.Sqrt(0.5)));
        for (long i = 0, first = 0; i < places.Butterflies; i++, first += places.Advance)
        {
            // Sums and differences of elements four apart.
            x.Load(first, out TLanes ar, out TLanes ai);
            x.Load(first + (4 * step), out TLanes br, out TLanes bi);
            TLanes s0r = ar + br;
            TLanes s0i = ai + bi;
            TLanes d0r = ar - br;
            TLanes d0i = ai - bi;
            x.Load(first + (2 * step), out ar, out ai);
            x.Load(first + (6 * step), out br, out bi);
            TLanes s2r = ar + br;
            TLanes s2i = ai + bi;
            TLanes d2r = ar - br;
            TLanes d2i = ai - bi;
            x.Load(first + step, out ar, out ai);
            x.Load(first + (5 * step), out br, out bi);
            TLanes s1r = ar + br;
            TLanes s1i = ai + bi;
            TLanes d1r = ar - br;
            TLanes d1i = ai - bi;
            x.Load(first + (3 * step), out ar, out ai);
            x.Load(first + (7 * step), out br, out bi);
            TLanes s3r = ar + br;
            TLanes s3i = ai + bi;
            TLanes d3r = ar - br;
            TLanes d3i = ai - bi;

            // Even outputs: the four-point transform of the sums.
            T* y = block + (first * size);
            TLanes er = s0r + s2r;
            TLanes ei = s0i + s2i;
            TLanes fr = s1r + s3r;
            TLanes fi = s1i + s3i;
            Store(er + fr, ei + fi, twiddle, y, turns: false);
            Store(er - fr, ei - fi, twiddle + 6, y + (4 * step * size), turns);
            TLanes gr = s0r - s2r;
            TLanes gi = s0i - s2i;
            TLanes hr = s1r - s3r;
            TLanes hi = s1i - s3i;
            Store(gr + hi, gi - hr, twiddle + 2, y + (2 * step * size), turns);
            Store(gr - hi, gi + hr, twiddle + 10, y + (6 * step * size), turns);

            // Odd outputs: that of the differences, turned by eighths of a circle.
            TLanes pr = (d1r + d1i) * half;
            TLanes pi = (d1i - d1r) * half;
            TLanes qr = (d3i - d3r) * half;
            TLanes qi = (d3r + d3i) * -half;
            TLanes ur = d0r + d2i;
            TLanes ui = d0i - d2r;
            TLanes vr = d0r - d2i;
            TLanes vi = d0i + d2r;
            TLanes wr = pr + qr;
            TLanes wi = pi + qi;
            TLanes zr = pr - qr;
            TLanes zi = pi - qi;
            Store(ur + wr, ui + wi, twiddle, y + (step * size), turns);
            Store(ur - wr, ui - wi, twiddle + 8, y + (5 * step * size), turns);
            Store(vr + zi, vi - zr, twiddle + 4, y + (3 * step * size), turns);
            Store(vr - zi, vi + zr, twiddle + 12, y + (7 * step * size), turns);
            twiddle += turns ? 14 : 0;
        }
    }

    // Any radix, by its definition: right for every length, slow for large primes.
    private void Direct<TElements>(in TElements x, T* block, in Places places, T* inputs)
        where TElements : struct, IElements<TLanes>
    {
        int size = 2 * TLanes.Count;
        bool turns = _columns > 1;
        T* twiddle = _twiddles.Pointer;
        for (long i = 0, first = 0; i < places.Butterflies; i++, first += places.Advance)
        {
            for (int p = 0; p < Radix; p++)
            {
                x.Load(first + (p * places.Step), out TLanes re, out TLanes im);
                Store(re, im, twiddle, inputs + (p * size), turns: false);
            }

            var input = new BlockElements<TLanes, T>(inputs);
            for (int q = 0; q < Radix; q++)
            {
                input.Load(0, out TLanes re, out TLanes im);
                for (int p = 1, root = q; p < Radix; p++, root = (root + q) % Radix)
                {
                    TLanes cos = TLanes.Create(_roots[2 * root]);
                    TLanes sin = TLanes.Create(_roots[(2 * root) + 1]);
                    input.Load(p, out TLanes xr, out TLanes xi);
                    re = TLanes.MultiplyAdd(xr, cos, TLanes.MultiplyAdd(-xi, sin, re));
                    im = TLanes.MultiplyAdd(xr, sin, TLanes.MultiplyAdd(xi, cos, im));
                }

                Store(re, im, twiddle + (2 * (q - 1)), block + ((first + (q * places.Step)) * size), turns && q > 0);
            }

            twiddle += turns ? 2 * (Radix - 1) : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TLanes re, TLanes im, T* twiddle, T* target, bool turns)
    {
        if (turns)
        {
            TLanes cos = TLanes.Create(twiddle[0]);
            TLanes sin = TLanes.Create(twiddle[1]);
            TLanes.MultiplyAdd(re, cos, -(im * sin)).Store(target);
            TLanes.MultiplyAdd(re, sin, im * cos).Store(target + TLanes.Count);
        }
        else
        {
            re.Store(target);
            im.Store(target + TLanes.Count);
        }
    }

    /// <summary>Where the elements of butterflies lie.</summary>
    /// <param name="Butterflies">How many butterflies there are.</param>
    /// <param name="Advance">From one butterfly's first element to the next one's.</param>
    /// <param name="Step">From one element of a butterfly to the next.</param>
    private readonly record struct Places(int Butterflies, long Advance, long Step);
}
