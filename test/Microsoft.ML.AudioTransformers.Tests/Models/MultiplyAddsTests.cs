using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>The figures are those that a counter of PyTorch's operators gives of the official models.</summary>
[TestClass]
public class MultiplyAddsTests
{
    [TestMethod]
    [DataRow("Tiny", 12.4)]
    [DataRow("Small", 24.6)]
    [DataRow("Base", 42.7)]
    public void Datar(string name, double billions)
    {
        var options = (DatarConfig)typeof(DatarConfig).GetProperty(name)!.GetValue(null)!;

        Assert.AreEqual(billions, Math.Round(MultiplyAdds.Of(options) / 1e9, 1));
    }

    [TestMethod]
    public void VisionTransformers()
    {
        Assert.AreEqual(130.5, Math.Round(MultiplyAdds.Of(new AstConfig()) / 1e9, 1));
        Assert.AreEqual(127.4, Math.Round(MultiplyAdds.Of(PasstConfig.B) / 1e9, 1));
    }

    /// <summary>
    /// By hand: 12 blocks of two products of 1,214 x 1,214 x 768; what is left is 12 blocks of 12 x 768 x 768 a token and the
    /// patches, 103.3 G, where DATAR's paper gives 103.4 for AST. DAT's paper gives 4.6, 9.0 and 15.8 G for images.
    /// </summary>
    [TestMethod]
    public void ProductsOfAttention()
    {
        var ast = new AstConfig();
        Assert.AreEqual(12 * 2L * 1214 * 1214 * 768, MultiplyAdds.ProductsOf(ast));
        Assert.AreEqual(103.3, Math.Round((MultiplyAdds.Of(ast) - MultiplyAdds.ProductsOf(ast)) / 1e9, 1));
        double[] linear =
        [
            .. new[] { DatarConfig.Tiny, DatarConfig.Small, DatarConfig.Base }
                .Select(config => config with { InputFrequency = 224, InputTime = 224, Adaptor = DatarAdaptor.None })
                .Select(config => Math.Round((MultiplyAdds.Of(config) - MultiplyAdds.ProductsOf(config)) / 1e9, 1)),
        ];
        CollectionAssert.AreEqual(new[] { 4.6, 8.9, 15.9 }, linear);
    }

    [TestMethod]
    public void HtsAt() => Assert.AreEqual(5.99, Math.Round(MultiplyAdds.Of(HtsAtConfig.HC) / 1e9, 2));

    /// <summary>A map of one point, counted by hand.</summary>
    [TestMethod]
    public void OfOnePoint()
    {
        DatarStageConfig stage = new() { Dim = 4, Heads = 2, Blocks = "L", WindowSize = 2 };
        DatarConfig options = new()
        {
            InputFrequency = 1,
            InputTime = 1,
            PatchSize = 1,
            StemDim = 4,
            Expansion = 2,
            Classes = 3,
            NounClasses = 5,
            Stages =
            [
                stage,
                stage with { Blocks = "N", NeighborhoodKernel = 3 },
                stage with { Blocks = "P" },
                stage with { Blocks = "D", OffsetKernel = 1, PositionBias = DeformablePositionBias.Convolutional },
            ],
        };

        // Adaptor, stem; four hidden layers, three steps between stages, two heads.
        long shared = 9 + 4 + (4 * 2 * 4 * 8) + (3 * 4 * 4 * 4) + (4 * (3 + 5));
        long local = (4 * 4 * 4 * 4) + (2 * 4 * 4 * 4);
        long neighborhood = (4 * 4 * 4) + (2 * 9 * 4);
        long pyramid = (4 * 4 * 4) + (2 * 4);
        long deformable = (4 * (1 + 2)) + (4 * 9) + (4 * 4 * 4) + (2 * 4);
        Assert.AreEqual(shared + local + neighborhood + pyramid + deformable, MultiplyAdds.Of(options));
    }
}
