using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Checkpoints of one PaSST in another, through files.</summary>
[TestClass]
public class PasstCheckpointTests
{
    private static readonly PasstConfig s_options = new()
    {
        InputFrequency = 48, InputTime = 120, EmbedDim = 8, Depth = 4, Heads = 2, Classes = 5,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly Generator _generator = new(1);
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestCleanup]
    public void Cleanup()
    {
        _scope.Dispose();
        _generator.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void AnExportedModelIsReadBackToTheBit()
    {
        Passt model = New(s_options);
        string path = Save(model);
        Passt other = New(s_options);

        CheckpointReport report = PasstCheckpoint.Load(other, path);

        Assert.HasCount(model.state_dict().Count, report.Loaded);
        Assert.HasCount(0, report.Adapted);
        Assert.HasCount(0, report.LeftOut);
        Assert.HasCount(0, report.Missing);
        AssertSameWeights(model, other, name => name);
    }

    [TestMethod]
    public void AHeadOfOtherClassesIsReplaced()
    {
        string path = Save(New(s_options));
        Passt model = New(s_options with { Classes = 3 });

        CheckpointReport report = PasstCheckpoint.Load(model, path);

        string[] replaced = ["head.1.weight", "head.1.bias", "head_dist.weight", "head_dist.bias"];
        CollectionAssert.AreEquivalent(replaced, report.Missing.ToArray());
        CollectionAssert.AreEquivalent(replaced, report.LeftOut.Select(item => item.Name).ToArray());
        StringAssert.Contains(report.ToString(), "head.1.weight (it is [5, 8], the model's is [3, 8])");
    }

    [TestMethod]
    public void ALightModelTakesTheBlocksThatItKeeps()
    {
        Passt full = New(s_options);
        Passt light = New(s_options with { CutDepth = 1 });

        CheckpointReport report = PasstCheckpoint.Load(light, Save(full));

        int[] kept = [0, 2, 3];
        AssertSameWeights(full, light, name => name.StartsWith("blocks.", StringComparison.Ordinal)
            ? $"blocks.{kept[name[7] - '0']}{name[8..]}"
            : name);
        Assert.HasCount(0, report.Missing);
        Assert.IsTrue(report.LeftOut.All(item => item.Name.StartsWith("blocks.1.", StringComparison.Ordinal)));

        // A light model's own file has its blocks in a row.
        Passt again = New(s_options with { CutDepth = 1 });
        PasstCheckpoint.Load(again, Save(light));
        AssertSameWeights(light, again, name => name);
    }

    [TestMethod]
    public void AShorterModelTakesTheFirstTimePositions()
    {
        Passt full = New(s_options);
        Passt shorter = New(s_options with { InputTime = 70 });

        CheckpointReport report = PasstCheckpoint.Load(shorter, Save(full));

        Tensor positions = full.state_dict()["time_new_pos_embed"];
        Assert.IsTrue(shorter.state_dict()["time_new_pos_embed"].allclose(positions.narrow(3, 0, 7), 0, 0));
        Assert.AreEqual(("time_new_pos_embed", "the first 7 of 12 time positions"), report.Adapted.Single());
    }

    [TestMethod]
    public void ALongerModelInterpolatesTimePositionsOnlyIfToldTo()
    {
        Passt full = New(s_options);
        string path = Save(full);
        Passt longer = New(s_options with { InputTime = 240 });

        InvalidDataException exception = Assert.ThrowsExactly<InvalidDataException>(() => PasstCheckpoint.Load(longer, path));
        StringAssert.Contains(exception.Message, "12 time positions, the model 24");
        StringAssert.Contains(exception.Message, "TimePositions");

        PasstCheckpoint.Load(longer, path, new CheckpointAdaptation { TimePositions = TimePositionAdaptation.Interpolate });
        float[] own = full.state_dict()["time_new_pos_embed"].select(1, 0).data<float>().ToArray();
        float[] resized = longer.state_dict()["time_new_pos_embed"].select(1, 0).contiguous().data<float>().ToArray();
        Assert.AreEqual(own[0], resized[0], 1e-6);
        Assert.AreEqual((0.75 * own[0]) + (0.25 * own[1]), resized[1], 1e-6);
        Assert.AreEqual((0.25 * own[0]) + (0.75 * own[1]), resized[2], 1e-6);
    }

    [TestMethod]
    public void OtherMelBinsSpreadTheFrequencyPositions()
    {
        Passt model = New(s_options with { InputFrequency = 68 });

        CheckpointReport report = PasstCheckpoint.Load(model, Save(New(s_options)));

        Assert.AreEqual(("freq_new_pos_embed", "4 frequency positions interpolated to 6"), report.Adapted.Single());
    }

    [TestMethod]
    public void APrefixIsFoundOrChosen()
    {
        Passt plain = New(s_options);
        Passt averaged = New(s_options);
        string path = _folder.File("lightning.safetensors");
        Safetensors.Save(path, [.. Renamed(plain, "net."), .. Renamed(averaged, "net_swa.")]);
        Passt model = New(s_options);

        CheckpointReport report = PasstCheckpoint.Load(model, path);
        AssertSameWeights(plain, model, name => name);
        Assert.IsTrue(report.LeftOut.All(item => item.Name.StartsWith("net_swa.", StringComparison.Ordinal)));

        PasstCheckpoint.Load(model, path, new CheckpointAdaptation { Prefix = "net_swa." });
        AssertSameWeights(averaged, model, name => name);

        Assert.ThrowsExactly<InvalidDataException>(
            () => PasstCheckpoint.Load(model, path, new CheckpointAdaptation { Prefix = "ema." }));
    }

    [TestMethod]
    public void AVisionTransformerWithoutDistillationTokenIsTaken()
    {
        string path = _folder.File("vit.safetensors");
        Passt donor = New(s_options);
        Tensor positions = randn(1, 1 + (3 * 3), 8);
        Tensor patches = randn(8, 3, 16, 16);
        Safetensors.Save(
            path,
            [
                .. Renamed(donor, "").Where(tensor => tensor.Name.StartsWith("blocks", StringComparison.Ordinal) || tensor.Name == "cls_token"),
                Stored("pos_embed", positions), Stored("patch_embed.proj.weight", patches), Stored("head.weight", randn(1000, 8)),
            ]);
        Passt model = New(s_options);

        CheckpointReport report = PasstCheckpoint.Load(model, path, new CheckpointAdaptation { Channels = ChannelReduction.Mean });

        Dictionary<string, Tensor> weights = model.state_dict();
        Assert.IsTrue(weights["patch_embed.proj.weight"].allclose(patches.mean([1], true), 1e-6, 1e-7));
        Assert.IsTrue(weights["new_pos_embed"].allclose(positions.narrow(1, 0, 1).expand(1, 2, 8), 0, 0));
        CollectionAssert.Contains(report.Missing.ToArray(), "dist_token");
        CollectionAssert.Contains(report.LeftOut.ToArray(), ("head.weight", "it classifies images"));
    }

    [TestMethod]
    public void NothingThatFitsIsAnError()
    {
        string path = Save(New(s_options));
        Passt wider = New(s_options with { EmbedDim = 16 });
        float[] before = wider.state_dict()["head.1.weight"].data<float>().ToArray();

        InvalidDataException exception = Assert.ThrowsExactly<InvalidDataException>(() => PasstCheckpoint.Load(wider, path));

        StringAssert.Contains(exception.Message, path);
        StringAssert.Contains(exception.Message, "holds no weights for Passt");
        CollectionAssert.AreEqual(before, wider.state_dict()["head.1.weight"].data<float>().ToArray());

        string other = _folder.File("other.safetensors");
        Safetensors.Save(other, [Stored("encoder.weight", randn(3, 3))]);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => PasstCheckpoint.Load(wider, other)).Message, "no checkpoint of PaSST");
    }

    [TestMethod]
    public void WeightsGoThroughAStreamStrictly()
    {
        Passt model = New(s_options);
        using MemoryStream stream = new();
        ModuleWeights.Write(model, stream);
        stream.Position = 0;
        Passt other = New(s_options);

        ModuleWeights.Read(other, stream, "model.zip");

        AssertSameWeights(model, other, name => name);
        stream.Position = 0;
        InvalidDataException shape = Assert.ThrowsExactly<InvalidDataException>(
            () => ModuleWeights.Read(New(s_options with { Classes = 6 }), stream, "model.zip"));
        StringAssert.Contains(shape.Message, "'model.zip': 'head");
        stream.Position = 0;
        InvalidDataException unknown = Assert.ThrowsExactly<InvalidDataException>(
            () => ModuleWeights.Read(New(s_options with { Depth = 3 }), stream, "model.zip"));
        StringAssert.Contains(unknown.Message, "blocks.3");
        stream.Position = 0;
        InvalidDataException missing = Assert.ThrowsExactly<InvalidDataException>(
            () => ModuleWeights.Read(New(s_options with { Depth = 5 }), stream, "model.zip"));
        StringAssert.Contains(missing.Message, "lacks 'blocks.4");
    }

    private Passt New(PasstConfig options) => new(options, _generator);

    private string Save(Passt model)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.safetensors");
        ModuleWeights.Save(model, path);
        return path;
    }

    private static IEnumerable<CheckpointTensor> Renamed(Passt model, string prefix) =>
        ModuleWeights.Of(model).Select(tensor =>
            new InMemoryTensor("memory", prefix + tensor.Name, tensor.DType, [.. tensor.Shape], tensor.ToBytes()));

    private static InMemoryTensor Stored(string name, Tensor values) =>
        new("memory", name, CheckpointDType.Float32, values.shape, values.bytes.ToArray());

    private static void AssertSameWeights(Passt expected, Passt actual, Func<string, string> source)
    {
        Dictionary<string, Tensor> weights = expected.state_dict();
        foreach ((string name, Tensor values) in actual.state_dict())
        {
            Assert.IsTrue(values.allclose(weights[source(name)], 0, 0), name);
        }
    }
}
