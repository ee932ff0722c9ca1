using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Checkpoints of one AST in another, through files.</summary>
[TestClass]
public class AstCheckpointTests
{
    // 4 x 11 patches.
    private static readonly AstConfig s_options = new()
    {
        InputFrequency = 48, InputTime = 120, EmbedDim = 8, Depth = 2, Heads = 2, Classes = 5,
    };

    private static readonly string[] s_imageHeads = ["v.head.weight", "v.head.bias", "v.head_dist.weight", "v.head_dist.bias"];

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
    public void ADataParallelFileIsRead()
    {
        Ast model = New(s_options);
        Ast other = New(s_options);

        CheckpointReport report = AstCheckpoint.Load(other, Save(model, "module."));

        Assert.HasCount(0, report.LeftOut);
        Assert.HasCount(0, report.Missing);
        Dictionary<string, Tensor> weights = model.state_dict();
        foreach ((string name, Tensor values) in other.state_dict())
        {
            Assert.IsTrue(values.allclose(weights[name], 0, 0), name);
        }
    }

    [TestMethod]
    public void AShorterModelTakesThePositionsAroundTheCentre()
    {
        Ast model = New(s_options);
        Ast shorter = New(s_options with { InputTime = 76 }); // 4 x 7 patches

        CheckpointReport report = AstCheckpoint.Load(shorter, Save(model));

        Tensor grid = Grid(model, 4, 11);
        Assert.IsTrue(Grid(shorter, 4, 7).allclose(grid.narrow(1, 2, 7), 0, 0));
        Assert.AreEqual(("v.pos_embed", "4 x 11 positions fitted to 4 x 7"), report.Adapted.Single());
        Assert.IsTrue(Leading(shorter).allclose(Leading(model), 0, 0));
    }

    [TestMethod]
    public void ALongerModelInterpolatesThePositions()
    {
        Ast model = New(s_options);
        Ast longer = New(s_options with { InputTime = 230 }); // 4 x 22 patches

        AstCheckpoint.Load(longer, Save(model));

        Tensor own = Grid(model, 4, 11);
        Tensor resized = Grid(longer, 4, 22);
        Assert.IsTrue(resized.select(1, 0).allclose(own.select(1, 0), 0, 1e-6));
        Assert.IsTrue(resized.select(1, 1).allclose((own.select(1, 0) * 0.75) + (own.select(1, 1) * 0.25), 0, 1e-6));
    }

    [TestMethod]
    public void PositionsOfNoGridAreAnError()
    {
        string path = Save(New(s_options with { InputFrequency = 66, InputTime = 60 })); // 6 x 5 patches
        InvalidDataException exception = Assert.ThrowsExactly<InvalidDataException>(
            () => AstCheckpoint.Load(New(s_options), path));
        StringAssert.Contains(exception.Message, "30 positions");
    }

    [TestMethod]
    public void TheImageHeadsOfAnOfficialFileAreLeftOut()
    {
        string path = Save(New(s_options), more: ImageHeads(1000));

        CheckpointReport report = AstCheckpoint.Load(New(s_options), path);

        Assert.HasCount(0, report.Missing);
        CollectionAssert.AreEquivalent(s_imageHeads, report.LeftOut.Select(item => item.Name).ToArray());
        Assert.IsTrue(report.LeftOut.All(item => item.Reason == "it classifies images"));
    }

    /// <summary>Models of earlier versions have the image heads among their weights.</summary>
    [TestMethod]
    public void ASavedModelWithImageHeadsIsRead()
    {
        Ast model = New(s_options);
        using MemoryStream stream = new();
        Safetensors.Write(stream, [.. ModuleWeights.Of(model), .. ImageHeads(1000)]);
        Ast other = New(s_options);

        stream.Position = 0;
        other.ReadWeights(stream, "model.zip");

        Dictionary<string, Tensor> weights = model.state_dict();
        foreach ((string name, Tensor values) in other.state_dict())
        {
            Assert.IsTrue(values.allclose(weights[name], 0, 0), name);
        }
    }

    /// <summary>No other name, and no other model's.</summary>
    [TestMethod]
    public void OtherUnknownWeightsAreAnError()
    {
        Ast model = New(s_options);
        CheckpointTensor unknown = new InMemoryTensor("memory", "v.head.scale", CheckpointDType.Float32, [1], new byte[4]);
        using MemoryStream stream = new();
        Safetensors.Write(stream, [.. ModuleWeights.Of(model), unknown]);
        stream.Position = 0;
        var error = Assert.ThrowsExactly<InvalidDataException>(() => model.ReadWeights(stream, "model.zip"));
        StringAssert.Contains(error.Message, "v.head.scale");

        Passt passt = new(
            new PasstConfig { InputFrequency = 32, InputTime = 40, EmbedDim = 8, Depth = 1, Heads = 2, Classes = 3 }, _generator);
        using MemoryStream other = new();
        Safetensors.Write(other, [.. ModuleWeights.Of(passt), .. ImageHeads(3)]);
        other.Position = 0;
        error = Assert.ThrowsExactly<InvalidDataException>(() => passt.ReadWeights(other, "model.zip"));
        StringAssert.Contains(error.Message, "v.head");
    }

    private static IEnumerable<CheckpointTensor> ImageHeads(int classes) => s_imageHeads.Select(name =>
    {
        long[] shape = name.EndsWith("weight", StringComparison.Ordinal) ? [classes, 8] : [classes];
        return new InMemoryTensor("memory", name, CheckpointDType.Float32, shape, new byte[4 * shape.Aggregate((a, b) => a * b)]);
    });

    private Ast New(AstConfig options) => new(options, _generator);

    private string Save(Ast model, string prefix = "", IEnumerable<CheckpointTensor>? more = null)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.safetensors");
        Safetensors.Save(path, ModuleWeights.Of(model).Concat(more ?? []).Select(tensor =>
            new InMemoryTensor("memory", prefix + tensor.Name, tensor.DType, [.. tensor.Shape], tensor.ToBytes())));
        return path;
    }

    private static Tensor Leading(Ast model) => model.state_dict()["v.pos_embed"].narrow(1, 0, 2);

    /// <summary>The patches' positions as (rows, columns, D).</summary>
    private static Tensor Grid(Ast model, long rows, long columns) =>
        model.state_dict()["v.pos_embed"].narrow(1, 2, rows * columns).reshape(rows, columns, 8);
}
