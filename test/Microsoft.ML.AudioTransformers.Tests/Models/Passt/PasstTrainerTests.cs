using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class PasstTrainerTests
{
    [TestMethod]
    public void LearnsToTellTwoClassesApart()
    {
        var mlContext = new MLContext(seed: 1);
        ITransformer model = TinyModel.Pipeline(mlContext, TinyModel.Options()).Fit(TinyModel.Data(mlContext));

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
            PasstOptions options = TinyModel.Options();
            options.Seed = seed;
            options.Epochs = 2;
            options.Augmentation.TimeRollFrames = 3;
            ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));
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
    public void SeedOfTheContextIsUsedWhereTheOptionsHaveNone()
    {
        float[][] Train()
        {
            var mlContext = new MLContext(seed: 11);
            PasstOptions options = TinyModel.Options();
            options.Seed = null;
            options.Epochs = 1;
            ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));
            return TinyModel.Scores(model.Transform(TinyModel.Data(mlContext)));
        }

        float[][] first = Train();
        float[][] again = Train();

        CollectionAssert.AreEqual(first[0], again[0]);
    }

    [TestMethod]
    public void TellsOfEachEpochOnCallbackAndChannel()
    {
        var mlContext = new MLContext(seed: 1);
        List<string> messages = [];
        mlContext.Log += (_, e) => messages.Add(e.Message);
        List<AudioTrainingMetrics> epochs = [];
        PasstOptions options = TinyModel.Options();
        options.Epochs = 3;
        options.MetricsCallback = epochs.Add;
        IDataView mapped = MapLabels(mlContext, out IDataView validation);
        options.ValidationSet = validation;

        mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped).Dispose();

        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, epochs.Select(epoch => epoch.Epoch).ToArray());
        Assert.IsTrue(epochs.TrueForAll(epoch => epoch.EpochCount == 3 && double.IsFinite(epoch.Loss)));
        Assert.IsTrue(epochs.TrueForAll(epoch => epoch.ValidationAccuracy is >= 0 and <= 1));
        Assert.IsTrue(messages.Exists(message => message.Contains("epoch 2/3", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void CancellationEndsTrainingAndReturnsTheModelSoFar()
    {
        var mlContext = new MLContext(seed: 1);
        using var source = new CancellationTokenSource();
        int epochs = 0;
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1000;
        options.CancellationToken = source.Token;
        options.MetricsCallback = metrics =>
        {
            epochs++;
            if (metrics.Epoch == 2)
            {
                source.Cancel();
            }
        };

        ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));

        Assert.AreEqual(2, epochs);
        Assert.HasCount(48, TinyModel.Scores(model.Transform(TinyModel.Data(mlContext))));
    }

    [TestMethod]
    public void CrossValidates()
    {
        var mlContext = new MLContext(seed: 1);

        var folds = mlContext.MulticlassClassification.CrossValidate(
            TinyModel.Data(mlContext, count: 60), TinyModel.Pipeline(mlContext, TinyModel.Options()), numberOfFolds: 3);

        Assert.HasCount(3, folds);
        Assert.IsTrue(folds.All(fold => fold.Metrics.MicroAccuracy > 0.9));
    }

    [TestMethod]
    public void PredictsOneClip()
    {
        var mlContext = new MLContext(seed: 1);
        ITransformer model = TinyModel.Pipeline(mlContext, TinyModel.Options()).Fit(TinyModel.Data(mlContext));
        using var engine = mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(model);

        foreach (TinyClip clip in TinyClip.Make(6, seed: 5, TinyModel.Classes))
        {
            TinyPrediction prediction = engine.Predict(clip);
            Assert.AreEqual(clip.Label, prediction.PredictedLabel);
            Assert.AreEqual(1, prediction.Score.Sum(), 1e-5);
        }
    }

    [TestMethod]
    public void PredictedLabelAndScoreCarryTheClassNames()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        IDataView mapped = MapLabels(mlContext, out _);
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);

        DataViewSchema schema = model.GetOutputSchema(mapped.Schema);
        VBuffer<ReadOnlyMemory<char>> slots = default;
        VBuffer<ReadOnlyMemory<char>> keys = default;
        schema["Score"].Annotations.GetValue("SlotNames", ref slots);
        schema["PredictedLabel"].Annotations.GetValue("KeyValues", ref keys);

        CollectionAssert.AreEqual(TinyModel.Classes, slots.DenseValues().Select(name => name.ToString()).ToArray());
        CollectionAssert.AreEqual(TinyModel.Classes, keys.DenseValues().Select(name => name.ToString()).ToArray());
        CollectionAssert.AreEqual(TinyModel.Classes, model.Model.ClassNames.ToArray());
    }

    [TestMethod]
    public void TrainingAndPredictionGiveAllTensorsBack()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 20;
        options.BatchSize = 48;
        List<long> counts = [];
        options.MetricsCallback = _ => counts.Add(LiveTensors.Count);
        IDataView mapped = MapLabels(mlContext, out _);
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);

        Assert.HasCount(20, counts);
        Assert.AreEqual(counts[2], counts[^1], "after epochs of one step each");

        using var engine = mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(
            TinyModel.Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext)));
        TinyClip clip = TinyClip.Make(1, seed: 5, TinyModel.Classes)[0];
        LeakCheck.NoGrowth(() => LiveTensors.Count, () => engine.Predict(clip), steps: 200);
    }

    [TestMethod]
    public void DisposingTheModelGivesItsWeightsBack()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        IDataView mapped = MapLabels(mlContext, out _);

        AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);
        ModelDescription description = model.Model.Description;
        torch.Tensor[] weights = [.. model.Model.Network.state_dict().Values];
        model.Dispose();

        Assert.IsNotEmpty(weights);
        Assert.IsTrue(weights.All(weight => weight.IsInvalid));
        // Making a network moves TorchSharp's count by itself, so an unused one is what to compare with.
        Assert.AreEqual(
            LiveTensors.LeftBy(
                () => TinyModel.Build(options, description.Shape, TinyModel.Classes.Length, seed: 1).Dispose()),
            LiveTensors.LeftBy(() => mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped).Dispose()));
    }

    internal static IDataView MapLabels(MLContext mlContext, out IDataView validation)
    {
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(TinyModel.Data(mlContext));
        validation = map.Transform(TinyModel.Data(mlContext, count: 20, seed: 2));
        return map.Transform(TinyModel.Data(mlContext));
    }
}
