using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class AstTrainerTests
{
    [TestMethod]
    public void AnOptionOutOfRangeIsNamed()
    {
        AstOptions options = Options();
        options.Config.Heads = 3;

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().MulticlassClassification.Trainers.Ast(options));

        StringAssert.Contains(error.Message, "EmbedDim is 16; expected a multiple of Heads, 3");
    }

    [TestMethod]
    public void ClipsShorterThanAPatchAreAnError()
    {
        var mlContext = new MLContext(seed: 1);
        AstOptions options = Options();
        options.Config.PatchSize = TinyClip.Frames + 1;
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.MulticlassClassification.Trainers.Ast(options).Fit(mapped));

        StringAssert.Contains(error.Message, "Option Config.PatchSize is 17; expected at most the 8 mel bins of the features.");
    }

    internal static AstOptions Options() => new()
    {
        Config = { PatchSize = 4, StrideFrequency = 4, StrideTime = 4, EmbedDim = 16, Depth = 1, Heads = 2 },
        LearningRate = 1e-2,
        LearningRateSchedule = new ConstantSchedule(),
        Epochs = 16,
        BatchSize = 8,
        Seed = 7,
    };
}
