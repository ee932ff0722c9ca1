using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Settings of the official code that no published file has.</summary>
[TestClass]
public sealed class OfficialSettingsTests
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _guard = no_grad();

    [TestCleanup]
    public void Cleanup()
    {
        _guard.Dispose();
        _scope.Dispose();
    }

    /// <summary>No bias is a bias of zero, and with one the logits are the reference's.</summary>
    [TestMethod]
    public void QueriesKeysAndValuesWithoutABias()
    {
        GoldenCase golden = Goldens.Load("passt/eval_nodist_s10");
        PasstConfig config = PasstTests.Options(golden.Json.GetProperty("params"));
        Passt withZeros = new(config, new Generator(1));
        GoldenTorch.LoadWeights(golden, withZeros);
        foreach ((_, Tensor bias) in withZeros.state_dict().Where(pair => pair.Key.EndsWith("qkv.bias", StringComparison.Ordinal)))
        {
            bias.zero_();
        }

        Passt without = new(config with { QkvBias = false }, new Generator(1));
        Dictionary<string, Tensor> weights = withZeros.state_dict();
        foreach ((string name, Tensor weight) in without.state_dict())
        {
            weight.copy_(weights[name]);
        }

        withZeros.eval();
        without.eval();
        Tensor input = GoldenTorch.Tensor(golden["input"]);
        Assert.IsFalse(without.state_dict().Keys.Any(name => name.EndsWith("qkv.bias", StringComparison.Ordinal)));
        Assert.IsTrue(without.call(input).allclose(withZeros.call(input), 1e-5, 1e-6));
        Assert.IsFalse(without.call(input).allclose(GoldenTorch.Tensor(golden["logits"]), 1e-3, 1e-3));
    }

    /// <summary>The representation layer by hand, from the reference's features: tanh(2 f - 0.1), then the head.</summary>
    [TestMethod]
    public void ARepresentationLayer()
    {
        GoldenCase golden = Goldens.Load("passt/eval_nodist_s10");
        PasstConfig config = PasstTests.Options(golden.Json.GetProperty("params"));
        Passt reference = new(config, new Generator(1));
        GoldenTorch.LoadWeights(golden, reference);
        Passt model = new(config with { RepresentationSize = config.EmbedDim }, new Generator(1));
        Dictionary<string, Tensor> weights = reference.state_dict();
        foreach ((string name, Tensor weight) in model.state_dict())
        {
            switch (name)
            {
                case "pre_logits.fc.weight":
                    weight.copy_(eye(config.EmbedDim) * 2);
                    break;
                case "pre_logits.fc.bias":
                    weight.fill_(-0.1f);
                    break;
                default:
                    weight.copy_(weights[name]);
                    break;
            }
        }

        model.eval();
        float[][] expected =
        [
            .. golden["features"].ToDoubles().Chunk(config.EmbedDim)
                .Select(clip => clip.Select(feature => (float)Math.Tanh((2 * feature) - 0.1)).ToArray()),
        ];
        Tensor input = GoldenTorch.Tensor(golden["input"]);
        Assert.IsTrue(model.Embed(input).allclose(
            tensor([.. expected.SelectMany(clip => clip)], [expected.Length, config.EmbedDim]), 1e-4, 5e-5));
        Assert.AreEqual(config.EmbedDim, model.EmbeddingLength);

        double[] scale = golden["weights.head.0.weight"].ToDoubles();
        double[] shift = golden["weights.head.0.bias"].ToDoubles();
        double[] matrix = golden["weights.head.1.weight"].ToDoubles();
        double[] bias = golden["weights.head.1.bias"].ToDoubles();
        float[] logits = model.call(input).data<float>().ToArray();
        for (int clip = 0; clip < expected.Length; clip++)
        {
            double mean = expected[clip].Average();
            double variance = expected[clip].Average(value => (value - mean) * (value - mean));
            double[] normal = [.. expected[clip].Select((value, i) => ((value - mean) / Math.Sqrt(variance + 1e-5) * scale[i]) + shift[i])];
            for (int label = 0; label < bias.Length; label++)
            {
                double logit = bias[label] + normal.Select((value, i) => value * matrix[(label * normal.Length) + i]).Sum();
                Assert.AreEqual(logit, logits[(clip * bias.Length) + label], 2e-4, $"clip {clip}, class {label}");
            }
        }
    }

    [TestMethod]
    public void ARepresentationLayerStandsOnTheClassTokenAlone()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new PasstConfig { RepresentationSize = 8, Distilled = true }.Validate());
        StringAssert.Contains(error.Message, "Option RepresentationSize is 8; expected 0 where Distilled is true.");
    }

    /// <summary>Without the normalization of patches, the tokens are those that the reference normalizes.</summary>
    [TestMethod]
    public void PatchesOfHtsAtWithoutANormalization()
    {
        GoldenCase golden = Goldens.Load("htsat/small_no_tscam");
        HtsAtConfig config = HtsAtGoldenTests.Options(golden.Json);
        HtsAt reference = new(config, new Generator(1));
        GoldenTorch.LoadWeights(golden, reference);
        HtsAt model = new(config with { PatchNorm = false }, new Generator(1));
        Dictionary<string, Tensor> weights = reference.state_dict();
        Dictionary<string, Tensor> own = model.state_dict();
        CollectionAssert.AreEquivalent(
            weights.Keys.Except(["patch_embed.norm.weight", "patch_embed.norm.bias"]).ToArray(), own.Keys.ToArray());
        foreach ((string name, Tensor weight) in own)
        {
            weight.copy_(weights[name]);
        }

        Tensor tokens = model.patch_embed.call(GoldenTorch.Tensor(golden["image"]));
        Tensor normalized = nn.functional.layer_norm(
            tokens, [config.EmbedDim], weights["patch_embed.norm.weight"], weights["patch_embed.norm.bias"], 1e-5);

        GoldenTorch.AssertClose(golden, "patch_embed", normalized, "normalized by hand");
        Assert.IsFalse(tokens.allclose(normalized, 1e-2, 1e-2));
    }
}
