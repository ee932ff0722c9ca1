using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.Data;
using EventClip = Microsoft.ML.AudioTransformers.Tests.Tasks.SoundEventDetectionTrainerTests.EventClip;

namespace Microsoft.ML.AudioTransformers.Tests.Evaluation;

[TestClass]
public class CrossValidationTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void EachFoldIsEvaluatedByAModelOfTheOthers()
    {
        // In fold 10 the classes are swapped: its model, of the other folds, is always wrong there.
        Random random = new(2);
        Row[] rows = [.. Enumerable.Range(0, 90).Select(i =>
        {
            float fold = i % 3 == 0 ? 2 : i % 3 == 1 ? 9 : 10;
            int label = i / 3 % 2;
            float side = (label == 0 ? -1 : 1) * (fold == 10 ? -1 : 1);
            return new Row { Fold = fold, Name = label == 0 ? "a" : "b", Features = [side + random.NextSingle() * 0.2f, 1] };
        })];
        IDataView data = Labelled(rows);
        FoldMetrics<AudioClassificationMetrics> folds = _mlContext.AudioClassification().CrossValidate(data, Estimator());
        CollectionAssert.AreEqual(new[] { "2", "9", "10" }, folds.Folds.Select(fold => fold.Fold).ToArray());
        Assert.AreEqual(30, folds.Folds[0].Metrics.ClipCount);
        Assert.AreEqual(0, folds.Folds[2].Metrics.Accuracy);
        Assert.IsNotNull(folds.Folds[0].Model);

        double[] accuracies = [.. folds.Folds.Select(fold => fold.Metrics.Accuracy)];
        double mean = accuracies.Sum() / 3;
        Assert.AreEqual(mean, folds.Average(metrics => metrics.Accuracy), 1e-12);
        Assert.AreEqual(
            Math.Sqrt(accuracies.Sum(value => (value - mean) * (value - mean)) / 2), folds.StandardDeviation(metrics => metrics.Accuracy), 1e-12);
        StringAssert.Contains(folds.GetFormattedTable("accuracy", metrics => metrics.Accuracy), "standard deviation");
    }

    [TestMethod]
    public void FoldsMayBeNamesOrKeysAndModelsNeedNotBeKept()
    {
        Row[] rows = [.. Enumerable.Range(0, 20).Select(i => new Row
        {
            FoldName = i % 4 < 2 ? "left" : "right",
            Name = i % 2 == 0 ? "a" : "b",
            Features = [i % 2, 1],
        })];
        IDataView data = Labelled(rows);
        data = _mlContext.Transforms.Conversion.MapValueToKey("FoldKey", "FoldName").Fit(data).Transform(data);
        foreach (string column in new[] { "FoldName", "FoldKey" })
        {
            FoldMetrics<AudioClassificationMetrics> folds = _mlContext.AudioClassification().CrossValidate(
                data, Estimator(), column, keepModels: false);
            CollectionAssert.AreEqual(new[] { "left", "right" }, folds.Folds.Select(fold => fold.Fold).ToArray());
            Assert.AreEqual(1, folds.Average(metrics => metrics.Accuracy));
            Assert.IsNull(folds.Folds[0].Model);
        }
    }

    [TestMethod]
    public void ActionsAreCrossValidatedByTheirVerbsAndNouns()
    {
        Row[] rows = [.. Enumerable.Range(0, 16).Select(i => new Row
        {
            Fold = i % 2,
            Name = i / 2 % 2 == 0 ? "a" : "b",
            Other = i / 4 % 2 == 0 ? "c" : "d",
            Features = [i / 2 % 2, i / 4 % 2],
        })];
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        data = _mlContext.Transforms.Conversion.MapValueToKey("Verb", "Name")
            .Append(_mlContext.Transforms.Conversion.MapValueToKey("Noun", "Other")).Fit(data).Transform(data);
        IEstimator<ITransformer> estimator = Trainer("Verb")
            .Append(_mlContext.Transforms.CopyColumns("VerbScore", "Score"))
            .Append(Trainer("Noun"))
            .Append(_mlContext.Transforms.CopyColumns("NounScore", "Score"));

        FoldMetrics<ActionRecognitionMetrics> folds = _mlContext.ActionRecognition().CrossValidate(data, estimator);

        Assert.HasCount(2, folds.Folds);
        Assert.AreEqual(8, folds.Folds[0].Metrics.ClipCount);
        Assert.AreEqual(1, folds.Average(metrics => metrics.ActionAccuracy));

        IEstimator<ITransformer> Trainer(string label) =>
            _mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(label, "Features", l2Regularization: 0.01f);
    }

    [TestMethod]
    public void FoldsOfDetectorsCountTheEventsOfTheirOwnClips()
    {
        SoundEventDetectionTrainer.Options detector = SoundEventDetectionTrainerTests.Options();
        detector.Supervision = EventSupervision.Strong;
        detector.Model.Epochs = 1;
        EventClip[] clips = EventClip.Make(28, seed: 1);
        for (int i = 0; i < clips.Length; i++)
        {
            clips[i].Fold = i < 20 ? "first" : "second";
        }

        int inSecond = clips.Skip(20).Sum(clip => clip.Label.Length);

        FoldMetrics<SoundEventDetectionMetrics> folds = _mlContext.SoundEventDetection().CrossValidate(
            _mlContext.Data.LoadFromEnumerable(clips),
            _mlContext.Transforms.Conversion.MapValueToKey("Label")
                .Append(_mlContext.SoundEventDetection().Trainer(detector)),
            options: SoundEventDetectionCatalog.EvaluationOptions.ForDetector("Name"),
            keepModels: false);

        CollectionAssert.AreEqual(new[] { "first", "second" }, folds.Folds.Select(fold => fold.Fold).ToArray());
        Assert.AreEqual(inSecond, folds.Folds[1].Metrics.EventBased.Overall.ReferenceCount);
    }

    [TestMethod]
    public void ARowWithoutAFoldOrOneFoldAloneIsAnError()
    {
        IDataView one = Labelled(new Row { Fold = 1, Name = "a" }, new Row { Fold = 1, Name = "b" });
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.AudioClassification().CrossValidate(one, Estimator())).Message,
            "names 1 folds");
        IDataView missing = Labelled(new Row { Fold = 1, Name = "a" }, new Row { Fold = float.NaN, Name = "b" });
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.AudioTagging().CrossValidate(missing, Estimator())).Message,
            "Row 1 has no fold in column 'Fold'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _mlContext.AudioTagging().CrossValidate(missing, Estimator(), "Features")).Message,
            "Fold column 'Features' is");
    }

    private IEstimator<ITransformer> Estimator() =>
        _mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Features");

    private IDataView Labelled(params Row[] rows)
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        return _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data).Transform(data);
    }

    private sealed class Row
    {
        public float Fold { get; set; }

        public string? FoldName { get; set; } = "";

        public string? Name { get; set; }

        public string? Other { get; set; }

        [VectorType(2)]
        public float[]? Features { get; set; } = [0, 0];
    }
}
