using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

[TestClass]
public class SpectralTests
{
    [TestMethod]
    public void Windows()
    {
        using DisposeScope scope = NewDisposeScope();
        TensorAssert.AreClose([0, 0.25, 0.75, 1, 0.75, 0.25], hann_window(6));
        TensorAssert.AreClose([0, 0.34549153, 0.9045085, 0.9045085, 0.34549153, 0], hann_window(6, periodic: false));
        TensorAssert.AreClose([0.08, 0.39785221, 0.91214782, 0.91214782, 0.39785221], hamming_window(5));
        TensorAssert.AreClose([0, 0.20077014, 0.84922986, 0.84922986, 0.20077014], blackman_window(5));
        TensorAssert.AreClose(
            [5.2773437e-05, 0.10171971, 0.79293942, 0.79293942, 0.10171971], kaiser_window(5, true, 12f));
        Assert.AreEqual(ScalarType.Float64, hann_window(6, dtype: ScalarType.Float64).dtype);
    }

    [TestMethod]
    public void FourierTransforms()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(8, ScalarType.Float32);
        Tensor spectrum = fft.rfft(x);
        TensorAssert.AreClose([28, -4, -4, -4, -4], spectrum.real);
        TensorAssert.AreClose([0, 9.6568546, 4, 1.6568542, 0], spectrum.imag);
        TensorAssert.AreClose(
            [9.8994951, 3.6955183, 2, 1.5307337, 1.4142135], fft.rfft(x, norm: FFTNormType.Ortho).abs());
        TensorAssert.AreClose([0, 1, 2, 3, 4, 5, 6, 7], fft.irfft(spectrum, 8), 1e-5);
        TensorAssert.AreClose([0, 1, 2, 3, 4, 5, 6, 7], fft.ifft(fft.fft_(x)).real, 1e-5);
        TensorAssert.HasShape([9], fft.rfft(x, 16));
        TensorAssert.AreClose([0, 0.125, 0.25, 0.375, 0.5], fft.rfftfreq(8));
    }

    [TestMethod]
    public void ShortTimeTransform()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(8, ScalarType.Float32);
        Tensor spectrum = stft(x, 4, 2, 4, hann_window(4), true, PaddingModes.Reflect, false, true, true);
        TensorAssert.AreClose(
            [1, 4, 8, 12, 12, 0, 2.2360680, 4.1231055, 6.0827627, 6.0827627, 1, 0, 0, 0, 0], spectrum.abs(), 1e-5);
        Tensor back = istft(spectrum, 4, 2, 4, hann_window(4), length: 8);
        TensorAssert.AreClose([0, 1, 2, 3, 4, 5, 6, 7], back, 1e-5);
        TensorAssert.HasShape(
            [2, 3, 3],
            stft(ones(2, 8), 4, 2, 4, hann_window(4), center: false, return_complex: true));
    }

    [TestMethod]
    public void LinearAlgebra()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor m = tensor(new float[,] { { 4, 1 }, { 2, 3 } });
        TensorAssert.AreClose([18, 7, 14, 11], m.matmul(m));
        TensorAssert.AreClose([18, 7, 14, 11], einsum("ij,jk->ik", m, m));
        TensorAssert.AreClose([6, 8], m.mv(tensor(new float[] { 1, 2 })));
        TensorAssert.AreClose([19, 8, 15, 12], addmm(ones(2, 2), m, m, 1, 1));
        TensorAssert.AreClose([18, 7, 14, 11, 18, 7, 14, 11], bmm(stack([m, m]), stack([m, m])));
        TensorAssert.AreClose([3, 6, 4, 8], outer(tensor(new float[] { 3, 4 }), tensor(new float[] { 1, 2 })));
        TensorAssert.AreClose([0.3, -0.1, -0.2, 0.4], linalg.inv(m));
        TensorAssert.AreClose([10], linalg.det(m));
        TensorAssert.AreClose([5.1166730, 1.9543948], linalg.svdvals(m));
        TensorAssert.AreClose([5.4772256], linalg.norm(m));
        TensorAssert.AreClose([7.0710678], linalg.norm(m, "nuc"));
        TensorAssert.AreClose([3.8196602, 26.1803398], linalg.eigvalsh(m.matmul(m.t())), 1e-5);
    }
}
