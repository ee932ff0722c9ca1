using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp.NN;

[TestClass]
public class LayerTests
{
    private static readonly double[] Kernel3 = [0, 1, 2, 3, 4, 5, 6, 7, 8];

    [TestMethod]
    public void LinearIsAnAffineMap()
    {
        using Linear layer = nn.Linear(2, 2);
        layer.weight = nn.Parameter(tensor(new float[,] { { 1, 2 }, { 3, 4 } }));
        layer.bias = nn.Parameter(tensor(new[] { 10f, 20f }));

        TensorAssert.AreClose([13, 27, 10, 20], layer.call(tensor(new float[,] { { 1, 1 }, { 0, 0 } })));
        Assert.IsNull(nn.Linear(2, 2, hasBias: false).bias);
        Assert.ThrowsExactly<ArgumentNullException>(() => layer.bias = null!);
    }

    [TestMethod]
    [DataRow(PaddingModes.Zeros, new double[] { 73, 121, 154, 103, 171, 258, 294, 186, 91, 127, 142, 81 })]
    [DataRow(PaddingModes.Reflect, new double[] { 120, 138, 174, 180, 240, 258, 294, 300, 216, 234, 270, 276 })]
    [DataRow(PaddingModes.Replicate, new double[] { 99, 126, 162, 183, 231, 258, 294, 315, 291, 318, 354, 375 })]
    [DataRow(PaddingModes.Circular, new double[] { 150, 150, 186, 162, 258, 258, 294, 270, 150, 150, 186, 162 })]
    public void Conv2dPadsInEveryMode(PaddingModes mode, double[] expected)
    {
        using Conv2d layer = nn.Conv2d(1, 1, 3, padding: 1, padding_mode: mode, bias: false);
        layer.weight = nn.Parameter(tensor(Kernel3, float32).reshape(1, 1, 3, 3));

        TensorAssert.AreClose(expected, layer.call(Grid(3, 4)));
    }

    [TestMethod]
    [DataRow(PaddingModes.Zeros, new double[] { 34, 44, 54, 24, 74, 84, 94, 40, 26, 29, 32, 11 })]
    [DataRow(PaddingModes.Circular, new double[] { 34, 44, 54, 40, 74, 84, 94, 80, 30, 40, 50, 36 })]
    public void SamePaddingKeepsTheSize(PaddingModes mode, double[] expected)
    {
        using Conv2d layer = nn.Conv2d(1, 1, 2, Padding.Same, padding_mode: mode, bias: false);
        layer.weight = nn.Parameter(tensor(new[] { 1f, 2, 3, 4 }).reshape(1, 1, 2, 2));

        TensorAssert.AreClose(expected, layer.call(Grid(3, 4)));
    }

    [TestMethod]
    public void ConvolutionsTakeStrideDilationAndGroups()
    {
        manual_seed(0);
        using Linear _ = nn.Linear(3, 2);
        using Conv2d conv2d = nn.Conv2d(2, 4, (3, 2), groups: 2);
        using Conv1d conv1d = nn.Conv1d(2, 2, 3, Padding.Same, dilation: 2);

        using Tensor image = (arange(24, float32).reshape(1, 2, 4, 3) - 12) / 10;
        TensorAssert.AreClose(
            [
                0.2044645, 0.12524223, -0.033202246, -0.11242448, -0.088890716, -0.10902657, -0.14929827,
                -0.16943412, -0.16356759, -0.094951361, 0.042281091, 0.11089733, -0.38723779, -0.40482089,
                -0.43998712, -0.45757023,
            ],
            conv2d.call(image));
        TensorAssert.AreClose(
            [
                -0.299182, -0.26465544, -0.11140883, -0.080926739, 0.091417298, 0.12461282, 0.27231148,
                0.25438929, 0.11018858, 0.0781269, -0.064180434, -0.090679914,
            ],
            conv1d.call(arange(12, float32).reshape(1, 2, 6) / 10));
        using Conv2d strided = nn.Conv2d(1, 2, (2, 3), stride: (2, 1), padding: (0, 1));
        TensorAssert.HasShape([5, 2, 2, 7], strided.call(zeros(5, 1, 4, 7)));
        TensorAssert.HasShape([2, 2, 7], strided.call(zeros(1, 4, 7)));
    }

    [TestMethod]
    public void ConvolutionsRefuseOtherShapes()
    {
        using Conv2d conv2d = nn.Conv2d(2, 4, 3);
        using Conv1d conv1d = nn.Conv1d(2, 4, 3);

        Assert.ThrowsExactly<ArgumentException>(() => conv2d.call(zeros(1, 3, 8, 8)));
        Assert.ThrowsExactly<ArgumentException>(() => conv1d.call(zeros(8)));
    }

    [TestMethod]
    public void NormalizationsMatchPyTorch()
    {
        using Tensor rows = tensor(new float[,] { { 1, 2, 4 }, { -1, 0, 3 } });
        using LayerNorm layerNorm = nn.LayerNorm(3);
        using GroupNorm groupNorm = nn.GroupNorm(2, 4);

        TensorAssert.AreClose(
            [-1.0690414, -0.26726031, 1.3363018, -0.9805789, -0.39223155, 1.3728106], layerNorm.call(rows));
        double[] half =
        [
            -1.5275238, -1.0910884, -0.65465307, -0.21821769, 0.21821769, 0.65465307, 1.0910884, 1.5275238,
        ];
        TensorAssert.AreClose([.. half, .. half], groupNorm.call(arange(16, float32).reshape(1, 4, 2, 2)));
        Assert.AreEqual(2, layerNorm.parameters().Count());
        Assert.AreEqual(0, nn.LayerNorm(3, elementwise_affine: false).parameters().Count());
        Assert.AreEqual(1, nn.LayerNorm(3, bias: false).parameters().Count());
    }

    [TestMethod]
    public void BatchNormKeepsRunningStatistics()
    {
        using Tensor rows = tensor(new float[,] { { 1, 2, 4 }, { -1, 0, 3 } });
        using BatchNorm1d norm = nn.BatchNorm1d(3);

        TensorAssert.AreClose(
            [0.99999499, 0.99999499, 0.99997997, -0.99999499, -0.99999499, -0.99997997], norm.call(rows));
        TensorAssert.AreClose([0, 0.1, 0.35], norm.running_mean!);
        TensorAssert.AreClose([1.1, 1.1, 0.95], norm.running_var!);
        Assert.AreEqual(1, norm.num_batches_tracked!.item<long>());
        norm.eval();
        TensorAssert.AreClose(
            [0.95345831, 1.8115708, 3.7448013, -0.95345831, -0.095345832, 2.7188284], norm.call(rows));
        Assert.AreEqual(1, norm.num_batches_tracked!.item<long>());
        norm.reset_running_stats();
        TensorAssert.AreClose([1, 1, 1], norm.running_var!);

        using BatchNorm2d images = nn.BatchNorm2d(2, track_running_stats: false);
        images.eval();
        Assert.AreEqual(0.0, images.call(rand(4, 2, 3, 3)).mean().item<float>(), 1e-6);
        Assert.ThrowsExactly<ArgumentException>(() => images.call(rows));
    }

    [TestMethod]
    public void DropoutWorksInTrainingOnly()
    {
        manual_seed(3);
        using Dropout dropout = nn.Dropout(0.4);
        const double Kept = 1 / 0.6;

        TensorAssert.AreClose([Kept, Kept, 0, Kept, 0, 0, Kept, Kept, Kept, 0], dropout.call(ones(10)));
        dropout.eval();
        TensorAssert.AreClose([1, 1, 1], dropout.call(ones(3)));
    }

    [TestMethod]
    public void ChannelDropoutDropsWholeChannels()
    {
        manual_seed(3);
        using Tensor images = nn.Dropout2d(0.5).call(ones(4, 8, 2, 2));
        using Tensor sequences = nn.Dropout1d(0.5).call(ones(4, 8, 3));

        foreach (Tensor dropped in new[] { images.flatten(2), sequences })
        {
            using Tensor range = dropped.amax([2]) - dropped.amin([2]);
            TensorAssert.AreClose(new double[32], range.flatten());
            double mean = dropped.mean().item<float>();
            Assert.IsTrue(mean is > 0.4 and < 1.6, $"{mean}");
        }
        Assert.ThrowsExactly<ArgumentException>(() => nn.Dropout1d().call(ones(2, 2)));
    }

    [TestMethod]
    public void EmbeddingLooksUpRows()
    {
        using Embedding layer = nn.Embedding(2, 2);
        layer.weight = nn.Parameter(tensor(new float[,] { { 1, 2 }, { 3, 4 } }));

        TensorAssert.AreClose([3, 4, 1, 2, 3, 4], layer.call(tensor(new long[] { 1, 0, 1 })));
        using Embedding bounded = nn.Embedding(2, 2, max_norm: 1.0);
        nn.init.constant_(bounded.weight!, 3);
        TensorAssert.AreClose([Math.Sqrt(0.5), Math.Sqrt(0.5)], bounded.call(tensor(new long[] { 1 })), 1e-5);
    }

    [TestMethod]
    public void ShapesAreFlattenedAndRestored()
    {
        using Tensor x = arange(24, float32).reshape(2, 3, 4);

        TensorAssert.HasShape([2, 12], nn.Flatten().call(x));
        TensorAssert.HasShape([6, 4], nn.Flatten(0, 1).call(x));
        TensorAssert.HasShape([2, 3, 2, 2], nn.Unflatten(2, [2, 2]).call(x));
        using Tensor same = nn.Identity().call(x);
        Assert.AreNotSame(same, x);
        Assert.IsTrue(same.allclose(x));
    }

    [TestMethod]
    public void ModulesAreMadeOnTheDeviceAndOfTheTypeAskedFor()
    {
        using Linear linear = nn.Linear(2, 2, device: CPU, dtype: float64);
        using LayerNorm norm = nn.LayerNorm(2, dtype: float64);

        Assert.AreEqual(float64, linear.weight!.dtype);
        TensorAssert.HasShape([3, 2], norm.call(linear.call(zeros(3, 2, dtype: float64))));
    }

    private static Tensor Grid(long height, long width) =>
        arange(height * width, float32).reshape(1, 1, height, width);
}
