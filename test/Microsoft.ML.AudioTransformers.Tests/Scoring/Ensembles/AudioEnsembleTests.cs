using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring.Ensembles;

[TestClass]
public sealed class AudioEnsembleTests
{
    [TestMethod]
    public void TheMeanOfTheModelsScoresCounts()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        ITransformer passt = Fit(mlContext, Passt(seed: 1), data);
        ITransformer htsAt = Fit(mlContext, HtsAt(seed: 2), data);

        using AudioEnsembleTransformer ensemble = mlContext.Model.CreateAudioEnsemble([passt, htsAt]);

        IDataView scored = ensemble.Transform(data);
        float[][] first = TinyModel.Scores(passt.Transform(data));
        float[][] second = TinyModel.Scores(htsAt.Transform(data));
        float[][] mean = TinyModel.Scores(scored);
        uint[] keys = [.. mlContext.Data.CreateEnumerable<KeyPrediction>(scored, reuseRowObject: false).Select(row => row.PredictedLabel)];
        Assert.HasCount(48, mean);
        for (int i = 0; i < mean.Length; i++)
        {
            for (int label = 0; label < 2; label++)
            {
                Assert.AreEqual((first[i][label] + second[i][label]) / 2, mean[i][label], 1e-5f);
            }

            Assert.AreEqual(mean[i][1] > mean[i][0] ? 2u : 1u, keys[i]);
        }

        Assert.IsFalse(first.Zip(second).All(pair => Math.Abs(pair.First[0] - pair.Second[0]) < 1e-3f), "the models differ");
    }

    [TestMethod]
    public void ClassesMayBeInAnotherOrder()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        IDataView reversed = mlContext.Data.LoadFromEnumerable(TinyClip.Make(48, 1, TinyModel.Classes).Reverse());
        ITransformer first = Fit(mlContext, Passt(seed: 1), data);
        ITransformer second = Fit(mlContext, Passt(seed: 2), reversed);

        using AudioEnsembleTransformer ensemble = mlContext.Model.CreateAudioEnsemble([first, second]);

        float[] a = TinyModel.Scores(first.Transform(data))[0];
        float[] b = TinyModel.Scores(second.Transform(data))[0];
        float[] mean = TinyModel.Scores(ensemble.Transform(data))[0];
        Assert.AreEqual((a[0] + b[1]) / 2, mean[0], 1e-5f);
        Assert.AreEqual((a[1] + b[0]) / 2, mean[1], 1e-5f);
        Assert.AreNotEqual(b[0], b[1], 1e-3f, "the order makes a difference");
    }

    [TestMethod]
    public void ASavedEnsembleScoresTheSame()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        string[] paths = [folder.File("one.zip"), folder.File("two.zip")];
        mlContext.Model.Save(Fit(mlContext, Passt(seed: 1), data), data.Schema, paths[0]);
        mlContext.Model.Save(Fit(mlContext, HtsAt(seed: 2), data), data.Schema, paths[1]);

        using AudioEnsembleTransformer ensemble = new MLContext().Model.LoadAudioEnsemble(paths);
        string path = folder.File("both.zip");
        mlContext.Model.Save(ensemble, data.Schema, path);
        Array.ForEach(paths, File.Delete);
        using var loaded = (AudioEnsembleTransformer)new MLContext().RegisterAudioTransformers().Model.Load(path, out _);

        Assert.HasCount(2, loaded.Models);
        Assert.IsTrue(TinyModel.Scores(ensemble.Transform(data)).Zip(TinyModel.Scores(loaded.Transform(data)))
            .All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void IsEvaluatedAndAskedAsAnyModel()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        ITransformer labels = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data);
        IDataView mapped = labels.Transform(data);
        ITransformer[] models =
        [
            .. new[] { 1, 2 }.Select(seed =>
            {
                PasstOptions options = Passt(seed);
                options.Epochs = 16;
                return mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);
            }),
        ];
        using AudioEnsembleTransformer ensemble = mlContext.Model.CreateAudioEnsemble(models);
        IDataView test = labels.Transform(TinyModel.Data(mlContext, count: 20, seed: 2));

        Assert.AreEqual(1, mlContext.MulticlassClassification.Evaluate(ensemble.Transform(test)).MicroAccuracy, 1e-9);
        ITransformer named = ensemble.Append(
            mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(ensemble.Transform(mapped)));
        using var engine = mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(named);
        Assert.AreEqual("low", engine.Predict(TinyClip.Make(2, 3, TinyModel.Classes)[0]).PredictedLabel);
        Assert.AreEqual("high", engine.Predict(TinyClip.Make(2, 3, TinyModel.Classes)[1]).PredictedLabel);
    }

    [TestMethod]
    public void TagsAreThoseWithAMeanOfAHalf()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(TaggedClip.Make(32, seed: 1));
        ITransformer first = FitTags(mlContext, seed: 1, data);
        ITransformer second = FitTags(mlContext, seed: 2, data);

        using AudioEnsembleTransformer ensemble = mlContext.Model.CreateAudioEnsemble([first, second]);

        TagPrediction[] rows = [.. mlContext.Data.CreateEnumerable<TagPrediction>(ensemble.Transform(data), reuseRowObject: false)];
        float[][] a = TinyModel.Scores(first.Transform(data));
        float[][] b = TinyModel.Scores(second.Transform(data));
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.AreEqual((a[i][0] + b[i][0]) / 2, rows[i].Score[0], 1e-5f);
            CollectionAssert.AreEqual(
                Enumerable.Range(0, 3).Where(label => rows[i].Score[label] >= 0.5f).Select(label => (uint)label + 1).ToArray(),
                rows[i].PredictedLabel);
        }
    }

    [TestMethod]
    public void ModelsOfOtherClassesAreAnErrorThatNamesBoth()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        IDataView others = mlContext.Data.LoadFromEnumerable(TinyClip.Make(24, 1, "low", "shrill"));
        string[] paths = [folder.File("one.zip"), folder.File("two.zip")];
        mlContext.Model.Save(Fit(mlContext, Passt(seed: 1), data), data.Schema, paths[0]);
        mlContext.Model.Save(Fit(mlContext, Passt(seed: 1), others), data.Schema, paths[1]);
        using AudioEnsembleTransformer ensemble = mlContext.Model.LoadAudioEnsemble(paths);

        var error = Assert.ThrowsExactly<ArgumentException>(() => ensemble.Transform(data));

        StringAssert.Contains(error.Message, $"'{paths[0]}' has the classes 'low', 'high'");
        StringAssert.Contains(error.Message, $"'{paths[1]}' 'low', 'shrill'");
    }

    [TestMethod]
    public void OneLabelAndAnyNumberOfLabelsAreAnError()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView tagged = mlContext.Data.LoadFromEnumerable(TaggedClip.Make(16, seed: 1));
        IDataView data = TinyModel.Data(mlContext);
        ITransformer tagger = mlContext.Transforms.CopyColumns("Tags", "Label")
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Tags")).Fit(tagged);
        AudioTrainerOptions options = HtsAt(seed: 1);
        options.LabelColumnName = "Tags";
        tagger = mlContext.AudioTagging().Trainer(options).Fit(tagger.Transform(tagged));
        IDataView mapped = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        ITransformer classifier = mlContext.MulticlassClassification.Trainers.Passt(Passt(seed: 1)).Fit(mapped);

        using AudioEnsembleTransformer ensemble = mlContext.Model.CreateAudioEnsemble([classifier, tagger]);
        var error = Assert.ThrowsExactly<ArgumentException>(() => ensemble.Transform(data));

        StringAssert.Contains(error.Message, "Model 1 gives a clip one label and Model 2 any number of labels");
    }

    [TestMethod]
    public void NoModelAndNoScoreAreErrors()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        Assert.ThrowsExactly<ArgumentException>(() => mlContext.Model.CreateAudioEnsemble([]));
        Assert.ThrowsExactly<FileNotFoundException>(() => mlContext.Model.LoadAudioEnsemble(["nowhere.zip"]));

        ITransformer mute = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.Model.CreateAudioEnsemble([mute]).Transform(data));
        StringAssert.Contains(error.Message, "Model 1: score column 'Score' not found");
    }

    private static ITransformer Fit(MLContext mlContext, PasstOptions options, IDataView data) =>
        TinyModel.Pipeline(mlContext, options).Fit(data);

    private static ITransformer Fit(MLContext mlContext, HtsAtOptions options, IDataView data) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.HtsAt(options)).Fit(data);

    private static ITransformer FitTags(MLContext mlContext, int seed, IDataView data) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.AudioTagging().Trainer(HtsAt(seed))).Fit(data);

    private static PasstOptions Passt(int seed)
    {
        PasstOptions options = TinyModel.Options();
        (options.Epochs, options.Seed) = (1, seed);
        return options;
    }

    private static HtsAtOptions HtsAt(int seed)
    {
        HtsAtOptions options = HtsAtTrainerTests.Options();
        (options.Epochs, options.Seed) = (1, seed);
        return options;
    }

    private sealed class KeyPrediction
    {
        [KeyType(2)]
        public uint PredictedLabel { get; set; }
    }

    private sealed class TagPrediction
    {
        [KeyType(3)]
        public uint[] PredictedLabel { get; set; } = [];

        public float[] Score { get; set; } = [];
    }
}
