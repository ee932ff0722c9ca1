using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

/// <summary>
/// The inverse MDCT of one block length n: y[i] = sum of x[k] cos(2 pi / n (i + 1/2 + n/4) (k + 1/2)) over n/2 numbers, by a
/// complex FFT of n/4.
/// </summary>
internal sealed class VorbisTransform
{
    private readonly int _quarter;
    private readonly float[] _cosines;
    private readonly float[] _sines;

    // For each stage of the FFT and each of its butterflies, three rotations.
    private readonly float[] _rotations;
    private float[] _real;
    private float[] _imaginary;
    private float[] _otherReal;
    private float[] _otherImaginary;

    /// <param name="length">The block's length n, a power of two of at least 16.</param>
    public VorbisTransform(int length)
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

        var rotations = new List<float>();
        for (int size = _quarter; size >= 4; size /= 4)
        {
            for (int i = 0; i < size / 4; i++)
            {
                for (int power = 1; power <= 3; power++)
                {
                    (double sine, double cosine) = Math.SinCos(-2 * Math.PI * i * power / size);
                    rotations.Add((float)cosine);
                    rotations.Add((float)sine);
                }
            }
        }

        _rotations = [.. rotations];
    }

    /// <summary>Transforms a spectrum.</summary>
    /// <param name="spectrum">n/2 numbers.</param>
    /// <param name="signal">Room for n numbers.</param>
    public void Run(ReadOnlySpan<float> spectrum, Span<float> signal)
    {
        int quarter = _quarter;
        int half = 2 * quarter;
        for (int i = 0; i < quarter; i++)
        {
            float even = spectrum[2 * i];
            float odd = spectrum[half - 1 - (2 * i)];

            // Real and imaginary parts are swapped, before and after, which makes the FFT an inverse one.
            _imaginary[i] = (odd * _cosines[i]) - (even * _sines[i]);
            _real[i] = (odd * _sines[i]) + (even * _cosines[i]);
        }

        Transform();

        // The middle half of the signal; its outer quarters mirror it.
        Span<float> middle = signal.Slice(quarter, half);
        for (int i = 0, j = quarter - 1; i < quarter; i++, j--)
        {
            middle[2 * i] = (_imaginary[i] * _cosines[i]) - (_real[i] * _sines[i]);
            middle[(2 * i) + 1] = -((_real[j] * _cosines[j]) + (_imaginary[j] * _sines[j]));
        }

        for (int i = 0; i < quarter; i++)
        {
            signal[i] = -signal[half - 1 - i];
            signal[(4 * quarter) - 1 - i] = signal[half + i];
        }
    }

    // Stockham's FFT: stages of radix 4, each from one pair of arrays to the other, and one of radix 2 where it is left.
    private void Transform()
    {
        int stride = 1;
        int size = _quarter;
        int rotation = 0;
        for (; size >= 4; size /= 4, stride *= 4)
        {
            for (int p = 0; p < size / 4; p++, rotation += 6)
            {
                ReadOnlySpan<float> w = _rotations.AsSpan(rotation, 6);
                if (stride == 1)
                {
                    Butterfly(p, size / 4, w);
                }
                else
                {
                    Butterflies(p, size / 4, stride, w);
                }
            }

            Swap();
        }

        if (size == 2)
        {
            for (int q = 0; q < stride; q++)
            {
                _otherReal[q] = _real[q] + _real[q + stride];
                _otherImaginary[q] = _imaginary[q] + _imaginary[q + stride];
                _otherReal[q + stride] = _real[q] - _real[q + stride];
                _otherImaginary[q + stride] = _imaginary[q] - _imaginary[q + stride];
            }

            Swap();
        }
    }

    private void Swap()
    {
        (_real, _otherReal) = (_otherReal, _real);
        (_imaginary, _otherImaginary) = (_otherImaginary, _imaginary);
    }

    private void Butterfly(int p, int quarter, ReadOnlySpan<float> w)
    {
        float[] re = _real;
        float[] im = _imaginary;
        int b = p + quarter;
        int c = b + quarter;
        int d = c + quarter;
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

    private static (float Real, float Imaginary) Rotate(float real, float imaginary, float cosine, float sine) =>
        ((real * cosine) - (imaginary * sine), (real * sine) + (imaginary * cosine));

    private static (Vector128<float> Real, Vector128<float> Imaginary) Rotate(
        Vector128<float> real, Vector128<float> imaginary, float cosine, float sine) =>
        ((real * cosine) - (imaginary * sine), (real * sine) + (imaginary * cosine));

    // As many butterflies as the stride, a multiple of four, with the same rotations.
    private void Butterflies(int p, int quarter, int stride, ReadOnlySpan<float> w)
    {
        Span<Vector128<float>> re = MemoryMarshal.Cast<float, Vector128<float>>(_real.AsSpan());
        Span<Vector128<float>> im = MemoryMarshal.Cast<float, Vector128<float>>(_imaginary.AsSpan());
        Span<Vector128<float>> outRe = MemoryMarshal.Cast<float, Vector128<float>>(_otherReal.AsSpan());
        Span<Vector128<float>> outIm = MemoryMarshal.Cast<float, Vector128<float>>(_otherImaginary.AsSpan());
        int vectors = stride / 4;
        int step = quarter * vectors;
        int a = p * vectors;
        int target = 4 * p * vectors;
        for (int q = 0; q < vectors; q++, a++, target++)
        {
            int b = a + step;
            int c = b + step;
            int d = c + step;
            Vector128<float> sumRe = re[a] + re[c], sumIm = im[a] + im[c];
            Vector128<float> differenceRe = re[a] - re[c], differenceIm = im[a] - im[c];
            Vector128<float> otherRe = re[b] + re[d], otherIm = im[b] + im[d];
            Vector128<float> turnedRe = im[d] - im[b], turnedIm = re[b] - re[d];
            outRe[target] = sumRe + otherRe;
            outIm[target] = sumIm + otherIm;
            (outRe[target + vectors], outIm[target + vectors]) = Rotate(
                differenceRe - turnedRe, differenceIm - turnedIm, w[0], w[1]);
            (outRe[target + (2 * vectors)], outIm[target + (2 * vectors)]) = Rotate(
                sumRe - otherRe, sumIm - otherIm, w[2], w[3]);
            (outRe[target + (3 * vectors)], outIm[target + (3 * vectors)]) = Rotate(
                differenceRe + turnedRe, differenceIm + turnedIm, w[4], w[5]);
        }
    }
}
