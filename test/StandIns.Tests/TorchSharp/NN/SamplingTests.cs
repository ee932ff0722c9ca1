using System.Runtime.InteropServices;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace AudioMLNet.StandIns.Tests.TorchSharp.NN;

[TestClass]
public class SamplingTests
{
    private static Tensor Image => tensor(new[] { 1f, 2, 4, 0, 3, 1 }).reshape(1, 1, 2, 3);

    private static Tensor Theta => tensor(new[] { 0.8f, 0.1f, 0.2f, -0.1f, 1.2f, -0.3f }).reshape(1, 2, 3);

    [TestMethod]
    public void InterpolationToASizeMatchesPyTorch()
    {
        long[] size = [3, 5];

        TensorAssert.AreClose([1, 1, 2, 2, 4, 1, 1, 2, 2, 4, 0, 0, 3, 3, 1], F.interpolate(Image, size));
        TensorAssert.AreClose(
            [1, 1.4, 2, 3.2, 4, 0.5, 1.3, 2.5, 2.5, 2.5, 0, 1.2, 3, 1.8, 1],
            F.interpolate(Image, size, mode: InterpolationMode.Bilinear, align_corners: false));
        TensorAssert.AreClose(
            [1, 1.5, 2, 3, 4, 0.5, 1.5, 2.5, 2.5, 2.5, 0, 1.5, 3, 2, 1],
            F.interpolate(Image, size, mode: InterpolationMode.Bilinear, align_corners: true));
        TensorAssert.AreClose(
            [
                1.0074726, 1.2384454, 1.9131951, 3.4091954, 4.4857512, 0.30800012, 1.2760005, 2.5, 2.6440001,
                2.5000002, -0.39147186, 1.3135561, 3.0868058, 1.8788058, 0.51425105,
            ],
            F.interpolate(Image, size, mode: InterpolationMode.Bicubic, align_corners: false));
        TensorAssert.AreClose(
            [1, 1.5, 2, 3, 4, 0.5, 1.5, 2.5, 2.5, 2.5, 0, 1.5, 3, 2, 1],
            F.interpolate(Image, size, mode: InterpolationMode.Area));
        TensorAssert.AreClose(
            [1, 1.4, 2, 3.2, 4],
            F.interpolate(Image[.., .., 0], [5], mode: InterpolationMode.Linear, align_corners: false));
    }

    [TestMethod]
    public void InterpolationByAFactorMatchesPyTorch()
    {
        TensorAssert.AreClose(
            [
                1, 1.2439998, 1.6320002, 2.4480007, 3.296, 4, 0.5, 1.2759998, 2.1480002, 2.6920004, 2.6440001, 2.5,
                0, 1.3079998, 2.664, 2.9359999, 1.9919999, 1,
            ],
            F.interpolate(
                Image, scale_factor: [1.5, 2], mode: InterpolationMode.Bicubic, align_corners: true));
        TensorAssert.AreClose(
            [1, 1.5714285, 2.5714288, 4, 0.5625, 1.6339287, 2.5089285, 2.6875, 0, 1.7142859, 2.4285712, 1],
            F.interpolate(
                Image, scale_factor: [1.6, 1.4], mode: InterpolationMode.Bilinear, align_corners: false));
        TensorAssert.AreClose(
            [1, 1.625, 2.75, 4, 0.5, 1.75, 2.5, 2.5, 0, 1.8749999, 2.2499998, 1],
            F.interpolate(
                Image, scale_factor: [1.6, 1.4], mode: InterpolationMode.Bilinear, align_corners: false,
                recompute_scale_factor: true));
        TensorAssert.HasShape(
            [1, 1, 4, 6], nn.Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bicubic).call(Image));
    }

    [TestMethod]
    public void InterpolationRefusesWhatPyTorchRefuses()
    {
        Assert.ThrowsExactly<ExternalException>(() => F.interpolate(Image));
        Assert.ThrowsExactly<ExternalException>(() => F.interpolate(Image, [3, 5], [1, 1]));
        Assert.ThrowsExactly<ExternalException>(() => F.interpolate(Image, [3]));
        Assert.ThrowsExactly<ExternalException>(() => F.interpolate(Image, [3, 5], align_corners: false));
        Assert.ThrowsExactly<ExternalException>(
            () => F.interpolate(Image, [3, 5], mode: InterpolationMode.Linear));
    }

    [TestMethod]
    [DataRow(GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, new[] { 0.95, 1.47, 2.08, 1.705, 2.35, 1.485 })]
    [DataRow(GridSampleMode.Bilinear, GridSamplePaddingMode.Border, new[] { 1.425, 2.45, 4, 1.705, 2.35, 1.8 })]
    [DataRow(GridSampleMode.Bilinear, GridSamplePaddingMode.Reflection, new[] { 1.425, 2.45, 4, 1.705, 2.35, 1.8 })]
    [DataRow(GridSampleMode.Nearest, GridSamplePaddingMode.Zeros, new double[] { 1, 2, 4, 3, 3, 1 })]
    public void SamplingAnAffineGridMatchesPyTorch(
        GridSampleMode mode, GridSamplePaddingMode padding, double[] expected)
    {
        using Tensor grid = F.affine_grid(Theta, [1, 1, 2, 3]);

        TensorAssert.AreClose(
            [
                -0.38333338, -0.83333337, 0.15, -0.9, 0.68333334, -0.9666667, -0.28333336, 0.36666667, 0.25, 0.3,
                0.78333336, 0.23333335,
            ],
            grid);
        TensorAssert.AreClose(expected, F.grid_sample(Image, grid, mode, padding));
    }

    [TestMethod]
    public void SamplingWithAlignedCornersMatchesPyTorch()
    {
        using Tensor grid = F.affine_grid(Theta, [1, 1, 2, 3]);

        TensorAssert.AreClose(
            [1.636111, 2.32, 3.3377779, 2.0127778, 2.5, 2.251111],
            F.grid_sample(Image, grid, align_corners: true));
    }
}
