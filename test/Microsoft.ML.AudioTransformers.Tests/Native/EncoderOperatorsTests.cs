using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Native;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Native;

/// <summary>Blocks in one call, against block after block in float64 with the same weights.</summary>
[TestClass]
public sealed class EncoderOperatorsTests
{
    private const int Dim = 24;
    private const int Heads = 3;

    /// <summary>The last has more scores than fit the cache, and goes to LibTorch's kernel as batches do.</summary>
    [TestMethod]
    [DataRow(1, 17, 2)]
    [DataRow(1, 17, 17)]
    [DataRow(1, 1, 1)]
    [DataRow(3, 17, 1)]
    [DataRow(2, 40, 40)]
    [DataRow(1, 300, 2)]
    [DataRow(1, 300, 300)]
    public void TokensAreThoseOfBlockAfterBlock(int batch, int tokens, int first)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using ModuleList<AttentionBlock> blocks = Blocks(generator);
        blocks.eval();
        Tensor input = randn([batch, tokens, Dim], generator: generator);
        Convert(blocks, ScalarType.Float64);
        Tensor expected = AttentionBlock.FirstTokens(blocks, input.to(ScalarType.Float64), first).detach();
        Convert(blocks, ScalarType.Float32);
        using IDisposable guard = no_grad();

        Tensor ofViews = AttentionBlock.FirstTokens(blocks, input, first);
        using var kept = new ScoringWeights(isRounded: false);
        Tensor ofKept;
        using (MixedPrecision.Begin(isOn: false, kept))
        {
            ofKept = AttentionBlock.FirstTokens(blocks, input, first);
        }

        AssertClose(expected, ofViews, "views");
        AssertClose(expected, ofKept, "kept weights");
    }

    /// <summary>What it computes is overwritten as it goes on; weights and input are not, and nothing is left.</summary>
    [TestMethod]
    public void InputAndWeightsStayAsTheyAre()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using ModuleList<AttentionBlock> blocks = Blocks(generator);
        blocks.eval();
        Tensor[] all = [randn([1, 9, Dim], generator: generator), .. blocks.parameters()];
        float[][] before = [.. all.Select(Values)];
        using IDisposable guard = no_grad();

        float[] once = Values(AttentionBlock.FirstTokens(blocks, all[0], 2));
        float[] again = Values(AttentionBlock.FirstTokens(blocks, all[0], 2));

        CollectionAssert.AreEqual(once, again);
        for (int i = 0; i < all.Length; i++)
        {
            CollectionAssert.AreEqual(before[i], Values(all[i]), $"{i}");
        }

        Assert.AreEqual(0, LiveTensors.LeftBy(() => AttentionBlock.FirstTokens(blocks, all[0], 2).Dispose()));
    }

    /// <summary>Before the native call.</summary>
    [TestMethod]
    [DataRow(new long[] { 9, 24 }, 12, 1L)]
    [DataRow(new long[] { 1, 9, 25 }, 12, 1L)]
    [DataRow(new long[] { 1, 9, 24 }, 11, 1L)]
    [DataRow(new long[] { 1, 9, 24 }, 0, 1L)]
    [DataRow(new long[] { 1, 9, 24 }, 12, 0L)]
    [DataRow(new long[] { 1, 9, 24 }, 12, 10L)]
    public void OtherShapesAreRefused(long[] shape, int weights, long first)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] all = [.. Enumerable.Range(0, weights).Select(_ => zeros(24))];

        var error = Assert.ThrowsExactly<ArgumentException>(
            () => EncoderOperators.Encode(zeros(shape), all, Heads, epsilon: 1e-6, first));

        StringAssert.Contains(error.Message, string.Join(", ", shape));
    }

    /// <summary>Three blocks with weights of a trained network's size.</summary>
    private static ModuleList<AttentionBlock> Blocks(Generator generator)
    {
        ModuleList<AttentionBlock> blocks =
            [.. Enumerable.Range(0, 3).Select(_ => new AttentionBlock(Dim, Heads, 2, 1e-6, 0, generator))];
        using IDisposable guard = no_grad();
        foreach (Parameter weight in blocks.parameters())
        {
            weight.normal_(0, 0.3, generator);
        }

        return blocks;
    }

    // Of a list, TorchSharp converts nothing.
    private static void Convert(ModuleList<AttentionBlock> blocks, ScalarType type)
    {
        foreach (AttentionBlock block in blocks)
        {
            block.to(type);
        }
    }

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    private static void AssertClose(Tensor expected, Tensor actual, string what)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape, what);
        Tensor difference = expected - actual.to(ScalarType.Float64);
        double scale = expected.abs().max().item<double>();
        double largest = difference.abs().max().item<double>();
        Assert.IsLessThanOrEqualTo(1e-5 * scale, largest, $"{what}: {largest} of {scale}");
    }
}
