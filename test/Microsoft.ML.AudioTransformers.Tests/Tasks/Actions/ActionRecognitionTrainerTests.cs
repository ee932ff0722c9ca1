using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public sealed class ActionRecognitionTrainerTests
{
    [TestMethod]
    [DataRow("DATAR")]
    [DataRow("PaSST")]
    [DataRow("HTS-AT")]
    public void HearsVerbAndNoun(string name)
    {
        var mlContext = new MLContext(seed: 1);
        AudioTrainerOptions model = name switch
        {
            "PaSST" => Passt(),
            "HTS-AT" => HtsAtTrainerTests.Options(),
            _ => DatarTrainerTests.Options(),
        };
        model.Epochs = 30;
        ITransformer recognizer = Pipeline(mlContext, model).Fit(Data(mlContext, 96, seed: 1));

        ActionRecognitionMetrics metrics = mlContext.ActionRecognition().Evaluate(
            recognizer.Transform(Data(mlContext, 48, seed: 2)));

        Assert.IsGreaterThanOrEqualTo(0.95, metrics.Verb.Accuracy);
        Assert.IsGreaterThanOrEqualTo(0.95, metrics.Noun.Accuracy);
        Assert.IsGreaterThanOrEqualTo(0.95, metrics.ActionAccuracy);
        CollectionAssert.AreEqual(ActionClip.Verbs, metrics.Verb.ClassNames.ToArray());
        CollectionAssert.AreEqual(ActionClip.Nouns, metrics.Noun.ClassNames.ToArray());
    }

    [TestMethod]
    public void TheBestActionsAreThePairsOfTheHighestProducts()
    {
        var mlContext = new MLContext(seed: 1);
        AudioTrainerOptions model = DatarTrainerTests.Options();
        model.Epochs = 1;
        IDataView data = Data(mlContext, 24, seed: 1);
        ITransformer recognizer = Pipeline(mlContext, model, topActions: 4)
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedVerb"))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedNoun"))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("ActionVerbs"))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("ActionNouns"))
            .Fit(data);

        ActionPrediction[] predictions =
            [.. mlContext.Data.CreateEnumerable<ActionPrediction>(recognizer.Transform(data), reuseRowObject: false)];

        Assert.HasCount(24, predictions);
        foreach (ActionPrediction prediction in predictions)
        {
            Assert.AreEqual(1, prediction.VerbScore.Sum(), 1e-5);
            Assert.AreEqual(1, prediction.NounScore.Sum(), 1e-5);
            (string Verb, string Noun, float Score)[] expected =
            [
                .. from verb in Enumerable.Range(0, 2)
                   from noun in Enumerable.Range(0, 3)
                   let score = (float)((double)prediction.VerbScore[verb] * prediction.NounScore[noun])
                   orderby score descending
                   select (ActionClip.Verbs[verb], ActionClip.Nouns[noun], score),
            ];
            CollectionAssert.AreEqual(
                expected[..4], prediction.ActionVerbs.Zip(prediction.ActionNouns, prediction.ActionScores).ToArray());
            Assert.AreEqual(expected[0].Verb, prediction.PredictedVerb);
            Assert.AreEqual(expected[0].Noun, prediction.PredictedNoun);
        }
    }

    [TestMethod]
    public void MoreActionsThanThereAreGiveAll()
    {
        var mlContext = new MLContext(seed: 1);
        AudioTrainerOptions model = DatarTrainerTests.Options();
        model.Epochs = 1;
        IDataView data = Data(mlContext, 12, seed: 1);

        IDataView scored = Pipeline(mlContext, model, topActions: 100).Fit(data).Transform(data);

        Assert.AreEqual(6, ((VectorDataViewType)scored.Schema["ActionScores"].Type).Size);
        Assert.AreEqual(6, Numbers(scored, "ActionScores")[0].Length);
        Assert.AreEqual(1, Numbers(scored, "ActionScores")[0].Sum(), 1e-5);
    }

    [TestMethod]
    public void ScoresOfOneRowAreThoseOfABatch()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Data(mlContext, 24, seed: 1);
        AudioTrainerOptions options = DatarTrainerTests.Options();
        options.Epochs = 1;
        ITransformer model = Pipeline(mlContext, options).Fit(data);
        using var engine = mlContext.Model.CreatePredictionEngine<ActionClip, ActionScores>(model);

        float[][] scores = Numbers(model.Transform(data), "ActionScores");

        ActionClip[] clips = ActionClip.Make(24, seed: 1);
        for (int i = 0; i < clips.Length; i++)
        {
            float[] alone = engine.Predict(clips[i]).Values;
            Assert.IsTrue(alone.Zip(scores[i]).All(pair => Math.Abs(pair.First - pair.Second) < 1e-5), $"clip {i}");
        }
    }

    [TestMethod]
    public void TrainingCountsAnAnswerAsRightWhereBothAre()
    {
        var mlContext = new MLContext(seed: 1);
        List<AudioTrainingMetrics> epochs = [];
        AudioTrainerOptions model = DatarTrainerTests.Options();
        model.Epochs = 3;
        model.MetricsCallback = epochs.Add;
        IDataView training = Data(mlContext, 48, seed: 1);
        var keys = Keys(mlContext).Fit(training);
        IDataView validation = keys.Transform(Data(mlContext, 30, seed: 2));
        model.ValidationSet = validation;

        using ActionRecognitionTransformer recognizer = Trainer(mlContext, model).Fit(keys.Transform(training));

        ActionRecognitionMetrics metrics = mlContext.ActionRecognition().Evaluate(recognizer.Transform(validation));
        Assert.AreEqual(metrics.ActionAccuracy, epochs[^1].ValidationAccuracy!.Value, 1e-9);
        Assert.IsNull(epochs[^1].ValidationMeanAveragePrecision);
        double loss = Enumerable.Range(0, 30).Average(clip => -Math.Log(
            Numbers(recognizer.Transform(validation), "VerbScore")[clip][Array.IndexOf(ActionClip.Verbs, ActionClip.Make(30, 2)[clip].Verb)])
            - Math.Log(Numbers(recognizer.Transform(validation), "NounScore")[clip][Array.IndexOf(ActionClip.Nouns, ActionClip.Make(30, 2)[clip].Noun)]));
        Assert.AreEqual(loss, epochs[^1].ValidationLoss!.Value, 1e-5);
    }

    [TestMethod]
    public void ExportedWeightsHaveTwoHeadsAndLoadAgain()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("actions.safetensors");
        var mlContext = new MLContext(seed: 1);
        AudioTrainerOptions model = DatarTrainerTests.Options();
        model.Epochs = 1;
        IDataView data = Keys(mlContext).Fit(Data(mlContext, 24, seed: 1)).Transform(Data(mlContext, 24, seed: 1));
        using ActionRecognitionTransformer first = Trainer(mlContext, model).Fit(data);

        first.Model.SaveSafetensors(path);

        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            Dictionary<string, long[]> shapes = file.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape.ToArray());
            CollectionAssert.AreEqual(new long[] { 2, 16 }, shapes["cls_head.weight"]);
            CollectionAssert.AreEqual(new long[] { 3, 16 }, shapes["noun_head.weight"]);
        }

        model.PretrainedWeights = path;
        model.LearningRate = 1e-30;
        using ActionRecognitionTransformer second = Trainer(mlContext, model).Fit(data);
        float[][] expected = Numbers(first.Transform(data), "ActionScores");
        float[][] actual = Numbers(second.Transform(data), "ActionScores");
        Assert.IsTrue(expected.Zip(actual).All(
            pair => pair.First.Zip(pair.Second).All(scores => Math.Abs(scores.First - scores.Second) < 1e-6)));
        CollectionAssert.AreEqual(
            new[] { "cut", "wash", "apple", "knife", "plate" }, second.Model.ClassNames.ToArray());
        Assert.IsNotEmpty(second.Model.GetDeformablePoints(ActionClip.Make(1, seed: 3)[0].Features, stage: 2));
    }

    [TestMethod]
    public void LabelsThatAreNoKeysAreNamed()
    {
        var mlContext = new MLContext(seed: 1);
        var onlyVerbs = mlContext.Transforms.Conversion.MapValueToKey("Verb")
            .Append(Trainer(mlContext, DatarTrainerTests.Options()));

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => onlyVerbs.Fit(Data(mlContext, 12, seed: 1)));

        StringAssert.Contains(error.Message, "Noun");
        StringAssert.Contains(error.Message, "a key, as MapValueToKey makes of text or numbers");
    }

    [TestMethod]
    public void OneNounOnlyIsAnError()
    {
        var mlContext = new MLContext(seed: 1);
        ActionClip[] clips = ActionClip.Make(12, seed: 1);
        Array.ForEach(clips, clip => clip.Noun = "plate");

        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            Pipeline(mlContext, DatarTrainerTests.Options()).Fit(mlContext.Data.LoadFromEnumerable(clips)));

        StringAssert.Contains(error.Message, "'Noun' has one class only in the training set, 'plate', in 12 rows");
    }

    [TestMethod]
    public void AValidationSetOfOtherNounsIsAnError()
    {
        var mlContext = new MLContext(seed: 1);
        AudioTrainerOptions model = DatarTrainerTests.Options();
        ActionClip[] others = ActionClip.Make(12, seed: 2);
        Array.ForEach(others, clip => clip.Noun = clip.Noun == "apple" ? "pear" : clip.Noun);
        IDataView validation = mlContext.Data.LoadFromEnumerable(others);
        model.ValidationSet = Keys(mlContext).Fit(validation).Transform(validation);

        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => Pipeline(mlContext, model).Fit(Data(mlContext, 12, seed: 1)));

        StringAssert.Contains(error.Message, "'Noun' stands for 'pear' in the validation set and for 'apple' in the training set");
    }

    [TestMethod]
    public void RowsWithoutAVerbOrANounAreLeftOut()
    {
        var mlContext = new MLContext(seed: 1);
        List<string> messages = [];
        mlContext.Log += (_, e) => messages.Add(e.Message);
        AudioTrainerOptions model = DatarTrainerTests.Options();
        model.Epochs = 1;
        var keys = Keys(mlContext).Fit(Data(mlContext, 12, seed: 1));
        ActionClip[] clips = ActionClip.Make(12, seed: 1);
        clips[3].Verb = "juggle";
        clips[7].Noun = "piano";

        Trainer(mlContext, model).Fit(keys.Transform(mlContext.Data.LoadFromEnumerable(clips))).Dispose();

        Assert.IsTrue(messages.Any(message => message.Contains(
            "2 of 12 rows of the training set are left out; the others have both a verb in column 'Verb' and a noun in column",
            StringComparison.Ordinal)));
    }

    [TestMethod]
    public void OptionsThatDoNotFitAreNamed()
    {
        AssertNamed("TopActions", options => options.TopActions = 0);
        AssertNamed("VerbColumnName", options => options.VerbColumnName = " ");
        AssertNamed("Model.Optimization.ClassWeights", options => options.Model.Optimization.ClassWeights = [1, 2]);
        AssertNamed(
            "Model.Optimization.EarlyStoppingMetric",
            options => options.Model.Optimization.EarlyStoppingMetric = AudioEarlyStoppingMetric.ValidationMeanAveragePrecision);
    }

    /// <summary>A patch that is dropped would take the action with it.</summary>
    private static PasstOptions Passt()
    {
        PasstOptions options = TinyModel.Options();
        options.Config.PatchoutTime = 0;
        options.Config.Depth = 2;
        options.LearningRate = 5e-3;
        return options;
    }

    private static void AssertNamed(string option, Action<ActionRecognitionTrainer.Options> change)
    {
        var options = new ActionRecognitionTrainer.Options();
        change(options);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().ActionRecognition().Trainer(options));

        StringAssert.Contains(error.Message, $"Option {option} is");
    }

    private static IDataView Data(MLContext mlContext, int count, int seed) =>
        mlContext.Data.LoadFromEnumerable(ActionClip.Make(count, seed));

    private static IEstimator<ITransformer> Keys(MLContext mlContext) =>
        mlContext.Transforms.Conversion.MapValueToKey("Verb").Append(mlContext.Transforms.Conversion.MapValueToKey("Noun"));

    private static ActionRecognitionTrainer Trainer(MLContext mlContext, AudioTrainerOptions model, int topActions = 5) =>
        mlContext.ActionRecognition().Trainer(
            new ActionRecognitionTrainer.Options { Model = model, TopActions = topActions });

    private static IEstimator<ITransformer> Pipeline(MLContext mlContext, AudioTrainerOptions model, int topActions = 5) =>
        Keys(mlContext).Append(Trainer(mlContext, model, topActions));

    private static float[][] Numbers(IDataView data, string name)
    {
        DataViewSchema.Column column = data.Schema[name];
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> value = default;
        List<float[]> rows = [];
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add([.. value.DenseValues()]);
        }

        return [.. rows];
    }

    private sealed class ActionPrediction
    {
        public float[] VerbScore { get; set; } = [];

        public float[] NounScore { get; set; } = [];

        public string PredictedVerb { get; set; } = "";

        public string PredictedNoun { get; set; } = "";

        public string[] ActionVerbs { get; set; } = [];

        public string[] ActionNouns { get; set; } = [];

        public float[] ActionScores { get; set; } = [];
    }

    private sealed class ActionScores
    {
        [ColumnName("ActionScores")]
        public float[] Values { get; set; } = [];
    }
}

/// <summary>Features of actions: the verb is how high the loud mel bins are, and the noun when they are loud.</summary>
internal sealed class ActionClip
{
    public static readonly string[] Verbs = ["cut", "wash"];
    public static readonly string[] Nouns = ["apple", "knife", "plate"];

    public string Verb { get; set; } = "";

    public string Noun { get; set; } = "";

    [VectorType(TinyClip.Frames, TinyClip.Mels)]
    public float[] Features { get; set; } = [];

    public static ActionClip[] Make(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(clip => Make(clip % 2, clip / 2 % 3, random))];
    }

    private static ActionClip Make(int verb, int noun, Random random)
    {
        var features = new float[TinyClip.Frames * TinyClip.Mels];
        for (int i = 0; i < features.Length; i++)
        {
            (int frame, int mel) = (i / TinyClip.Mels, i % TinyClip.Mels);
            bool isLoud = mel * 2 / TinyClip.Mels == verb && frame * 3 / TinyClip.Frames == noun;
            features[i] = (isLoud ? 2f : 0f) + 0.3f * (float)(random.NextDouble() - 0.5);
        }

        return new ActionClip { Verb = Verbs[verb], Noun = Nouns[noun], Features = features };
    }
}
