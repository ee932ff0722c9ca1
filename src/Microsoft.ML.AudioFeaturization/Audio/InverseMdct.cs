using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>
/// The inverse MDCT of one length n: y[i] = sum of x[k] cos(2 pi / n (i + 1/2 + n/4) (k + 1/2)) over n/2 numbers, by a complex
/// FFT of n/4. Of y, only the half in the middle is made; its outer quarters mirror it.
/// </summary>
internal sealed class InverseMdct
{
    private readonly int _quarter;
    private readonly int[] _radices;
    private readonly float[] _cosines;
    private readonly float[] _sines;

    // For each stage of the FFT and each of its butterflies, a rotation for each input but the first.
    private readonly float[] _rotations;
    private float[] _real;
    private float[] _imaginary;
    private float[] _otherReal;
    private float[] _otherImaginary;

    /// <param name="length">n: a multiple of 16 without other factors than 2, 3 and 5.</param>
    public InverseMdct(int length)
    {
        _quarter = length / 4;
        _cosines = new float[_quarter];
        _sines = new float[_quarter];
        _real = new float[_quarter];
        _imaginary = new float[_quarter];
        _otherReal = new float[_quarter];
        _otherImaginary = new float[_quarter];
        for (int i = 0; i < _quarter; i++)
        {
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * (i + 0.125) / length);
            _cosines[i] = (float)cosine;
            _sines[i] = (float)sine;
        }

        // The first stage is one of radix 4, so that the others have strides that fill vectors.
        var radices = new List<int>();
        var rotations = new List<float>();
        for (int size = _quarter; size > 1; size /= radices[^1])
        {
            int radix = size % 4 == 0 ? 4 : size % 2 == 0 ? 2 : size % 3 == 0 ? 3 : 5;
            radices.Add(radix);
            for (int i = 0; i < size / radix; i++)
            {
                for (int power = 1; power < radix; power++)
                {
                    (double sine, double cosine) = Math.SinCos(-2 * Math.PI * i * power / size);
                    rotations.Add((float)cosine);
                    rotations.Add((float)sine);
                }
            }
        }

        _radices = [.. radices];
        _rotations = [.. rotations];
    }

    /// <summary>Transforms a spectrum.</summary>
    /// <param name="spectrum">n/2 numbers, <paramref name="step"/> apart.</param>
    /// <param name="step">1 where they follow each other.</param>
    /// <param name="middle">Room for n/2 numbers: y from n/4 on.</param>
    public void Run(ReadOnlySpan<float> spectrum, int step, Span<float> middle)
    {
        int quarter = _quarter;
        int last = ((2 * quarter) - 1) * step;
        float[] real = _real;
        float[] imaginary = _imaginary;
        float[] cosines = _cosines;
        float[] sines = _sines;
        for (int i = 0, place = 0; i < quarter; i++, place += 2 * step)
        {
            float even = spectrum[place];
            float odd = spectrum[last - place];

            // Real and imaginary parts are swapped, before and after, which makes the FFT an inverse one.
            imaginary[i] = (odd * cosines[i]) - (even * sines[i]);
            real[i] = (odd * sines[i]) + (even * cosines[i]);
        }

        Transform();
        real = _real;
        imaginary = _imaginary;
        middle = middle[..(2 * quarter)];
        for (int i = 0, j = quarter - 1; i < quarter; i++, j--)
        {
            middle[2 * i] = (imaginary[i] * cosines[i]) - (real[i] * sines[i]);
            middle[(2 * i) + 1] = -((real[j] * cosines[j]) + (imaginary[j] * sines[j]));
        }
    }

    // Stockham's FFT: each stage goes from one pair of arrays to the other.
    private void Transform()
    {
        int stride = 1;
        int size = _quarter;
        int rotation = 0;
        foreach (int radix in _radices)
        {
            int count = size / radix;
            for (int p = 0; p < count; p++, rotation += 2 * (radix - 1))
            {
                ReadOnlySpan<float> w = _rotations.AsSpan(rotation, 2 * (radix - 1));
                if (stride == 1)
                {
                    First(p, count, w);
                }
                else
                {
                    Later(radix, p, count, stride, w);
                }
            }

            (_real, _otherReal) = (_otherReal, _real);
            (_imaginary, _otherImaginary) = (_otherImaginary, _imaginary);
            size = count;
            stride *= radix;
        }
    }

    private void First(int p, int count, ReadOnlySpan<float> w)
    {
        float[] re = _real;
        float[] im = _imaginary;
        int b = p + count;
        int c = b + count;
        int d = c + count;
        float sumRe = re[p] + re[c], sumIm = im[p] + im[c], differenceRe = re[p] - re[c], differenceIm = im[p] - im[c];
        float otherRe = re[b] + re[d], otherIm = im[b] + im[d], turnedRe = im[d] - im[b], turnedIm = re[b] - re[d];
        int target = 4 * p;
        _otherReal[target] = sumRe + otherRe;
        _otherImaginary[target] = sumIm + otherIm;
        (_otherReal[target + 1], _otherImaginary[target + 1]) = Rotate(
            differenceRe - turnedRe, differenceIm - turnedIm, w[0], w[1]);
        (_otherReal[target + 2], _otherImaginary[target + 2]) = Rotate(sumRe - otherRe, sumIm - otherIm, w[2], w[3]);
        (_otherReal[target + 3], _otherImaginary[target + 3]) = Rotate(
            differenceRe + turnedRe, differenceIm + turnedIm, w[4], w[5]);
    }

    // As many butterflies as the stride, a multiple of four, with the same rotations.
    private void Later(int radix, int p, int count, int stride, ReadOnlySpan<float> w)
    {
        int vectors = stride / 4;
        int step = count * vectors;
        ReadOnlySpan<Vector128<float>> re = MemoryMarshal.Cast<float, Vector128<float>>(_real.AsSpan())[(p * vectors)..];
        ReadOnlySpan<Vector128<float>> im = MemoryMarshal.Cast<float, Vector128<float>>(_imaginary.AsSpan())[(p * vectors)..];
        int place = radix * p * vectors;
        Span<Vector128<float>> outRe = MemoryMarshal.Cast<float, Vector128<float>>(_otherReal.AsSpan())[place..];
        Span<Vector128<float>> outIm = MemoryMarshal.Cast<float, Vector128<float>>(_otherImaginary.AsSpan())[place..];
        switch (radix)
        {
            case 4:
                Quadruples(re, im, outRe, outIm, step, vectors, w);
                break;
            case 2:
                Pairs(re, im, outRe, outIm, step, vectors, w);
                break;
            case 3:
                Triples(re, im, outRe, outIm, step, vectors, w);
                break;
            default:
                Quintuples(re, im, outRe, outIm, step, vectors, w);
                break;
        }
    }

    private static void Quadruples(
        ReadOnlySpan<Vector128<float>> re, ReadOnlySpan<Vector128<float>> im, Span<Vector128<float>> outRe,
        Span<Vector128<float>> outIm, int step, int vectors, ReadOnlySpan<float> w)
    {
        for (int q = 0; q < vectors; q++)
        {
            int b = q + step;
            int c = b + step;
            int d = c + step;
            Vector128<float> sumRe = re[q] + re[c], sumIm = im[q] + im[c];
            Vector128<float> differenceRe = re[q] - re[c], differenceIm = im[q] - im[c];
            Vector128<float> otherRe = re[b] + re[d], otherIm = im[b] + im[d];
            Vector128<float> turnedRe = im[d] - im[b], turnedIm = re[b] - re[d];
            outRe[q] = sumRe + otherRe;
            outIm[q] = sumIm + otherIm;
            (outRe[q + vectors], outIm[q + vectors]) = Rotate(
                differenceRe - turnedRe, differenceIm - turnedIm, w[0], w[1]);
            (outRe[q + (2 * vectors)], outIm[q + (2 * vectors)]) = Rotate(sumRe - otherRe, sumIm - otherIm, w[2], w[3]);
            (outRe[q + (3 * vectors)], outIm[q + (3 * vectors)]) = Rotate(
                differenceRe + turnedRe, differenceIm + turnedIm, w[4], w[5]);
        }
    }

    private static void Pairs(
        ReadOnlySpan<Vector128<float>> re, ReadOnlySpan<Vector128<float>> im, Span<Vector128<float>> outRe,
        Span<Vector128<float>> outIm, int step, int vectors, ReadOnlySpan<float> w)
    {
        for (int q = 0; q < vectors; q++)
        {
            int b = q + step;
            outRe[q] = re[q] + re[b];
            outIm[q] = im[q] + im[b];
            (outRe[q + vectors], outIm[q + vectors]) = Rotate(re[q] - re[b], im[q] - im[b], w[0], w[1]);
        }
    }

    private static void Triples(
        ReadOnlySpan<Vector128<float>> re, ReadOnlySpan<Vector128<float>> im, Span<Vector128<float>> outRe,
        Span<Vector128<float>> outIm, int step, int vectors, ReadOnlySpan<float> w)
    {
        // The sine of a third of a turn.
        const float Sine = 0.866025404f;
        for (int q = 0; q < vectors; q++)
        {
            int b = q + step;
            int c = b + step;
            Vector128<float> sumRe = re[b] + re[c], sumIm = im[b] + im[c];
            Vector128<float> restRe = re[q] - (sumRe * 0.5f), restIm = im[q] - (sumIm * 0.5f);
            Vector128<float> turnedRe = (im[b] - im[c]) * Sine, turnedIm = (re[c] - re[b]) * Sine;
            outRe[q] = re[q] + sumRe;
            outIm[q] = im[q] + sumIm;
            (outRe[q + vectors], outIm[q + vectors]) = Rotate(restRe + turnedRe, restIm + turnedIm, w[0], w[1]);
            (outRe[q + (2 * vectors)], outIm[q + (2 * vectors)]) = Rotate(
                restRe - turnedRe, restIm - turnedIm, w[2], w[3]);
        }
    }

    private static void Quintuples(
        ReadOnlySpan<Vector128<float>> re, ReadOnlySpan<Vector128<float>> im, Span<Vector128<float>> outRe,
        Span<Vector128<float>> outIm, int step, int vectors, ReadOnlySpan<float> w)
    {
        // Cosines and sines of one and two fifths of a turn.
        const float Cosine1 = 0.309016994f, Cosine2 = -0.809016994f, Sine1 = 0.951056516f, Sine2 = 0.587785252f;
        for (int q = 0; q < vectors; q++)
        {
            int b = q + step;
            int c = b + step;
            int d = c + step;
            int e = d + step;
            Vector128<float> outerRe = re[b] + re[e], outerIm = im[b] + im[e];
            Vector128<float> innerRe = re[c] + re[d], innerIm = im[c] + im[d];
            Vector128<float> outerTurnRe = im[b] - im[e], outerTurnIm = re[e] - re[b];
            Vector128<float> innerTurnRe = im[c] - im[d], innerTurnIm = re[d] - re[c];
            Vector128<float> nearRe = re[q] + (outerRe * Cosine1) + (innerRe * Cosine2);
            Vector128<float> nearIm = im[q] + (outerIm * Cosine1) + (innerIm * Cosine2);
            Vector128<float> farRe = re[q] + (outerRe * Cosine2) + (innerRe * Cosine1);
            Vector128<float> farIm = im[q] + (outerIm * Cosine2) + (innerIm * Cosine1);
            Vector128<float> nearTurnRe = (outerTurnRe * Sine1) + (innerTurnRe * Sine2);
            Vector128<float> nearTurnIm = (outerTurnIm * Sine1) + (innerTurnIm * Sine2);
            Vector128<float> farTurnRe = (outerTurnRe * Sine2) - (innerTurnRe * Sine1);
            Vector128<float> farTurnIm = (outerTurnIm * Sine2) - (innerTurnIm * Sine1);
            outRe[q] = re[q] + outerRe + innerRe;
            outIm[q] = im[q] + outerIm + innerIm;
            (outRe[q + vectors], outIm[q + vectors]) = Rotate(nearRe + nearTurnRe, nearIm + nearTurnIm, w[0], w[1]);
            (outRe[q + (2 * vectors)], outIm[q + (2 * vectors)]) = Rotate(
                farRe + farTurnRe, farIm + farTurnIm, w[2], w[3]);
            (outRe[q + (3 * vectors)], outIm[q + (3 * vectors)]) = Rotate(
                farRe - farTurnRe, farIm - farTurnIm, w[4], w[5]);
            (outRe[q + (4 * vectors)], outIm[q + (4 * vectors)]) = Rotate(
                nearRe - nearTurnRe, nearIm - nearTurnIm, w[6], w[7]);
        }
    }

    private static (float Real, float Imaginary) Rotate(float real, float imaginary, float cosine, float sine) =>
        ((real * cosine) - (imaginary * sine), (real * sine) + (imaginary * cosine));

    private static (Vector128<float> Real, Vector128<float> Imaginary) Rotate(
        Vector128<float> real, Vector128<float> imaginary, float cosine, float sine) =>
        ((real * cosine) - (imaginary * sine), (real * sine) + (imaginary * cosine));
}
