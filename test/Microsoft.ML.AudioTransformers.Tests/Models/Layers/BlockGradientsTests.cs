using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Native;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models.Layers;

[TestClass]
public sealed class BlockGradientsTests
{
    private const int Dim = 24;
    private const int Heads = 3;

    /// <summary>Before the native call, which would end the process or read beside the values.</summary>
    [TestMethod]
    [DataRow(new long[] { 2, 5, 24 }, new long[] { 2, 5, 9 })]
    [DataRow(new long[] { 2, 5, 25 }, new long[] { 2, 5, 8 })]
    [DataRow(new long[] { 10, 24 }, new long[] { 10, 8 })]
    public void OtherShapesAreRefused(long[] projected, long[] gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        var error = Assert.ThrowsExactly<ArgumentException>(() => AttentionOperators.Backward(
            zeros(projected, ScalarType.BFloat16), zeros(gradient, ScalarType.BFloat16), heads: 2));
        StringAssert.Contains(error.Message, string.Join(", ", gradient));
        Assert.ThrowsExactly<ArgumentException>(
            () => AttentionOperators.Backward(zeros(2, 5, 24), zeros(2, 5, 8), heads: 2));
    }

    /// <summary>
    /// Against LibTorch's gradients of plain operators in float64, and beside those of its own kernel in bfloat16. Queries are
    /// so many times as large as keys: scores of a trained model are no small numbers.
    /// </summary>
    [TestMethod]
    [DataRow(2, 17, 1)]
    [DataRow(1, 1, 1)]
    [DataRow(2, 300, 1)] // The matrices of six heads are more than a block.
    [DataRow(1, 1200, 8)]
    public void GradientOfAttentionIsThatOfPlainOperators(int batch, int tokens, int factor)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Tensor projected = randn([batch, tokens, 3 * Dim], generator: generator);
        using (Scalar times = factor.ToScalar())
        {
            projected.narrow(2, 0, Dim).mul_(times);
        }

        projected = projected.to(ScalarType.BFloat16);
        Tensor direction = randn([batch, tokens, Dim], generator: generator).to(ScalarType.BFloat16);
        Tensor actual = AttentionOperators.Backward(projected, direction, Heads);

        Tensor exact = Gradient(ScalarType.Float64, (query, key, value) =>
            (query.matmul(key.transpose(1, 2)) / Math.Sqrt(Dim / Heads)).softmax(2).matmul(value));
        Tensor kernel = Gradient(ScalarType.BFloat16, (query, key, value) => nn.functional.scaled_dot_product_attention(
            query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)).squeeze(1));

        Assert.AreEqual(ScalarType.BFloat16, actual.dtype);
        CollectionAssert.AreEqual(projected.shape, actual.shape);

        // Eight bits of mantissa, in products, weights and their gradients.
        double distance = Distance(exact, actual);
        Assert.IsLessThan(0.01, distance);
        if (tokens > 1)
        {
            Assert.IsLessThan(2 * Distance(exact, kernel), distance);
        }

        // Head by head.
        Tensor Gradient(ScalarType type, Func<Tensor, Tensor, Tensor, Tensor> attend)
        {
            const int headDim = Dim / Heads;
            Tensor leaf = projected.to(type, copy: true);
            leaf.requires_grad = true;
            Tensor[] mixed =
            [
                .. Enumerable.Range(0, Heads).Select(head =>
                {
                    Tensor[] parts =
                    [
                        .. Enumerable.Range(0, 3).Select(
                            part => leaf.narrow(2, (part * Dim) + (head * headDim), headDim)),
                    ];
                    return attend(parts[0], parts[1], parts[2]);
                }),
            ];
            (cat(mixed, 2) * direction.to(type)).sum().backward();
            return leaf.grad!;
        }
    }

    /// <summary>Of two blocks, one backward pass gives the same but for rounding.</summary>
    [TestMethod]
    public void CutsChangeNoGradientAndLeaveNothing()
    {
        using Generator generator = new(1);
        using ModuleList<AttentionBlock> blocks =
            [.. Enumerable.Range(0, 3).Select(_ => new AttentionBlock(Dim, Heads, 2, 1e-6, 0, generator))];
        using Tensor input = randn([2, 17, Dim], generator: generator);
        input.requires_grad = true;
        (string Name, Tensor Leaf)[] leaves =
            [.. blocks.named_parameters().Select(item => (item.name, (Tensor)item.parameter)), ("input", input)];
        Dictionary<string, Tensor> expected = Run(() => null);
        Dictionary<string, Tensor> actual = Run(BlockGradients.Begin);
        foreach ((string name, Tensor gradient) in expected)
        {
            Assert.IsLessThan(0.01, Distance(gradient, actual[name]), name);
            gradient.Dispose();
            actual[name].Dispose();
        }

        Assert.AreEqual(0, LiveTensors.LeftBy(() => Step(BlockGradients.Begin)));
        Assert.AreEqual(0, LiveTensors.LeftBy(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            using BlockGradients abandoned = BlockGradients.Begin();
            using MixedPrecision.Section mixed = MixedPrecision.Begin(isOn: true);
            _ = AttentionBlock.FirstTokens(blocks, input, 2);
        }));

        Dictionary<string, Tensor> Run(Func<BlockGradients?> begin)
        {
            using (NewDisposeScope())
            {
                foreach ((_, Tensor leaf) in leaves)
                {
                    leaf.grad?.zero_();
                }
            }

            Step(begin);
            return leaves.ToDictionary(leaf => leaf.Name, leaf => leaf.Leaf.grad!.clone());
        }

        void Step(Func<BlockGradients?> begin)
        {
            using DisposeScope scope = NewDisposeScope();
            using BlockGradients? gradients = begin();
            Tensor loss;
            using (MixedPrecision.Begin(isOn: true))
            {
                loss = AttentionBlock.FirstTokens(blocks, input, 2).square().sum();
            }

            if (gradients is null)
            {
                loss.backward();
            }
            else
            {
                gradients.Backward(loss);
            }
        }
    }

    /// <summary>Above so many tokens the matrices would be what the model does not fit beside.</summary>
    [TestMethod]
    public void LongSequencesAreLeftToTheKernel()
    {
        using DisposeScope scope = NewDisposeScope();
        using BlockGradients gradients = BlockGradients.Begin();
        Tensor longest = zeros([1, BlockGradients.MaximumTokens, 3], ScalarType.BFloat16, requires_grad: true);
        Tensor longer = zeros([1, BlockGradients.MaximumTokens + 1, 3], ScalarType.BFloat16, requires_grad: true);

        Assert.IsNotNull(BlockGradients.Attend(longest, 1, projected => projected.narrow(2, 0, 1).clone()));
        Assert.IsNull(BlockGradients.Attend(longer, 1, projected => projected.narrow(2, 0, 1).clone()));
    }

    /// <summary>Norm of the difference, as a part of that of what is expected.</summary>
    private static double Distance(Tensor expected, Tensor actual)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor exact = expected.to(ScalarType.Float64);
        return ((actual.to(ScalarType.Float64) - exact).norm() / exact.norm()).item<double>();
    }
}
