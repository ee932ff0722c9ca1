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

    /// <summary>Against LibTorch's gradients of plain operators in float64.</summary>
    [TestMethod]
    [DataRow(2, 17)]
    [DataRow(1, 1)]
    [DataRow(2, 300)] // The matrices of six heads are more than a block.
    public void GradientOfAttentionIsThatOfPlainOperators(int batch, int tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Tensor projected = randn([batch, tokens, 3 * Dim], generator: generator).to(ScalarType.BFloat16);
        Tensor direction = randn([batch, tokens, Dim], generator: generator).to(ScalarType.BFloat16);
        Tensor actual = AttentionOperators.Backward(projected, direction, Heads);

        Tensor leaf = projected.to(ScalarType.Float64);
        leaf.requires_grad = true;
        List<Tensor> mixed = [];
        for (int head = 0; head < Heads; head++)
        {
            const int headDim = Dim / Heads;
            Tensor[] parts = [.. Enumerable.Range(0, 3).Select(part => leaf.narrow(2, (part * Dim) + (head * headDim), headDim))];
            mixed.Add((parts[0].matmul(parts[1].transpose(1, 2)) / Math.Sqrt(headDim)).softmax(2).matmul(parts[2]));
        }

        (cat(mixed, 2) * direction.to(ScalarType.Float64)).sum().backward();
        Assert.AreEqual(ScalarType.BFloat16, actual.dtype);
        CollectionAssert.AreEqual(projected.shape, actual.shape);

        // Eight bits of mantissa, in products, weights and their gradients.
        Assert.IsLessThan(0.01, Distance(leaf.grad!, actual));
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

    /// <summary>Norm of the difference, as a part of that of what is expected.</summary>
    private static double Distance(Tensor expected, Tensor actual)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor exact = expected.to(ScalarType.Float64);
        return ((actual.to(ScalarType.Float64) - exact).norm() / exact.norm()).item<double>();
    }
}
