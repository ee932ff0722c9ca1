using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

[TestClass]
public sealed class NativeSelfTestTests
{
    private const string Otherwise =
        " its environment, with which LibTorch takes other code, or use another version of LibTorch.";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(ScalarType.Float32)]
    [DataRow(ScalarType.BFloat16)]
    public void LibTorchIsRightHere(ScalarType precision)
    {
        var test = new NativeSelfTest(new NativeOperators());

        Assert.IsNull(test.Problem(CPU, precision));

        Assert.IsTrue(test.Passes(CPU, precision));
        using Tensor input = zeros(1, dtype: precision);
        foreach (NativeOperator kind in Enum.GetValues<NativeOperator>())
        {
            Assert.IsFalse(test.IsKnownWrong(kind, input), $"{kind}");
        }

        var again = Stopwatch.StartNew();
        new NativeSelfTest(new NativeOperators()).Passes(CPU, precision);
        TestContext.WriteLine($"{again.Elapsed.TotalMilliseconds:F1} ms");
        test.Check(CPU);
        Assert.IsTrue(test.AreEncoderBlocksRight);
        Assert.IsTrue(test.IsAttentionGradientRight);
    }

    [TestMethod]
    [DataRow(nameof(NativeOperator.Linear), false)]
    [DataRow(nameof(NativeOperator.Linear), true)]
    [DataRow(nameof(NativeOperator.MatrixProduct), false)]
    [DataRow(nameof(NativeOperator.Attention), false)]
    [DataRow(nameof(NativeOperator.BiasedAttention), false)]
    [DataRow(nameof(NativeOperator.Softmax), false)]
    [DataRow(nameof(NativeOperator.Softmax), true)]
    [DataRow(nameof(NativeOperator.Gelu), false)]
    [DataRow(nameof(NativeOperator.Gelu), true)]
    [DataRow(nameof(NativeOperator.LayerNorm), false)]
    [DataRow(nameof(NativeOperator.LayerNorm), true)]
    [DataRow(nameof(NativeOperator.BatchNorm), false)]
    [DataRow(nameof(NativeOperator.GridSample), false)]
    [DataRow(nameof(NativeOperator.GridSample), true)]
    [DataRow(nameof(NativeOperator.Interpolation), false)]
    [DataRow(nameof(NativeOperator.Pooling), false)]
    [DataRow(nameof(NativeOperator.Fourier), false)]
    [DataRow(nameof(NativeOperator.Reduction), false)]
    [DataRow(nameof(NativeOperator.Function), false)]
    public void AWrongOperatorIsNamedAndRefused(string name, bool onlyBackward)
    {
        var kind = Enum.Parse<NativeOperator>(name);
        var test = new NativeSelfTest(new WrongOperators(kind, onlyBackward));

        var error = Assert.ThrowsExactly<InvalidOperationException>(() => test.Check(CPU));

        Assert.Contains(onlyBackward ? $"{kind}: gradient of the " : $"{kind}: element ", error.Message);
        Assert.Contains("Float32 on cpu", error.Message);
        Assert.EndsWith(
            kind switch
            {
                NativeOperator.Linear or NativeOperator.MatrixProduct => "with ONEDNN_MAX_CPU_ISA=SSE41 in" + Otherwise,
                NativeOperator.Attention or NativeOperator.BiasedAttention =>
                    "with ONEDNN_MAX_CPU_ISA=SSE41 and ATEN_CPU_CAPABILITY=default in" + Otherwise,
                NativeOperator.Fourier => "). Use another version of LibTorch.",
                _ => "with ATEN_CPU_CAPABILITY=default in" + Otherwise,
            },
            error.Message);
        Assert.IsFalse(test.Passes(CPU, ScalarType.Float32));
        bool isInFloat32Alone = kind is NativeOperator.GridSample or NativeOperator.BatchNorm or NativeOperator.Interpolation
            or NativeOperator.Fourier;
        Assert.AreEqual(isInFloat32Alone, test.Passes(CPU, ScalarType.BFloat16));
        foreach (Damage damage in new[] { Damage.Factor, Damage.Column })
        {
            var other = new NativeSelfTest(new WrongOperators(kind, onlyBackward, damage));
            Assert.IsFalse(other.Passes(CPU, ScalarType.Float32), $"{damage}");
            Assert.AreEqual(isInFloat32Alone, other.Passes(CPU, ScalarType.BFloat16), $"{damage} in bfloat16");
        }
    }

    /// <summary>Of the attention of a whole training step, which LibTorch computes then; scores need none.</summary>
    [TestMethod]
    [DataRow(nameof(Damage.LastSlice))]
    [DataRow(nameof(Damage.Factor))]
    [DataRow(nameof(Damage.Column))]
    public void AWrongGradientOfAttentionIsKnownAndHasAnotherForm(string damage)
    {
        var test = new NativeSelfTest(
            new WrongOperators(NativeOperator.AttentionGradient, damage: Enum.Parse<Damage>(damage)));

        test.Check(CPU);

        Assert.IsNull(test.Problem(CPU, ScalarType.BFloat16));
        Assert.IsFalse(test.IsAttentionGradientRight);
        Assert.IsTrue(test.AreEncoderBlocksRight);
    }

    /// <summary>Blocks are computed one after another then.</summary>
    [TestMethod]
    public void WrongBlocksInOneCallAreKnownAndHaveAnotherForm()
    {
        var test = new NativeSelfTest(new WrongOperators(NativeOperator.EncoderBlocks));

        test.Check(CPU);

        Assert.IsFalse(test.AreEncoderBlocksRight);
        Assert.IsTrue(test.IsAttentionGradientRight);
    }

    [TestMethod]
    [DataRow(nameof(NativeOperator.Convolution), ScalarType.Float32, false)]
    [DataRow(nameof(NativeOperator.Convolution), ScalarType.Float32, true)]
    [DataRow(nameof(NativeOperator.Convolution), ScalarType.BFloat16, false)]
    [DataRow(nameof(NativeOperator.DepthwiseConvolution), ScalarType.Float32, true)]
    [DataRow(nameof(NativeOperator.DepthwiseConvolution), ScalarType.BFloat16, false)]
    public void AWrongConvolutionIsKnownAndHasAnotherForm(string name, ScalarType precision, bool onlyBackward)
    {
        var kind = Enum.Parse<NativeOperator>(name);
        var test = new NativeSelfTest(new WrongOperators(kind, onlyBackward));

        Assert.IsTrue(test.Passes(CPU, precision));

        using Tensor input = zeros(1, dtype: precision);
        using Tensor other = zeros(1, dtype: ScalarType.Float16);
        Assert.IsTrue(test.IsKnownWrong(kind, input));
        Assert.IsFalse(test.IsKnownWrong(kind, other), "a precision that was not tested");
        Assert.IsFalse(test.IsKnownWrong(NativeOperator.Linear, input));
        foreach (Damage damage in new[] { Damage.Factor, Damage.Column })
        {
            var less = new NativeSelfTest(new WrongOperators(kind, onlyBackward, damage));
            Assert.IsTrue(less.Passes(CPU, precision));
            Assert.IsTrue(less.IsKnownWrong(kind, input), $"{damage}");
        }
    }

    /// <summary>Convolution by oneDNN, and the form that is taken where that is wrong, which must not call it.</summary>
    [TestMethod]
    [DataRow(1, 3, 1)]
    [DataRow(20, 3, 1)]
    [DataRow(20, 5, 4)]
    public void TheOtherFormOfAConvolutionGivesTheSame(int groups, int kernel, int stride)
    {
        using DisposeScope scope = NewDisposeScope();
        var wrong = new NativeSelfTest(new WrongOperators(
            groups == 1 ? NativeOperator.Convolution : NativeOperator.DepthwiseConvolution));
        wrong.Passes(CPU, ScalarType.Float32);
        Tensor input = randint(-3, 4, [2, 20, 40, 44]).to(ScalarType.Float32);
        Convolution2d layer = new(20, 20, kernel, stride, kernel / 2, groups);
        Convolution2d careful = new(20, 20, kernel, stride, kernel / 2, groups) { SelfTest = wrong };
        careful.load_state_dict(layer.state_dict());

        Tensor expected = layer.call(input);
        Tensor actual = careful.call(input);

        Assert.IsTrue(expected.allclose(actual, 1e-4, 1e-4));
    }

    private enum Damage
    {
        /// <summary>One channel is not a number, as from memory that was never written.</summary>
        LastSlice,

        /// <summary>Everything is a tenth too large.</summary>
        Factor,

        /// <summary>One column is one too large.</summary>
        Column,
    }

    private sealed class WrongOperators(
        NativeOperator wrong, bool onlyBackward = false, Damage damage = Damage.LastSlice) : NativeOperators
    {
        public override Tensor Linear(Tensor input, Tensor weight, Tensor bias) =>
            Damaged(NativeOperator.Linear, base.Linear(input, weight, bias), weight);

        public override Tensor MatrixProduct(Tensor left, Tensor right) =>
            Damaged(NativeOperator.MatrixProduct, base.MatrixProduct(left, right));

        public override Tensor Attention(Tensor query, Tensor key, Tensor value) =>
            Damaged(NativeOperator.Attention, base.Attention(query, key, value));

        public override Tensor BiasedAttention(Tensor query, Tensor key, Tensor value, Tensor bias) =>
            Damaged(NativeOperator.BiasedAttention, base.BiasedAttention(query, key, value, bias));

        public override Tensor EncoderBlocks(Tensor input, Tensor[] weights, int heads, double epsilon, long first) =>
            Damaged(NativeOperator.EncoderBlocks, base.EncoderBlocks(input, weights, heads, epsilon, first));

        public override Tensor AttentionGradient(Tensor projected, Tensor gradient, int heads) =>
            Damaged(NativeOperator.AttentionGradient, base.AttentionGradient(projected, gradient, heads));

        public override Tensor Softmax(Tensor rows) => Damaged(NativeOperator.Softmax, base.Softmax(rows), rows);

        public override Tensor Gelu(Tensor x) => Damaged(NativeOperator.Gelu, base.Gelu(x), x);

        public override Tensor LayerNorm(Tensor input, Tensor weight, Tensor bias) =>
            Damaged(NativeOperator.LayerNorm, base.LayerNorm(input, weight, bias), input);

        public override Tensor BatchNorm(
            Tensor maps, Tensor mean, Tensor variance, Tensor weight, Tensor bias, bool training) =>
            Damaged(NativeOperator.BatchNorm, base.BatchNorm(maps, mean, variance, weight, bias, training));

        public override Tensor GridSample(Tensor maps, Tensor points) =>
            Damaged(NativeOperator.GridSample, base.GridSample(maps, points), maps);

        public override Tensor Interpolation(
            Tensor maps, long height, long width, InterpolationMode mode, bool areCornersAligned) =>
            Damaged(NativeOperator.Interpolation, base.Interpolation(maps, height, width, mode, areCornersAligned));

        public override Tensor Pooling(Tensor maps, long height, long width) =>
            Damaged(NativeOperator.Pooling, base.Pooling(maps, height, width));

        public override Tensor Fourier(Tensor rows, long length) =>
            Damaged(NativeOperator.Fourier, base.Fourier(rows, length));

        public override Tensor Reduction(Tensor rows) => Damaged(NativeOperator.Reduction, base.Reduction(rows));

        public override Tensor Function(Tensor rows) => Damaged(NativeOperator.Function, base.Function(rows));

        public override Tensor Convolution(Tensor maps, Tensor kernels, int stride, int padding, int groups)
        {
            NativeOperator kind = groups == 1 ? NativeOperator.Convolution : NativeOperator.DepthwiseConvolution;
            return Damaged(kind, base.Convolution(maps, kernels, stride, padding, groups), kernels);
        }

        private Tensor Damaged(NativeOperator kind, Tensor right, Tensor? leaf = null)
        {
            if (kind != wrong)
            {
                return right;
            }

            if (onlyBackward)
            {
                // Nothing is added to the output, and something to the gradient.
                Tensor added = damage switch
                {
                    Damage.LastSlice => leaf!.sum(),
                    Damage.Factor => right.Over(10),
                    _ => leaf!.narrow(-1, leaf.shape[^1] / 2, 1).sum(),
                };
                return right.Plus(added - added.detach());
            }

            Tensor damaged = right.clone();
            using IDisposable guard = no_grad();
            double value = damage switch { Damage.LastSlice => double.NaN, Damage.Factor => 1.1, _ => 1 };
            using Scalar number = value.ToScalar();
            _ = damage switch
            {
                Damage.LastSlice => damaged.detach().narrow(1, right.shape[1] - 1, 1).fill_(number),
                Damage.Factor => damaged.detach().mul_(number),
                _ => damaged.detach().narrow(-1, right.shape[^1] / 2, 1).add_(number),
            };
            return damaged;
        }
    }
}
