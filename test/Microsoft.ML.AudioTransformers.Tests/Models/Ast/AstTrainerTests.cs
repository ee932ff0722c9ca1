using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class AstTrainerTests
{
    [TestMethod]
    public void LearnsToTellTwoClassesApart()
    {
        var mlContext = new MLContext(seed: 1);
        ITransformer model = Pipeline(mlContext, Options()).Fit(TinyModel.Data(mlContext));

        IDataView scored = model.Transform(TinyModel.Data(mlContext, count: 40, seed: 2));
        MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(scored);

        Assert.AreEqual(1, metrics.MicroAccuracy, 1e-9);
    }

    [TestMethod]
    public void SameSeedSameModelToTheBit()
    {
        float[][] Train(int seed)
        {
            var mlContext = new MLContext();
            AstOptions options = Options();
            options.Seed = seed;
            options.Epochs = 2;
            options.Config.DropPath = 0.2;
            options.Config.Depth = 2;
            ITransformer model = Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));
            return TinyModel.Scores(model.Transform(TinyModel.Data(mlContext)));
        }

        float[][] first = Train(seed: 3);
        float[][] again = Train(seed: 3);
        float[][] other = Train(seed: 4);

        for (int i = 0; i < first.Length; i++)
        {
            CollectionAssert.AreEqual(first[i], again[i]);
        }

        Assert.IsFalse(first.Zip(other).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void ALoadedModelScoresTheSameToTheBit()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("ast.zip");
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        AstOptions options = Options();
        options.Epochs = 1;
        ITransformer model = Pipeline(mlContext, options).Fit(data);
        mlContext.Model.Save(model, data.Schema, path);

        ITransformer loaded = new MLContext().RegisterAudioTransformers().Model.Load(path, out _);

        float[][] expected = TinyModel.Scores(model.Transform(data));
        float[][] actual = TinyModel.Scores(loaded.Transform(data));
        Assert.IsTrue(expected.Zip(actual).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void PredictsOneClip()
    {
        var mlContext = new MLContext(seed: 1);
        ITransformer model = Pipeline(mlContext, Options()).Fit(TinyModel.Data(mlContext));
        using var engine = mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(model);

        foreach (TinyClip clip in TinyClip.Make(6, seed: 5, TinyModel.Classes))
        {
            TinyPrediction prediction = engine.Predict(clip);
            Assert.AreEqual(clip.Label, prediction.PredictedLabel);
            Assert.AreEqual(1, prediction.Score.Sum(), 1e-5);
        }
    }

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

        StringAssert.Contains(error.Message, "InputFrequency is 8; expected 17 or more");
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

    private static IEstimator<ITransformer> Pipeline(MLContext mlContext, AstOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Ast(options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
}
