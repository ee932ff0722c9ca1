using System.Collections.Concurrent;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.Data;
using static Microsoft.ML.AudioTransformers.Tests.Models.ContractModels;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>
/// What the library promises of every model. Each test runs for each of <see cref="ModelFamilies.All"/> by its small options,
/// so that a new model needs no line here; what is special to a model is tested beside it. Of networks and options by themselves:
/// <see cref="NetworkContractTests"/>.
/// </summary>
[TestClass]
public sealed class ModelContractTests
{
    private static readonly string[] s_tasks = ["classification", "tagging", "actions", "events"];
    private static readonly ConcurrentDictionary<string, Lazy<string>> s_weights = new();

    public static IEnumerable<object[]> Tasks =>
        from family in ModelFamilies.All
        from task in s_tasks
        where task != "events" || family.HasPresenceMap
        select new object[] { family.Name, task };

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void LearnsToTellTwoSoundsApart(string family)
    {
        Trained trained = TrainedOf(family);
        var mlContext = new MLContext();

        MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(
            trained.Model.Transform(ContractTraining.View(mlContext, ContractClip.Make(20, seed: 2))));

        Assert.IsLessThan(0.8 * trained.Epochs[0].Loss, trained.Epochs[^1].Loss, $"{string.Join('\n', trained.Epochs)}");
        Assert.IsGreaterThan(0.9, metrics.MicroAccuracy);
    }

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void SameSeedSameModelToTheBit(string family)
    {
        string Train(int seed) => ContractTraining.TrainedWeights(Of(family), options =>
        {
            DrawAtRandom(options);
            options.Seed = seed;
        });

        Assert.AreEqual(WeightsOf(family), Train(ContractTraining.Seed));
        Assert.AreNotEqual(WeightsOf(family), Train(seed: 8));
    }

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void ATrainingThatWasCanceledGoesOnWhereItWas(string family)
    {
        using var folder = new TemporaryFolder();
        using var source = new CancellationTokenSource();
        List<long> steps = [];
        string Train(CancellationToken canceled, Action<AudioTrainingMetrics> callback) => ContractTraining.TrainedWeights(
            Of(family), options =>
            {
                DrawAtRandom(options);
                options.WorkspacePath = folder.File("run");
                (options.CheckpointEverySteps, options.MetricsEverySteps) = (1, 1);
                (options.CancellationToken, options.MetricsCallback) = (canceled, callback);
            });

        string canceled = Train(source.Token, metrics =>
        {
            if (metrics.Step == 3)
            {
                source.Cancel();
            }
        });
        string resumed = Train(CancellationToken.None, metrics => steps.Add(metrics.Step));

        Assert.AreNotEqual(WeightsOf(family), canceled);
        Assert.AreEqual(WeightsOf(family), resumed);
        Assert.AreEqual(4, steps[0]);
    }

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void AnotherProcessScoresASavedModelToTheBitAndKnowsItsTraining(string family)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        AudioClassificationTransformer model = TrainedOf(family).Model;
        var mlContext = new MLContext();
        IDataView clips = ContractTraining.View(mlContext, ContractClip.Make(ContractTraining.ClipCount));
        mlContext.Model.Save(model, clips.Schema, path);

        string elsewhere = FreshProcess.Run(LoadAndScore, path);

        Assert.AreEqual(Describe(model), elsewhere);
        AudioTrainerOptions options = Of(family).CreateSmall(ContractClip.SampleRate);
        AudioTrainingInfo info = model.Model.Training!;
        Assert.AreEqual(family, model.Model.ArchitectureName);
        Assert.AreEqual(
            (options.RecipeName, ContractTraining.Seed, LearningEpochs, LearningEpochs, LearningRate),
            (info.RecipeName, info.Seed, info.Epochs, info.CompletedEpochs, info.LearningRate));
        Assert.IsFalse(string.IsNullOrEmpty(info.RecipeName) || string.IsNullOrEmpty(info.LibraryVersion), $"{info}");
        string[] named = [.. OptionPath.All(options)
            .Where(option => option.Declaration.IsPlain && option.Value is not null).Select(option => option.Path)];
        Assert.IsNotEmpty(named.Where(name => name.StartsWith("Config.", StringComparison.Ordinal)));
        CollectionAssert.IsSubsetOf(named, info.Options.Keys.ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void PredictsOneClip(string family)
    {
        AudioClassificationTransformer model = TrainedOf(family).Model;
        var mlContext = new MLContext();
        IDataView scored = model.Transform(mlContext.Data.LoadFromEnumerable(ContractClip.Make(1)));
        var chain = new TransformerChain<ITransformer>(
            model, mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored));
        using var engine = mlContext.Model.CreatePredictionEngine<ContractClip, Prediction>(
            chain, new PredictionEngineOptions { OwnsTransformer = false });

        foreach (ContractClip clip in ContractClip.Make(4, seed: 3))
        {
            Prediction prediction = engine.Predict(clip);
            Assert.AreEqual(1, prediction.Score.Sum(), 1e-5);
            Assert.AreEqual(ContractClip.Classes[prediction.Score[0] > prediction.Score[1] ? 0 : 1], prediction.PredictedLabel);
        }
    }

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void TrainingPredictionAndDisposalGiveAllTensorsBack(string family)
    {
        Trained trained = TrainedOf(family);
        var mlContext = new MLContext();
        IDataView one = mlContext.Data.LoadFromEnumerable(ContractClip.Make(1));
        Assert.AreEqual(trained.LiveTensors[2], trained.LiveTensors[^1], string.Join(' ', trained.LiveTensors));
        LeakCheck.NoGrowth(() => LiveTensors.Count, () => TinyModel.Scores(trained.Model.Transform(one)), steps: 10);

        // Making a network moves TorchSharp's count by itself, so an unused one is what to compare with.
        Tensor[] weights = [];
        AudioModelParameters? disposed = null;
        long left = LiveTensors.LeftBy(() =>
        {
            using AudioClassificationTransformer model = ContractTraining.Train(Of(family), options => options.Epochs = 1);
            disposed = model.Model;
            weights = [.. disposed.Network.state_dict().Values];
        });
        Assert.IsNotEmpty(weights);
        Assert.IsTrue(weights.All(weight => weight.IsInvalid));
        Assert.AreEqual(LiveTensors.LeftBy(() => Build(trained).Dispose()), left);
        Assert.ThrowsExactly<ObjectDisposedException>(() => disposed!.SaveSafetensors("unwritten.safetensors"));
    }

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void BadClipsAreNamed(string family)
    {
        AudioClassificationTransformer model = TrainedOf(family).Model;
        var mlContext = new MLContext();
        AudioClassificationTrainer trainer = mlContext.AudioClassification().Trainer(ContractTraining.Options(Of(family)));

        ContractClip[] clips = ContractClip.Make(6);
        clips[3].Features[70] = float.NaN;
        AssertRefused<InvalidDataException>(ContractTraining.View(mlContext, clips), "'Features'", "row 3", "value 70", "NaN");
        clips[3].Features = [];
        AssertRefused<InvalidDataException>(ContractTraining.View(mlContext, clips), "'Features'", "row 3", "0 samples");
        var definition = SchemaDefinition.Create(typeof(ContractClip));
        definition[nameof(ContractClip.Features)].AddAnnotation(AudioAnnotations.SampleRate, 8000, NumberDataViewType.Int32);
        AssertRefused<ArgumentOutOfRangeException>(
            ContractTraining.View(mlContext, ContractClip.Make(6), definition), "'Features'", "16000 Hz", "8000 Hz");

        void AssertRefused<TException>(IDataView view, params string[] parts)
            where TException : Exception
        {
            BadInputTests.AssertMentions(Assert.ThrowsExactly<TException>(() => trainer.Fit(view)), parts);
            BadInputTests.AssertMentions(
                Assert.ThrowsExactly<TException>(() => TinyModel.Scores(model.Transform(view))), parts);
        }
    }

    /// <summary>
    /// A trainer of any task takes its options as they are when it is made: what the caller changes later changes neither a
    /// training nor a trained model, which is saved and loaded again.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void EachTaskTrainsSavesLoadsAndKeepsItsOptions(string family, string task)
    {
        var mlContext = new MLContext().RegisterAudioTransformers();
        IDataView clips = ContractTraining.View(mlContext, ContractClip.Make(ContractTraining.ClipCount));
        (IOptionGroup options, Func<MLContext, IEstimator<ITransformer>> create) = ContractTraining.OfTask(task, Of(family));
        OptionChanges.HoldArrays(options);
        IEstimator<ITransformer> first = create(mlContext);
        IEstimator<ITransformer> second = create(mlContext);
        ITransformer model = first.Fit(clips);
        string scores = ContractTraining.Scores(model, clips);
        string saved = ContractTraining.Saved(mlContext, model, clips);

        OptionChanges.ChangeAll(options);

        Assert.AreEqual(scores, ContractTraining.Scores(model, clips), "scores after all options changed");
        Assert.AreEqual(saved, ContractTraining.Saved(mlContext, model, clips), "saved after all options changed");
        ITransformer again = second.Fit(clips);
        Assert.AreEqual(saved, ContractTraining.Saved(mlContext, again, clips), "trained after all options changed");
        using var file = new MemoryStream();
        mlContext.Model.Save(again, clips.Schema, file);
        ITransformer loaded = mlContext.Model.Load(file, out _);
        Assert.AreEqual(scores, ContractTraining.Scores(loaded, clips), "scores of the loaded model");
        IDataView two = mlContext.Data.TakeRows(clips, 2);
        string expected = ContractTraining.Scores(loaded, two);
        var threaded = new string[16];
        OneThread.Each(threaded.Length, thread => threaded[thread] = ContractTraining.Scores(loaded, two));
        Array.ForEach(threaded, found => Assert.AreEqual(expected, found, "scores of one of sixteen threads"));
        foreach (ITransformer made in new[] { model, again, loaded })
        {
            (made as IDisposable)?.Dispose();
        }

        Assert.ThrowsExactly<ObjectDisposedException>(() => ContractTraining.Saved(mlContext, model, clips));
    }

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void ExportedWeightsAreTakenWhole(string family)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        Trained trained = TrainedOf(family);
        trained.Model.Model.SaveSafetensors(path);
        using AudioModel other = Build(trained, seed: 2);

        CheckpointReport report = Of(family).LoadCheckpoint(path, other, new CheckpointAdaptation());

        // Constants that a model computes from its sizes are in official files, too, and never taken from them.
        Assert.IsEmpty(report.Adapted);
        Assert.IsEmpty(report.LeftOut.Where(item => item.Reason != "the model computes it"), $"{report}");
        CollectionAssert.AreEquivalent(
            report.LeftOut.Select(item => item.Name).ToArray(), report.Missing.ToArray(), $"{report}");
        Dictionary<string, float[]> expected = TinyTraining.Weights(trained.Model.Model.Network);
        Dictionary<string, float[]> loaded = TinyTraining.Weights(other);
        CollectionAssert.AreEquivalent(expected.Keys, loaded.Keys);
        Assert.IsEmpty(expected.Keys.Where(name => !expected[name].SequenceEqual(loaded[name])));

        // A training of steps without length returns the parameters that it began with.
        using AudioClassificationTransformer second = ContractTraining.Train(Of(family), options =>
        {
            (options.PretrainedWeights, options.Seed, options.Epochs) = (path, 99, 1);
            (options.LearningRate, options.LearningRateSchedule) = (1e-30, new ConstantSchedule());
            (options.WeightDecay, options.Optimization) = (0, new());
        });
        Dictionary<string, float[]> began = TinyTraining.Weights(second.Model.Network);
        Assert.IsEmpty(second.Model.Network.named_parameters().Select(item => item.name)
            .Where(name => !expected[name].SequenceEqual(began[name])));
    }

    /// <summary>Weights of a short training without interruption; the tests share them.</summary>
    private static string WeightsOf(string family) =>
        s_weights.GetOrAdd(family, name => new(() => ContractTraining.TrainedWeights(Of(name), DrawAtRandom))).Value;

    /// <summary>Leaves more to chance than a family's small options do: stochastic depth, where it has one, and mixture.</summary>
    private static void DrawAtRandom(AudioTrainerOptions options)
    {
        options.Augmentation.MixupAlpha = 0.3;
        foreach (OptionPath dropPath in OptionPath.Named(OptionPath.All(options), "DropPath"))
        {
            dropPath.Value = 0.3;
        }
    }

    private static string LoadAndScore(string[] arguments)
    {
        var mlContext = new MLContext().RegisterAudioTransformers();
        ITransformer loaded = mlContext.Model.Load(arguments[0], out _);
        return Describe(loaded as AudioClassificationTransformer
            ?? (AudioClassificationTransformer)((TransformerChain<ITransformer>)loaded).LastTransformer);
    }

    /// <summary>What a model makes of some clips, and what it knows of its training.</summary>
    private static string Describe(AudioClassificationTransformer model)
    {
        IDataView clips = ContractTraining.View(new MLContext(), ContractClip.Make(ContractTraining.ClipCount));
        return $"{ContractTraining.Scores(model, clips)}\n{JsonSerializer.Serialize(model.Model.Training)}";
    }

    private sealed class Prediction
    {
        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
}
