using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class PasstTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("passt")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Passt model = new(Options(golden.Json.GetProperty("params")), generator);
        GoldenTorch.LoadWeights(golden, model);
        bool isTraining = golden.Json.GetProperty("mode").GetString() == "train";
        model.train(isTraining);

        AssertStages(golden, model);
        if (isTraining)
        {
            AssertGradients(golden, model);
        }
    }

    internal static PasstConfig Options(JsonElement parameters) => new()
    {
        InputFrequency = parameters.GetProperty("img_size")[0].GetInt32(),
        InputTime = parameters.GetProperty("img_size")[1].GetInt32(),
        PatchSize = Optional(parameters, "patch_size", 16),
        StrideFrequency = parameters.GetProperty("stride")[0].GetInt32(),
        StrideTime = parameters.GetProperty("stride")[1].GetInt32(),
        EmbedDim = parameters.GetProperty("embed_dim").GetInt32(),
        Depth = parameters.GetProperty("depth").GetInt32(),
        Heads = parameters.GetProperty("num_heads").GetInt32(),
        Classes = parameters.GetProperty("num_classes").GetInt32(),
        Distilled = parameters.GetProperty("distilled").GetBoolean(),
        CutDepth = Optional(parameters, "cut_depth", 0),
        PatchoutTime = Optional(parameters, "s_patchout_t", 0),
        PatchoutFrequency = Optional(parameters, "s_patchout_f", 0),
        PatchoutUnstructured = Optional(parameters, "u_patchout", 0),
    };

    private static int Optional(JsonElement parameters, string name, int standard) =>
        parameters.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : standard;

    private static PasstPatchout Patchout(GoldenCase golden) => new(
        golden.Tensors.TryGetValue("time_offset", out GoldenTensor? offset) ? (int)offset.ToInt64s()[0] : 0,
        Indices(golden, "keep_time_indices"),
        Indices(golden, "keep_freq_indices"),
        Indices(golden, "keep_seq_indices"));

    private static long[]? Indices(GoldenCase golden, string name) =>
        golden.Tensors.TryGetValue(name, out GoldenTensor? indices) ? indices.ToInt64s() : null;

    private static void AssertStages(GoldenCase golden, Passt model)
    {
        using IDisposable guard = no_grad();
        Tensor input = GoldenTorch.Tensor(golden["input"]);
        PasstPatchout patchout = Patchout(golden);

        Tensor x = model.patch_embed.call(input);
        long columns = golden["patch_embed"].Shape[3];
        GoldenTorch.AssertClose(golden, "patch_embed", x.narrow(3, 0, columns), "patches");
        x = model.Tokens(x, patchout);
        Assert.AreEqual(golden.Json.GetProperty("sequence_length").GetInt64(), x.shape[1], $"{golden.Id}: sequence length");
        GoldenTorch.AssertClose(golden, "tokens_in", x, "tokens");
        for (int block = 0; block < model.blocks.Count; block++)
        {
            x = model.blocks[block].call(x);
            GoldenTorch.AssertClose(golden, $"block{block}", x, $"block {block}");
        }

        GoldenTorch.AssertClose(golden, "norm", model.norm.call(x), "normalised tokens");
        GoldenTorch.AssertClose(golden, "features", model.Features(input, patchout), "features");
        GoldenTorch.AssertClose(golden, "logits", model.Logits(input, patchout), "logits");
        if (!model.training)
        {
            GoldenTorch.AssertClose(golden, "logits", model.call(input), "logits of the forward pass");
        }
    }

    private static void AssertGradients(GoldenCase golden, Passt model)
    {
        Tensor logits = model.Logits(GoldenTorch.Tensor(golden["input"]), Patchout(golden));
        if (golden.Tensors.ContainsKey("loss_ce"))
        {
            Tensor crossEntropy = nn.functional.cross_entropy(logits, GoldenTorch.Tensor(golden["target_ce"]));
            GoldenTorch.AssertClose(golden, "loss_ce", crossEntropy, "cross-entropy");
        }

        if (!golden.Tensors.ContainsKey("loss_bce"))
        {
            return;
        }

        Tensor loss = nn.functional.binary_cross_entropy_with_logits(logits, GoldenTorch.Tensor(golden["target_bce"]));
        GoldenTorch.AssertClose(golden, "loss_bce", loss, "binary cross-entropy");
        loss.backward();

        Dictionary<string, Parameter> parameters = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        foreach (string name in golden.Tensors.Keys.Where(name => name.StartsWith("grad.", StringComparison.Ordinal)))
        {
            Tensor? gradient = parameters[name["grad.".Length..]].grad;
            Assert.IsNotNull(gradient, $"{golden.Id}: {name}");
            GoldenTorch.AssertClose(golden, name, gradient, "gradient");
        }

        if (golden.Json.TryGetProperty("unused_parameters_without_grad", out JsonElement unused))
        {
            foreach (JsonElement name in unused.EnumerateArray())
            {
                Assert.IsNull(parameters[name.GetString()!].grad, $"{golden.Id}: {name} has a gradient");
            }
        }
    }
}
