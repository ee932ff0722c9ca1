using System.Runtime.InteropServices;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace AudioMLNet.StandIns.Tests.TorchSharp.NN;

[TestClass]
public class FunctionalTests
{
    private static Tensor Logits => tensor(new float[,] { { 1, 2, 0.5f }, { 0.1f, -1, 2 } });

    private static Tensor Soft => tensor(new float[,] { { 0, 1, 0.3f }, { 1, 0, 0.9f } });

    private static Tensor Weights => tensor(new float[] { 1, 2, 0.5f });

    private static Tensor Classes => tensor(new long[] { 1, 2 });

    [TestMethod]
    public void ActivationsMatchPyTorch()
    {
        using Tensor x = tensor(new[] { -2f, -0.5f, 0, 0.5f, 2 });

        TensorAssert.AreClose([-0.0455001, -0.15426879, 0, 0.3457312, 1.9545], F.gelu(x));
        TensorAssert.AreClose([0, 0, 0, 0.5, 2], F.relu(x));
        TensorAssert.AreClose([-0.23840584, -0.18877034, 0, 0.31122968, 1.7615941], F.silu(x));
        TensorAssert.AreClose([0.126928, 0.47407699, 0.69314718, 0.97407699, 2.1269281], F.softplus(x));
        TensorAssert.AreClose([-0.02, -0.005, 0, 0.5, 2], F.leaky_relu(x));
        TensorAssert.AreClose([-2.1269281, -0.97407699, -0.69314718, -0.47407699, -0.12692802], F.logsigmoid(x));
        TensorAssert.AreClose([0.11920292, 0.37754068, 0.5, 0.62245935, 0.88079703], F.sigmoid(x));
        TensorAssert.AreClose([-0.96402758, -0.46211717, 0, 0.46211717, 0.96402758], F.tanh(x));
        TensorAssert.AreClose([0.012554709, 0.0562663, 0.09276744, 0.15294766, 0.68546385], F.softmax(x, 0));
        TensorAssert.AreClose([-4.3776593, -2.8776596, -2.3776596, -1.8776596, -0.3776595], F.log_softmax(x, 0));
        Assert.AreEqual(float64, F.softmax(x, 0, float64).dtype);
        foreach (nn.Module<Tensor, Tensor> module in new nn.Module<Tensor, Tensor>[]
            { nn.GELU(), nn.ReLU(), nn.SiLU(), nn.Sigmoid(), nn.Tanh(), nn.Softmax(0), nn.LogSoftmax(0), nn.Softplus() })
        {
            TensorAssert.HasShape([5], module.call(x));
        }
        TensorAssert.AreClose([0.012554709, 0.0562663, 0.09276744, 0.15294766, 0.68546385], nn.Softmax(0).call(x));
        nn.ReLU(inplace: true).call(x);
        TensorAssert.AreClose([0, 0, 0, 0.5, 2], x);
    }

    [TestMethod]
    public void ClassificationLossesMatchPyTorch()
    {
        AssertNumber(0.32307667, F.cross_entropy(Logits, Classes));
        AssertNumber(0.44641, F.cross_entropy(Logits, Classes, label_smoothing: 0.1));
        AssertNumber(0.40785193, nn.CrossEntropyLoss(Weights).call(Logits, Classes));
        AssertNumber(1.420976, F.cross_entropy(Logits, F.softmax(Logits.flip(1), 1)));
        AssertNumber(0.46436879, nn.CrossEntropyLoss(ignore_index: -100, reduction: nn.Reduction.Sum)
            .call(Logits, tensor(new long[] { 1, -100 })));
        AssertNumber(0.32307667, nn.NLLLoss().call(F.log_softmax(Logits, 1), Classes));
        TensorAssert.HasShape([2], F.cross_entropy(Logits, Classes, reduction: nn.Reduction.None));
    }

    [TestMethod]
    public void BinaryLossesMatchPyTorch()
    {
        AssertNumber(0.59147555, F.binary_cross_entropy(F.sigmoid(Logits), Soft));
        AssertNumber(0.59147555, nn.BCEWithLogitsLoss().call(Logits, Soft));
        AssertNumber(0.5912587, nn.BCEWithLogitsLoss(pos_weights: Weights).call(Logits, Soft));
        AssertNumber(3.4135403, F.binary_cross_entropy_with_logits(Logits, Soft, Weights, nn.Reduction.Sum));
        AssertNumber(0.59147555, nn.BCELoss().call(F.sigmoid(Logits), Soft));
    }

    [TestMethod]
    public void RegressionLossesMatchPyTorch()
    {
        AssertNumber(0.8433333, nn.MSELoss().call(Logits, Soft));
        AssertNumber(0.31583333, F.huber_loss(Logits, Soft, 0.5));
        AssertNumber(0.63166666, nn.SmoothL1Loss(beta: 0.5).call(Logits, Soft));
        Tensor logs = F.log_softmax(Logits, 1);
        AssertNumber(0.089200549, nn.KLDivLoss().call(logs, F.log_softmax(Soft, 1)));
        AssertNumber(0.53520322, F.kl_div(logs, F.softmax(Soft, 1), log_target: false, nn.Reduction.Sum));
    }

    [TestMethod]
    public void PoolingMatchesPyTorch()
    {
        using Tensor row = tensor(new[] { 1f, 3, 2, 5, 4, 0 }).reshape(1, 1, 6);
        using Tensor image = arange(15, float32).reshape(1, 1, 3, 5);

        TensorAssert.AreClose([4.0 / 3, 10.0 / 3, 3], nn.AvgPool1d(3, 2, 1).call(row));
        TensorAssert.AreClose([3, 5, 4], nn.MaxPool1d(2).call(row));
        TensorAssert.AreClose([2, 2.5, 4.5, 2], nn.AdaptiveAvgPool1d(4).call(row));
        TensorAssert.AreClose([3, 5], nn.AvgPool2d(2).call(image));
        TensorAssert.AreClose(
            [3, 5, 5.5, 7.5, 8, 10],
            nn.AvgPool2d((3, 2), (1, 2), (1, 0), count_include_pad: false).call(image));
        TensorAssert.AreClose([6, 7, 8, 9, 11, 12, 13, 14], nn.MaxPool2d(2, 1).call(image));
        TensorAssert.AreClose([3, 4.5, 6, 8, 9.5, 11], nn.AdaptiveAvgPool2d((2, 3)).call(image));
        TensorAssert.AreClose([3, 5], F.avg_pool2d(image, 2));
        TensorAssert.HasShape([1, 1, 2, 4], F.avg_pool2d(image, new long[] { 2, 2 }));
        var (values, indices) = nn.MaxPool2d(2).forward_with_indices(image);
        TensorAssert.AreClose([6, 8], values);
        CollectionAssert.AreEqual(new long[] { 6, 8 }, indices.data<long>().ToArray());
    }

    [TestMethod]
    public void PaddingMatchesPyTorch()
    {
        using Tensor x = arange(6, float32).reshape(1, 2, 3);

        TensorAssert.AreClose([1, 0, 1, 2, 1, 0, 4, 3, 4, 5, 4, 3], F.pad(x, (1, 2), PaddingModes.Reflect));
        TensorAssert.AreClose([0, 0, 1, 2, 2, 2, 3, 3, 4, 5, 5, 5], F.pad(x, (1, 2), PaddingModes.Replicate));
        TensorAssert.AreClose([2, 0, 1, 2, 0, 1, 5, 3, 4, 5, 3, 4], F.pad(x, (1, 2), PaddingModes.Circular));
        TensorAssert.AreClose([9, 0, 1, 2, 9, 3, 4, 5, 9, 9, 9, 9], F.pad(x, (1, 0, 0, 1), value: 9));
        TensorAssert.HasShape([1, 2, 6], F.pad(x, new long[] { 1, 2 }));
        TensorAssert.HasShape([3, 4, 5], F.pad(x, 1));
    }

    [TestMethod]
    public void PatchesUnfoldAndFold()
    {
        using Tensor image = arange(12, float32).reshape(1, 1, 3, 4);
        using Tensor columns = F.unfold(image, (2, 2), stride: (1, 2));

        TensorAssert.HasShape([1, 4, 4], columns);
        TensorAssert.AreClose([0, 2, 4, 6, 1, 3, 5, 7, 4, 6, 8, 10, 5, 7, 9, 11], columns);
        TensorAssert.AreClose(
            [0, 1, 2, 3, 8, 10, 12, 14, 8, 9, 10, 11], F.fold(columns, (3, 4), (2, 2), stride: (1, 2)));
        TensorAssert.HasShape([1, 4, 6], nn.Unfold(2).call(image));
    }

    [TestMethod]
    public void AttentionMatchesPyTorch()
    {
        using Tensor q = arange(12, float32).reshape(1, 2, 3, 2) / 10;
        using Tensor k = q.flip(2) * 2;
        using Tensor v = q - 0.5;
        using Tensor allowed = tensor(new[] { true, false, true, true, true, false, false, true, true }).reshape(3, 3);

        TensorAssert.AreClose(
            [
                -0.30377072, -0.20377073, -0.31879362, -0.21879359, -0.33357963, -0.23357964, 0.25204727,
                0.35204726, 0.23824179, 0.33824179, 0.22513102, 0.325131,
            ],
            F.scaled_dot_product_attention(q, k, v));
        TensorAssert.AreClose(
            [
                -0.30565533, -0.20565534, -0.40705931, -0.30705932, -0.21265963, -0.11265963, 0.22960514,
                0.32960513, 0.17641114, 0.27641112, 0.37114489, 0.47114491,
            ],
            F.scaled_dot_product_attention(q, k, v, allowed));
        TensorAssert.AreClose(
            [
                -0.5, -0.4, -0.40705931, -0.30705932, -0.33357963, -0.23357964, 0.1, 0.2, 0.17641114, 0.27641112,
                0.22513102, 0.325131,
            ],
            F.scaled_dot_product_attention(q, k, v, is_casual: true));
    }

    [TestMethod]
    [DataRow(2, 600, 5, DisplayName = "few queries")]
    [DataRow(3, 7, 7, DisplayName = "few of all")]
    [DataRow(2, 5, 600, DisplayName = "many queries")]
    [DataRow(1, 600, 600, DisplayName = "many of all")]
    public void AttentionOfAnySizeAndItsGradientsAreThoseOfPlainOperators(int batch, int keys, int queries)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Tensor q = randn([batch, queries, 2, 4], generator: generator).transpose(1, 2).detach().requires_grad_();
        Tensor k = randn([batch, 2, keys, 4], generator: generator).requires_grad_();
        Tensor v = randn([batch, 2, keys, 4], generator: generator).requires_grad_();
        Tensor outer = randn([batch, 2, queries, 4], generator: generator);

        Tensor attended = F.scaled_dot_product_attention(q, k, v);
        IList<Tensor> gradients = autograd.grad([attended], [q, k, v], [outer]);
        Tensor plain = (q / 2).matmul(k.transpose(2, 3)).softmax(-1).matmul(v);
        IList<Tensor> plainGradients = autograd.grad([plain], [q, k, v], [outer]);

        Assert.IsTrue(allclose(plain, attended, rtol: 1e-5, atol: 1e-6));
        for (int i = 0; i < 3; i++)
        {
            Assert.IsTrue(allclose(plainGradients[i], gradients[i], rtol: 1e-4, atol: 1e-5), $"gradient {i}");
        }
    }

    [TestMethod]
    public void ClassesBecomeOneHot()
    {
        TensorAssert.AreClose([0, 1, 0, 0, 0, 1], F.one_hot(Classes));
        TensorAssert.HasShape([2, 5], F.one_hot(Classes, 5));
        Assert.ThrowsExactly<ArgumentException>(() => F.one_hot(tensor(new[] { 1, 2 })));
        TensorAssert.AreClose([0.89876372, 0.63095075], F.cosine_similarity(Logits, Soft));
    }

    private static void AssertNumber(double expected, Tensor actual) =>
        Assert.AreEqual(expected, actual.item<float>(), 2e-6);
}
