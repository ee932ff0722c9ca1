using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models.Layers;

/// <summary>LibTorch's attention kernel against the plain operators of the paper's equation 1, with the same weights.</summary>
[TestClass]
public class AttentionTests
{
    private const int Batch = 2;
    private const int Dim = 24;
    private const int Heads = 3;

    [TestMethod]
    [DataRow(17, 17)]
    [DataRow(17, 2)]
    [DataRow(17, 1)]
    [DataRow(1, 1)]
    [DataRow(300, 300)]
    [DataRow(300, 2)]
    public void OutputAndGradientsAreThoseOfPlainOperators(int tokens, int queries)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using Attention attention = new(Dim, Heads, generator);
        Dictionary<string, Parameter> weights = attention.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        using (no_grad())
        {
            // Far from uniform attention, which initial weights give.
            foreach (Parameter weight in weights.Values)
            {
                weight.normal_(0, 0.5, generator);
            }
        }

        Tensor input = randn([Batch, tokens, Dim], generator: generator);
        Tensor direction = randn([Batch, queries, Dim], generator: generator);

        (Tensor actual, Dictionary<string, Tensor> actualGradients) = Run(all => attention.Attend(all, queries));
        (Tensor expected, Dictionary<string, Tensor> expectedGradients) = Run(all => Plain(all, queries, weights));

        AssertClose(expected, actual, "output");
        Assert.HasCount(5, actualGradients);
        foreach ((string name, Tensor gradient) in expectedGradients)
        {
            AssertClose(gradient, actualGradients[name], name);
        }

        (Tensor Output, Dictionary<string, Tensor> Gradients) Run(Func<Tensor, Tensor> attend)
        {
            attention.zero_grad();
            Tensor leaf = input.clone();
            leaf.requires_grad = true;
            Tensor output = attend(leaf);
            (output * direction).sum().backward();
            Dictionary<string, Tensor> gradients = weights.ToDictionary(pair => pair.Key, pair => pair.Value.grad!.clone());
            gradients["input"] = leaf.grad!.clone();
            return (output, gradients);
        }
    }

    /// <summary>Equation 1, softmax(Q K^T / sqrt(d)) V, head by head; of its output the first tokens.</summary>
    private static Tensor Plain(Tensor input, long queries, Dictionary<string, Parameter> weights)
    {
        const int headDim = Dim / Heads;
        Tensor projected = input.matmul(weights["qkv.weight"].t()) + weights["qkv.bias"];         // (B, N, 3 D)
        List<Tensor> mixed = [];
        for (int head = 0; head < Heads; head++)
        {
            Tensor query = projected.narrow(2, head * headDim, headDim);                          // (B, N, d)
            Tensor key = projected.narrow(2, Dim + (head * headDim), headDim);
            Tensor value = projected.narrow(2, (2 * Dim) + (head * headDim), headDim);
            mixed.Add((query.matmul(key.transpose(1, 2)) / Math.Sqrt(headDim)).softmax(2).matmul(value));
        }

        Tensor output = cat(mixed, 2).matmul(weights["proj.weight"].t()) + weights["proj.bias"];  // (B, N, D)
        return output.narrow(1, 0, queries);
    }

    private static void AssertClose(Tensor expected, Tensor actual, string what)
    {
        double scale = expected.abs().max().item<float>();
        double difference = (expected - actual).abs().max().item<float>();
        Assert.IsLessThanOrEqualTo(1e-5 * scale, difference, $"{what}: {difference} of {scale}");
    }
}
