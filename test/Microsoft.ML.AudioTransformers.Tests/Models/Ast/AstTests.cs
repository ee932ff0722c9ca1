using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class AstTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("ast")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Ast model = new(Options(golden.Json.GetProperty("params")), generator);
        GoldenTorch.LoadWeights(golden, model);
        model.eval();
        AssertStages(golden, model);
        AssertGradients(golden, model);
        AssertTakesImageModel(golden, model);
    }

    [TestMethod]
    public void TheDefaultIsThePapersModel()
    {
        AstConfig options = new();
        Assert.AreEqual(12, options.FrequencyPatches);
        Assert.AreEqual(101, options.TimePatches);
        Assert.AreEqual(1214, options.SequenceLength);
    }

    [TestMethod]
    public void AnInputOfAnotherShapeIsAnError()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Ast model = new(
            new AstConfig { InputFrequency = 32, InputTime = 64, EmbedDim = 8, Depth = 1, Heads = 2, Classes = 3 }, generator);

        ArgumentException exception = Assert.ThrowsExactly<ArgumentException>(() => model.call(zeros(1, 1, 32, 63)));

        StringAssert.Contains(exception.Message, "(batch, 1, 32, 64), not (1, 1, 32, 63)");
        Assert.ThrowsExactly<ArgumentException>(() => model.call(zeros(1, 64, 32)));
        CollectionAssert.AreEqual(new long[] { 2, 3 }, model.call(zeros(2, 1, 32, 64)).shape);
    }

    [TestMethod]
    public void AnOptionOutOfRangeIsNamed()
    {
        using Generator generator = new(1);
        ArgumentOutOfRangeException exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new Ast(new AstConfig { EmbedDim = 10, Heads = 3 }, generator));
        StringAssert.Contains(exception.Message, "EmbedDim is 10; expected a multiple of Heads, 3");
    }

    internal static AstConfig Options(JsonElement parameters) => new()
    {
        InputFrequency = parameters.GetProperty("input_fdim").GetInt32(),
        InputTime = parameters.GetProperty("input_tdim").GetInt32(),
        PatchSize = parameters.GetProperty("patch_size").GetInt32(),
        StrideFrequency = parameters.GetProperty("fstride").GetInt32(),
        StrideTime = parameters.GetProperty("tstride").GetInt32(),
        EmbedDim = parameters.GetProperty("embed_dim").GetInt32(),
        Depth = parameters.GetProperty("depth").GetInt32(),
        Heads = parameters.GetProperty("num_heads").GetInt32(),
        MlpRatio = parameters.GetProperty("mlp_ratio").GetDouble(),
        Classes = parameters.GetProperty("label_dim").GetInt32(),
    };

    /// <summary>The reference takes (B, time, frequency).</summary>
    private static Tensor Input(GoldenCase golden, Ast model) => model.FromFeatures(GoldenTorch.Tensor(golden["input"]));

    private static void AssertStages(GoldenCase golden, Ast model)
    {
        using IDisposable guard = no_grad();
        Tensor patches = model.v.patch_embed.call(Input(golden, model));
        GoldenTorch.AssertClose(golden, "patch_embed", patches.flatten(2).transpose(1, 2), "patches");
        Tensor x = model.v.Tokens(patches);
        GoldenTorch.AssertClose(golden, "tokens_in", x, "tokens");
        for (int block = 0; block < model.v.blocks.Count; block++)
        {
            x = model.v.blocks[block].call(x);
            GoldenTorch.AssertClose(golden, $"block{block}", x, $"block {block}");
        }

        GoldenTorch.AssertClose(golden, "norm", model.v.norm.call(x), "normalised tokens");
        GoldenTorch.AssertClose(golden, "logits", model.call(Input(golden, model)), "logits");
    }

    private static void AssertGradients(GoldenCase golden, Ast model)
    {
        if (!golden.Tensors.ContainsKey("loss_bce"))
        {
            return;
        }

        Tensor loss = nn.functional.binary_cross_entropy_with_logits(
            model.call(Input(golden, model)), GoldenTorch.Tensor(golden["target_bce"]));
        GoldenTorch.AssertClose(golden, "loss_bce", loss, "binary cross-entropy");
        loss.backward();

        Dictionary<string, Parameter> parameters = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        foreach (string name in golden.Tensors.Keys.Where(name => name.StartsWith("grad.", StringComparison.Ordinal)))
        {
            Tensor? gradient = parameters[name["grad.".Length..]].grad;
            Assert.IsNotNull(gradient, $"{golden.Id}: {name}");
            GoldenTorch.AssertClose(golden, name, gradient, "gradient");
        }
    }

    /// <summary>What the official code made of an image model's positions and patch embedding.</summary>
    private static void AssertTakesImageModel(GoldenCase golden, Ast model)
    {
        const string stored = "imagenet.";
        Dictionary<string, CheckpointTensor> image = golden.Tensors
            .Where(pair => pair.Key.StartsWith(stored, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[stored.Length..], pair => (CheckpointTensor)new InMemoryTensor(
                golden.Id, pair.Key[stored.Length..], CheckpointDType.Float32, pair.Value.Shape, pair.Value.Bytes));
        if (image.Count == 0)
        {
            return;
        }

        WeightMap map = AstCheckpoint.Map(
            golden.Id, image, WeightMap.Shapes(model), model.Options, new CheckpointAdaptation());
        Dictionary<string, Tensor> adapted = map.Tensors().ToDictionary(pair => pair.Name, pair => pair.Values);
        foreach (string name in golden.Tensors.Keys.Where(name => name.StartsWith("adapted.", StringComparison.Ordinal)))
        {
            GoldenTorch.AssertClose(golden, name, adapted[name["adapted.".Length..]], "adapted weights");
        }

        Assert.HasCount(image.Count, adapted);
    }
}
