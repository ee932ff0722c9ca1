using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class PasstTrainerTests
{
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

    internal static IDataView MapLabels(MLContext mlContext, out IDataView validation)
    {
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(TinyModel.Data(mlContext));
        validation = map.Transform(TinyModel.Data(mlContext, count: 20, seed: 2));
        return map.Transform(TinyModel.Data(mlContext));
    }
}
