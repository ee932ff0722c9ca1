using System.Numerics;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

/// <summary>Every width of vector and both precisions against the definition of the Fourier transform.</summary>
[TestClass]
public sealed unsafe class LaneFftTests
{
    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(6)]
    [DataRow(16)]
    [DataRow(30)]
    [DataRow(64)]
    [DataRow(97)]
    [DataRow(128)]
    [DataRow(400)]
    [DataRow(512)]
    [DataRow(1000)]
    [DataRow(1024)]
    [DataRow(1075)]
    [DataRow(2048)]
    public void Power_spectra_follow_the_definition(int size)
    {
        Check<Lanes512<double>, double>(size, 1e-6);
        Check<Lanes256<double>, double>(size, 1e-6);
        Check<Lanes128<double>, double>(size, 1e-6);
        Check<Lanes512<float>, float>(size, 1e-5);
        Check<Lanes256<float>, float>(size, 1e-5);
        Check<Lanes128<float>, float>(size, 1e-5);
    }

    [TestMethod]
    public void The_logarithm_is_right_to_two_units_in_the_last_place()
    {
        var random = new Random(3);
        for (int i = 0; i < 100_000; i++)
        {
            float x = i < 1000
                ? 1 + ((i - 500) * 1e-4f)
                : MathF.Exp((random.NextSingle() * 170) - 85);
            float actual = Lanes.Log(System.Runtime.Intrinsics.Vector512.Create(x))[i % 16];
            double expected = Math.Log(x);
            double unit = Math.Max(MathF.BitIncrement((float)Math.Abs(expected)) - (float)Math.Abs(expected), 1e-9);
            Assert.AreEqual(expected, actual, 2 * unit, $"log({x:R})");
        }
    }

    private static void Check<TLanes, T>(int size, double tolerance)
        where TLanes : unmanaged, ILanes<TLanes, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var fft = new LaneFft<TLanes, T>(size);
        int lanes = TLanes.Count;
        var random = new Random(size);
        var signals = new double[lanes][];
        var buffer = new AlignedBuffer<T>(fft.BufferLength);
        for (int lane = 0; lane < lanes; lane++)
        {
            signals[lane] = [.. Enumerable.Range(0, size).Select(_ => (double)((random.NextSingle() * 2) - 1))];
            for (int i = 0; i < size; i++)
            {
                buffer.Pointer[(i * lanes) + lane] =
                    T.CreateTruncating(signals[lane][i] * LaneFft<TLanes, T>.InputScale);
            }
        }

        var power = new AlignedBuffer<float>(fft.Bins * lanes);
        fft.Power(new BlockElements<TLanes, T>(buffer.Pointer), buffer.Pointer, power.Pointer, lanes);
        Assert.AreEqual((size / 2) + 1, fft.Bins);
        for (int bin = 0; bin < fft.Bins; bin += 1 + (fft.Bins / 50))
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                Complex sum = Complex.Zero;
                for (int i = 0; i < size; i++)
                {
                    sum += Complex.FromPolarCoordinates(signals[lane][i], -2 * Math.PI * ((long)bin * i % size) / size);
                }

                double expected = (sum.Real * sum.Real) + (sum.Imaginary * sum.Imaginary);
                float actual = power.Span[(bin * lanes) + lane];
                Assert.AreEqual(expected, actual, tolerance * size, $"{typeof(TLanes).Name}, bin {bin}, lane {lane}");
            }
        }
    }
}
