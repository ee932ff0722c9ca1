using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Positions of AST's published files in models of other sizes, as the official code adapts them.</summary>
[TestClass]
public sealed class AstPositionGridTests
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestCleanup]
    public void Cleanup() => _scope.Dispose();

    [TestMethod]
    [DataRow("ast_audioset.pth", 1024, 64, 16, 16, "want_4x64.f32")]
    [DataRow("ast_audioset.pth", 1024, 128, 20, 10, "want_6x101.f32")]
    [DataRow("ast_esc.pth", 512, 128, 16, 16, "want_8x32.f32")]
    [DataRow("ast_audioset.pth", 1024, 128, 16, 16, "want_8x64.f32")]
    public void ThePositionsAreThoseOfTheOfficialCode(
        string file, int frames, int mels, int strideFrequency, int strideTime, string expected)
    {
        Ast model = New(frames, mels, strideFrequency, strideTime);

        AstCheckpoint.Load(model, CheckpointFiles.Path(file));

        float[] positions = model.state_dict()["v.pos_embed"].data<float>().ToArray();
        float[] wanted = CheckpointFiles.Singles(expected);
        Assert.HasCount(wanted.Length, positions);
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.AreEqual(wanted[i], positions[i], 2e-6f, $"number {i}");
        }
    }

    /// <summary>As many positions as the file, in another grid: 12 x 50 are cut to 8 rows and stretched to 75 columns.</summary>
    [TestMethod]
    public void AnEqualNumberOfPositionsIsNotAnEqualGrid()
    {
        CheckpointReport report = AstCheckpoint.Load(New(1200, 128, 16, 16), CheckpointFiles.Path("ast_esc.pth"));
        Assert.Contains(("v.pos_embed", "12 x 50 positions fitted to 8 x 75"), report.Adapted);
    }

    [TestMethod]
    public void TheUserMayStateTheRows()
    {
        CheckpointReport report = AstCheckpoint.Load(
            New(1024, 64, 16, 16), CheckpointFiles.Path("ast_audioset.pth"), new CheckpointAdaptation { PositionRows = 6 });
        Assert.Contains(("v.pos_embed", "6 x 202 positions fitted to 4 x 64"), report.Adapted);

        var error = Assert.ThrowsExactly<InvalidDataException>(() => AstCheckpoint.Load(
            New(1024, 64, 16, 16), CheckpointFiles.Path("ast_audioset.pth"), new CheckpointAdaptation { PositionRows = 7 }));
        StringAssert.Contains(error.Message, "the 1212 positions of 'module.v.pos_embed' are not 7 rows of patches");
    }

    /// <summary>The published grids, by hand: (128 - 16) / stride + 1 rows, (frames - 16) / stride + 1 columns.</summary>
    [TestMethod]
    public void ThePublishedGridsHaveDifferentNumbersOfPatches()
    {
        CollectionAssert.AreEquivalent(
            new long[] { 1212, 600, 144, 850, 420, 100, 657, 324, 81, 512, 256, 64 },
            AstGrid.Published.Select(each => each.Grid.Rows * each.Grid.Columns).ToArray());
    }

    private static Ast New(int frames, int mels, int strideFrequency, int strideTime) => new(
        new AstConfig
        {
            InputTime = frames, InputFrequency = mels, StrideFrequency = strideFrequency, StrideTime = strideTime, EmbedDim = 16,
            Depth = 1, Heads = 2, Classes = 5,
        },
        new Generator(1));
}
