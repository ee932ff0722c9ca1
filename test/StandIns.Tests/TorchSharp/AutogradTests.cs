using System.Runtime.InteropServices;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

[TestClass]
public class AutogradTests
{
    private static IEnumerable<object[]> Functions =>
    [
        ["matmul", (Func<Tensor, Tensor>)(x => x.matmul(x.t()).sum())],
        ["softmax", (Func<Tensor, Tensor>)(x => (x.softmax(1) * arange(12.0, ScalarType.Float64).reshape(3, 4)).sum())],
        ["log_softmax", (Func<Tensor, Tensor>)(x => x.log_softmax(0).pow(2).sum())],
        ["gelu", (Func<Tensor, Tensor>)(x => x.gelu().sum())],
        ["norm", (Func<Tensor, Tensor>)(x => x.norm())],
        ["variance", (Func<Tensor, Tensor>)(x => (x.var(1, unbiased: false) + x.mean([0]).sum()).prod())],
        ["index", (Func<Tensor, Tensor>)(x => x[1..3, TensorIndex.Tensor(tensor(new long[] { 0, 0, 2 }))].pow(2).sum())],
        ["gather", (Func<Tensor, Tensor>)(x => x.gather(1, tensor(new long[,] { { 1 }, { 3 }, { 0 } })).exp().sum())],
        ["roll", (Func<Tensor, Tensor>)(x => (x.roll([1, 1], [0, 1]) * x).sum())],
        ["cat and split", (Func<Tensor, Tensor>)(x => cat([x, x * 2], 1).split(3, 1)[1].pow(2).sum())],
        ["where", (Func<Tensor, Tensor>)(x => where(x > 0, x.exp(), x.sin()).sum())],
        ["amax", (Func<Tensor, Tensor>)(x => x.amax([1L]).pow(3).sum())],
        ["cumsum", (Func<Tensor, Tensor>)(x => x.cumsum(1).tanh().sum())],
        ["quotient", (Func<Tensor, Tensor>)(x => (1 / (x.pow(2) + 1)).sum())],
        ["stft", (Func<Tensor, Tensor>)(x => stft(
            x.flatten(), 4, 2, 4, hann_window(4, dtype: ScalarType.Float64), return_complex: true).abs().pow(2).sum())],
    ];

    public static string Name(System.Reflection.MethodInfo method, object[] row) => $"{method.Name} {row[0]}";

    [TestMethod, DynamicData(nameof(Functions), DynamicDataDisplayName = nameof(Name))]
    public void GradientIsTheSlope(string name, Func<Tensor, Tensor> function)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(5);
        Tensor at = randn(3, 4, ScalarType.Float64, generator: generator);
        Tensor x = at.clone().requires_grad_();
        function(x).backward();
        double[] gradient = TensorAssert.Elements(x.grad!);
        const double Step = 1e-5;
        for (int i = 0; i < gradient.Length; i++)
        {
            Tensor up = at.clone(), down = at.clone();
            up.view(-1)[i].add_(Step);
            down.view(-1)[i].sub_(Step);
            double slope = (function(up).ToDouble() - function(down).ToDouble()) / (2 * Step);
            Assert.AreEqual(slope, gradient[i], 1e-6 * Math.Max(1, Math.Abs(slope)), $"{name}, element {i}");
        }
    }

    [TestMethod]
    public void GradientsAddUpUntilTheyAreCleared()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, requires_grad: true);
        Assert.IsNull(x.grad);
        (x * 3).sum().backward();
        (x * 3).sum().backward();
        TensorAssert.AreClose([6, 6], x.grad!);
        x.grad = null;
        Assert.IsNull(x.grad);
        Tensor y = (x * x).sum();
        autograd.backward(y, retain_graph: true);
        y.backward();
        TensorAssert.AreClose([4, 4], x.grad!);
    }

    [TestMethod]
    public void TheTensorsOwnBackwardTakesOneArgumentForTheOther()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, requires_grad: true);
        Tensor y = (x * x).sum();
        y.backward(retain_graph: true);
        Assert.IsTrue(x.grad!.requires_grad);
        Assert.ThrowsExactly<ExternalException>(() => y.backward());
    }

    [TestMethod]
    public void OnlyLeavesKeepGradientsUnlessAsked()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, requires_grad: true);
        Tensor middle = x * 2;
        Assert.IsTrue(x.is_leaf);
        Assert.IsFalse(middle.is_leaf);
        middle.retain_grad();
        middle.pow(2).sum().backward();
        TensorAssert.AreClose([4, 4], middle.grad!);
        Assert.IsFalse(middle.detach().requires_grad);
    }

    [TestMethod]
    public void GradientsOfOutputsWithRespectToInputs()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 2, 3 }, requires_grad: true);
        Tensor unused = ones(1, requires_grad: true);
        IList<Tensor> first = autograd.grad([x.pow(3).sum()], [x], retain_graph: true, create_graph: true);
        TensorAssert.AreClose([12, 27], first[0]);
        TensorAssert.AreClose([12, 18], autograd.grad([first[0].sum()], [x])[0]);
        IList<Tensor> weighted = autograd.grad([x * 2], [x, unused], [tensor(new float[] { 1, 10 })], allow_unused: true);
        TensorAssert.AreClose([2, 20], weighted[0]);
        Assert.IsTrue(weighted[1].IsInvalid);
    }

    [TestMethod]
    public void RecordingCanBeSwitchedOff()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, requires_grad: true);
        using (no_grad())
        {
            Assert.IsFalse(is_grad_enabled());
            Assert.IsFalse((x * 2).requires_grad);
            using (enable_grad())
            {
                Assert.IsTrue((x * 2).requires_grad);
            }

            Assert.IsFalse(is_grad_enabled());
        }

        Assert.IsTrue(is_grad_enabled());
        using (inference_mode())
        {
            Assert.IsTrue(is_inference_mode_enabled());
            Assert.IsFalse((x * 2).requires_grad);
        }

        using (set_grad_enabled(false))
        {
            Assert.IsFalse((x * 2).requires_grad);
        }

        Assert.IsTrue((x * 2).requires_grad);
    }
}
