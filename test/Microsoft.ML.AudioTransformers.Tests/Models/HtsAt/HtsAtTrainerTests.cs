using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class HtsAtTrainerTests
{
    [TestMethod]
    public void LearnsToTellTwoClassesApartWithoutTheTokenSemanticLayer()
    {
        var mlContext = new MLContext(seed: 1);
        HtsAtOptions options = Options();
        options.Config.TokenSemantic = false;
        ITransformer model = Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));

        IDataView scored = model.Transform(TinyModel.Data(mlContext, count: 40, seed: 2));
        MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(scored);

        Assert.AreEqual(1, metrics.MicroAccuracy, 1e-9);
    }

    [TestMethod]
    [DataRow(HtsAtShortClips.Resize, 32)]
    [DataRow(HtsAtShortClips.Repeat, 32)]
    [DataRow(HtsAtShortClips.RepeatWindows, 32)]
    [DataRow(HtsAtShortClips.Resize, 8)]
    public void ClipsOfOtherLengthsThanAnImage(HtsAtShortClips shortClips, int imageSize)
    {
        var mlContext = new MLContext(seed: 1);
        HtsAtOptions options = Options();
        options.Config.ShortClips = shortClips;
        options.Config.ImageSize = imageSize;

        // An image of 32 has 128 frames, one of 8 has 8; the clips have 16.
        int patch = imageSize == 8 ? 2 : 4;
        (options.Config.StrideTime, options.Config.StrideFrequency, options.Config.PatchSize) = (patch, patch, patch);
        options.Epochs = 2;

        ITransformer model = Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));

        float[][] scores = TinyModel.Scores(model.Transform(TinyModel.Data(mlContext)));
        Assert.IsTrue(scores.All(score => Math.Abs(score.Sum() - 1) < 1e-5));
    }

    [TestMethod]
    public void ALoadedModelWithAbsolutePositionsScoresTheSameToTheBit()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("htsat.zip");
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        HtsAtOptions options = Options();
        options.Epochs = 1;
        options.Config.AbsolutePositions = true;
        ITransformer model = Pipeline(mlContext, options).Fit(data);
        mlContext.Model.Save(model, data.Schema, path);

        ITransformer loaded = new MLContext().RegisterAudioTransformers().Model.Load(path, out _);

        float[][] expected = TinyModel.Scores(model.Transform(data));
        float[][] actual = TinyModel.Scores(loaded.Transform(data));
        Assert.IsTrue(expected.Zip(actual).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void TheCatalogsShortFormHasThePapersSizes()
    {
        var mlContext = new MLContext(seed: 1);

        AudioClassificationTrainer trainer = mlContext.MulticlassClassification.Trainers.HtsAt("Word", "Features", epochs: 3);

        Assert.IsNotNull(trainer.Info);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(TinyModel.Data(mlContext)));
        StringAssert.Contains(error.Message, "'Word'");
        trainer = mlContext.MulticlassClassification.Trainers.HtsAt("Label", "LogMel", epochs: 3);
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(TinyModel.Data(mlContext)));
        StringAssert.Contains(error.Message, "'LogMel'");
    }

    [TestMethod]
    public void AnOptionOutOfRangeIsNamed()
    {
        HtsAtOptions options = Options();
        options.Config.Heads = [3, 2];

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().MulticlassClassification.Trainers.HtsAt(options));

        StringAssert.Contains(error.Message, "Heads[0] is 3; expected a divisor of the stage's token width, 8");
    }

    [TestMethod]
    public void MelBinsThatFillNoImageAreAnError()
    {
        var mlContext = new MLContext(seed: 1);
        HtsAtOptions options = Options();
        options.Config.ImageSize = 4;
        options.Config.WindowSize = 1;
        (options.Config.StrideTime, options.Config.StrideFrequency, options.Config.PatchSize) = (2, 2, 2);
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.MulticlassClassification.Trainers.HtsAt(options).Fit(mapped));

        StringAssert.Contains(error.Message, "Option Config.ImageSize is 4; expected at least the 8 mel bins of the features.");
    }

    internal static HtsAtOptions Options() => new()
    {
        Config =
        {
            ImageSize = 16,
            PatchSize = 2,
            StrideFrequency = 2,
            StrideTime = 2,
            EmbedDim = 8,
            Depths = [2, 1],
            Heads = [1, 2],
            WindowSize = 4,
        },
        LearningRate = 1e-2,
        LearningRateSchedule = new ConstantSchedule(),
        Epochs = 12,
        BatchSize = 8,
        Seed = 7,
    };

    private static IEstimator<ITransformer> Pipeline(MLContext mlContext, HtsAtOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.HtsAt(options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
}
