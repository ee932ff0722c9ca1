using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public sealed class AudioTaggingTrainerTests
{
    [TestMethod]
    [DataRow("HTS-AT")]
    [DataRow("PaSST")]
    public void HearsEverySetOfLabels(string model)
    {
        var mlContext = new MLContext(seed: 1);
        AudioTrainerOptions options = model == "PaSST" ? TinyModel.Options() : Options();
        options.Epochs = 20;
        ITransformer tagger = Pipeline(mlContext, options).Fit(Data(mlContext, 64, seed: 1));

        IDataView scored = tagger.Transform(Data(mlContext, 40, seed: 2));

        TaggedPrediction[] predictions =
            [.. mlContext.Data.CreateEnumerable<TaggedPrediction>(scored, reuseRowObject: false)];
        int right = predictions.Zip(TaggedClip.Make(40, seed: 2)).Count(
            pair => pair.First.PredictedLabel.Order().SequenceEqual(pair.Second.Label.Order()));
        Assert.IsGreaterThanOrEqualTo(38, right, "of 40 clips");
        foreach (TaggedPrediction prediction in predictions)
        {
            CollectionAssert.AreEquivalent(
                TaggedClip.Classes.Where((_, label) => prediction.Score[label] >= 0.5f).ToArray(), prediction.PredictedLabel);
        }
    }

    [TestMethod]
    public void LabelsMayBeSlotsSomeOfThemUnknown()
    {
        var mlContext = new MLContext(seed: 1);
        SlottedClip[] clips = SlottedClip.Make(64, seed: 1);
        foreach (SlottedClip clip in clips.Where((_, i) => i % 4 == 0))
        {
            clip.Label[2] = float.NaN;
        }

        List<AudioTrainingMetrics> epochs = [];
        AudioTrainerOptions options = Options();
        options.Epochs = 30;
        options.ValidationSet = mlContext.Data.LoadFromEnumerable(SlottedClip.Make(20, seed: 2));
        options.MetricsCallback = epochs.Add;
        using AudioTaggingTransformer tagger = mlContext.AudioTagging().Trainer(options)
            .Fit(mlContext.Data.LoadFromEnumerable(clips));

        Assert.IsGreaterThan(0.95, epochs[^1].ValidationMeanAveragePrecision!.Value);
        Assert.IsLessThan(epochs[0].ValidationLoss!.Value / 2, epochs[^1].ValidationLoss!.Value);
        StringAssert.Contains(epochs[^1].ToString(), "validation mAP ");
        CollectionAssert.AreEqual(new[] { "1", "2", "3" }, tagger.Model.ClassNames.ToArray());
    }

    [TestMethod]
    public void TheBestEpochCanBeThatOfTheHighestMeanAveragePrecision()
    {
        var mlContext = new MLContext(seed: 1);
        List<AudioTrainingMetrics> epochs = [];
        AudioTrainerOptions options = Options();
        options.Epochs = 100;
        options.ValidationSet = mlContext.Data.LoadFromEnumerable(SlottedClip.Make(20, seed: 2));
        options.Optimization.EarlyStoppingMetric = AudioEarlyStoppingMetric.ValidationMeanAveragePrecision;
        options.Optimization.EarlyStoppingPatience = 3;
        options.MetricsCallback = epochs.Add;

        mlContext.AudioTagging().Trainer(options)
            .Fit(mlContext.Data.LoadFromEnumerable(SlottedClip.Make(64, seed: 1))).Dispose();

        double best = epochs.Max(epoch => epoch.ValidationMeanAveragePrecision!.Value);
        int bestEpoch = epochs.First(epoch => epoch.ValidationMeanAveragePrecision == best).Epoch;
        Assert.AreEqual(bestEpoch + 3, epochs.Count);
    }

    [TestMethod]
    public void ScoresOfOneRowAreThoseOfABatch()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Data(mlContext, 24, seed: 1);
        AudioTrainerOptions options = Options();
        options.Epochs = 1;
        ITransformer model = Pipeline(mlContext, options).Fit(data);
        using var engine = mlContext.Model.CreatePredictionEngine<TaggedClip, TaggedPrediction>(model);

        float[][] scores = TinyModel.Scores(model.Transform(data));

        TaggedClip[] clips = TaggedClip.Make(24, seed: 1);
        for (int i = 0; i < clips.Length; i++)
        {
            float[] score = engine.Predict(clips[i]).Score;
            Assert.IsTrue(score.Zip(scores[i]).All(pair => Math.Abs(pair.First - pair.Second) < 1e-5));
        }
    }

    [TestMethod]
    public void SameSeedSameModelToTheBit()
    {
        float[][] Train(int seed)
        {
            var mlContext = new MLContext();
            AudioTrainerOptions options = Options();
            options.Seed = seed;
            options.Epochs = 2;
            options.Augmentation.MixupAlpha = 0.5;
            options.Sampling.Order = ClipOrder.Balanced;
            options.Sampling.WithReplacement = true;
            IDataView data = Data(mlContext, 24, seed: 1);
            return TinyModel.Scores(Pipeline(mlContext, options).Fit(data).Transform(data));
        }

        float[][] first = Train(seed: 3);
        Assert.IsTrue(first.Zip(Train(seed: 3)).All(pair => pair.First.SequenceEqual(pair.Second)));
        Assert.IsFalse(first.Zip(Train(seed: 4)).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void TagsThatAreNoneAreAnError()
    {
        var mlContext = new MLContext(seed: 1);
        SlottedClip[] clips = SlottedClip.Make(12, seed: 1);
        clips[7].Label[1] = 0.5f;

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Fit(mlContext, Options(), clips));

        StringAssert.Contains(error.Message, "'Label', row 7: '2' is 0.5; expected 0, 1, or NaN");
    }

    [TestMethod]
    public void NoLabelsAtAllAreAnError()
    {
        var mlContext = new MLContext(seed: 1);
        SlottedClip[] clips = SlottedClip.Make(12, seed: 1);
        Array.ForEach(clips, clip => clip.Label = [0, 0, 0]);

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Fit(mlContext, Options(), clips));

        StringAssert.Contains(error.Message, "None of the 12 rows of the training set has a label in column 'Label'");
    }

    [TestMethod]
    public void ALabelThatIsNoVectorIsAnError()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.AudioTagging().Trainer(Options()).Fit(mapped));

        StringAssert.Contains(error.Message, "'Label'");
        StringAssert.Contains(error.Message, "expected a vector of keys");
    }

    [TestMethod]
    public void ValidationClassesAreThoseOfTraining()
    {
        var mlContext = new MLContext(seed: 1);
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label");
        IDataView training = Data(mlContext, 12, seed: 1);
        IDataView others = mlContext.Data.LoadFromEnumerable(
            TaggedClip.Make(4, seed: 2).Select(clip => new TaggedClip { Label = ["other"], Features = clip.Features }));
        AudioTrainerOptions options = Options();
        options.ValidationSet = map.Fit(others).Transform(others);

        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => mlContext.AudioTagging().Trainer(options).Fit(map.Fit(training).Transform(training)));

        StringAssert.Contains(error.Message, "'other' in the validation set");
    }

    private static AudioTrainerOptions Options() => HtsAtTrainerTests.Options();

    private static void Fit(MLContext mlContext, AudioTrainerOptions options, SlottedClip[] clips) =>
        mlContext.AudioTagging().Trainer(options)
            .Fit(mlContext.Data.LoadFromEnumerable(clips)).Dispose();

    private static IDataView Data(MLContext mlContext, int count, int seed) =>
        mlContext.Data.LoadFromEnumerable(TaggedClip.Make(count, seed));

    private static IEstimator<ITransformer> Pipeline(MLContext mlContext, AudioTrainerOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.AudioTagging().Trainer(options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
}

/// <summary>Features in which each of a clip's labels is loud in mel bins of its own.</summary>
internal sealed class TaggedClip
{
    public static readonly string[] Classes = ["low", "middle", "high"];

    public string[] Label { get; set; } = [];

    [VectorType(TinyClip.Frames, TinyClip.Mels)]
    public float[] Features { get; set; } = [];

    public static TaggedClip[] Make(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => Make(i % 8, random))];
    }

    private static TaggedClip Make(int set, Random random)
    {
        var features = new float[TinyClip.Frames * TinyClip.Mels];
        for (int i = 0; i < features.Length; i++)
        {
            int label = i % TinyClip.Mels * Classes.Length / TinyClip.Mels;
            features[i] = (set >> label & 1) + (0.3f * (float)(random.NextDouble() - 0.5));
        }

        return new TaggedClip { Label = [.. Classes.Where((_, label) => (set >> label & 1) == 1)], Features = features };
    }
}

/// <summary>The same clips, with one slot a class.</summary>
internal sealed class SlottedClip
{
    [VectorType(3)]
    public float[] Label { get; set; } = [];

    [VectorType(TinyClip.Frames, TinyClip.Mels)]
    public float[] Features { get; set; } = [];

    public static SlottedClip[] Make(int count, int seed) =>
    [
        .. TaggedClip.Make(count, seed).Select(clip => new SlottedClip
        {
            Label = [.. TaggedClip.Classes.Select(name => clip.Label.Contains(name) ? 1f : 0f)],
            Features = clip.Features,
        }),
    ];
}

internal sealed class TaggedPrediction
{
    public string[] PredictedLabel { get; set; } = [];

    public float[] Score { get; set; } = [];
}
