using System.Collections.Concurrent;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.AudioTransformers.Tests.Training;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>
/// What the library promises of every model. Each test runs for each of <see cref="ModelFamilies.All"/> by its small options,
/// so that a new model needs no line here; what is special to a model is tested beside it.
/// </summary>
[TestClass]
public sealed class ModelContractTests
{
    private const int LearningEpochs = 10;
    private const double LearningRate = 3e-4;

    private static readonly string[] s_tasks = ["classification", "tagging", "actions", "events"];
    private static readonly ConcurrentDictionary<string, Lazy<Trained>> s_trained = new();
    private static readonly ConcurrentDictionary<string, Lazy<string>> s_weights = new();

    public static IEnumerable<object[]> Families => ModelFamilies.All.Select(family => new object[] { family.Name });

    public static IEnumerable<object[]> Tasks =>
        from family in ModelFamilies.All
        from task in s_tasks
        where task != "events" || family.HasPresenceMap
        select new object[] { family.Name, task };

    [ClassCleanup]
    public static void Cleanup()
    {
        foreach (Lazy<Trained> trained in s_trained.Values)
        {
            trained.Value.Model.Dispose();
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
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
    [DynamicData(nameof(Families))]
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
    [DynamicData(nameof(Families))]
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
    [DynamicData(nameof(Families))]
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
    [DynamicData(nameof(Families))]
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
    [DynamicData(nameof(Families))]
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
    [DynamicData(nameof(Families))]
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

    /// <summary>A model that cuts features into patches needs one at least; another may take whatever there is.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    public void TheSmallestFeaturesAreTakenOrRefused(string family)
    {
        AudioModelConfig config = Of(family).CreateSmall(ContractClip.SampleRate).ModelConfig;
        using var scope = NewDisposeScope();
        try
        {
            using AudioModel network = Of(family).Build(config, new FeatureShape(1, 1), [2], seed: 1);
            network.eval();
            Tensor logits = network.call(network.FromFeatures(ones(3, 1, 1)));

            CollectionAssert.AreEqual(new long[] { 3, 2 }, logits.shape);
            Assert.IsTrue(logits.isfinite().all().item<bool>());
        }
        catch (ArgumentOutOfRangeException error)
        {
            BadInputTests.AssertMentions(error, "Option Config.", "; expected ", "1 mel bins");
        }
    }

    /// <summary>Each option with a rule beside it, or an enumeration, or one that cannot be null, in turn.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    public void OptionsOutOfRangeAreNamed(string family)
    {
        var mlContext = new MLContext();
        int count = OptionPath.All(ContractTraining.Options(Of(family))).Count;
        List<string> tested = [];
        for (int i = 0; i < count; i++)
        {
            OptionPath declared = OptionPath.All(ContractTraining.Options(Of(family)))[i];
            foreach ((string suffix, object? value) in OptionChanges.Forbidden(declared.Declaration))
            {
                AudioTrainerOptions options = ContractTraining.Options(Of(family));
                OptionPath.All(options)[i].Value = value;

                var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                    () => mlContext.AudioClassification().Trainer(options), $"{declared.Path} = {value ?? "null"}");

                Assert.AreEqual(declared.Path + suffix, error.ParamName);
                BadInputTests.AssertMentions(error, $"Option {declared.Path}{suffix} is ", "; expected ");
                tested.Add(declared.Path);
            }
        }

        Assert.IsNotEmpty(tested.Where(path => path.StartsWith("Config.", StringComparison.Ordinal)));
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
        foreach (ITransformer made in new[] { model, again, loaded })
        {
            (made as IDisposable)?.Dispose();
        }

        Assert.ThrowsExactly<ObjectDisposedException>(() => ContractTraining.Saved(mlContext, model, clips));
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EachParameterHasItsPlaceBetweenInputAndHead(string family)
    {
        const double Decay = 0.5;
        using AudioModel network = Build(TrainedOf(family));
        string[] names = [.. network.named_parameters().Select(item => item.name)];

        (int Stage, int Block)[] blocks = [.. names.Select(network.BlockOf).OfType<(int, int)>().Distinct().Order()];
        IReadOnlyList<ParameterGroup> groups = ParameterGroups.Of(
            network, network.named_parameters(), 0.1, WeightDecayExclusions.None, Decay);

        Assert.IsGreaterThan(1, blocks.Length);
        Assert.IsNotEmpty(names.Where(network.IsHead));
        foreach (string name in names)
        {
            Assert.IsFalse(
                network.BlockOf(name) is not null && (network.IsHead(name) || network.IsAfterBlocks(name)),
                $"in a block and after it: {name}");
            Assert.IsFalse(network.IsHead(name) && !network.IsAfterBlocks(name), $"a head before the blocks: {name}");
        }

        CollectionAssert.AreEquivalent(names, groups.SelectMany(group => group.Parameters).Select(item => item.Name).ToArray());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, blocks.Length + 2).Select(layer => Math.Pow(Decay, blocks.Length + 1 - layer)).ToArray(),
            groups.Select(group => group.RateScale).Distinct().ToArray());
    }

    /// <summary>Without augmentation the backbone sees each clip once; with any, in each epoch: the head learns the same.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    public void AFrozenBackboneLeavesTheHeadToLearnAlone(string family)
    {
        using AudioModel untrained = Build(TrainedOf(family));
        Dictionary<string, float[]> before = TinyTraining.Weights(untrained);
        Dictionary<string, float[]> Train(double gainDecibels)
        {
            using AudioClassificationTransformer model = ContractTraining.Train(Of(family), options =>
            {
                options.Optimization = new() { FreezeBackbone = true };
                options.Augmentation = new() { GainDecibels = gainDecibels };
            });
            return TinyTraining.Weights(model.Model.Network);
        }

        Dictionary<string, float[]> seenOnce = Train(gainDecibels: 0);
        Dictionary<string, float[]> seenEachEpoch = Train(gainDecibels: 1e-30);

        string[] moved = [.. before.Keys.Where(name => !before[name].SequenceEqual(seenOnce[name]))];
        Assert.IsNotEmpty(moved);
        Assert.IsEmpty(moved.Where(name => !untrained.IsHead(name)));
        foreach ((string name, float[] values) in seenOnce)
        {
            Assert.IsLessThan(1e-5, values.Zip(seenEachEpoch[name], (one, each) => Math.Abs(one - each)).Max(), name);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void SoundEventsNeedAPresenceMap(string family)
    {
        Trained trained = TrainedOf(family);
        AudioModelConfig config = trained.Model.Model.Description.Architecture;
        FeatureShape shape = trained.Model.Model.Description.Shape;
        using var scope = NewDisposeScope();
        using AudioModel network = Build(trained);
        network.eval();
        Tensor input = network.FromFeatures(zeros(2, shape.Frames, shape.Mels));
        if (Of(family).HasPresenceMap)
        {
            PresenceMapGeometry map = Of(family).PresenceMap(config, shape, ContractClip.Classes.Length);
            PresenceDetection detection = network.Detect(input);

            Assert.AreEqual(map, network.PresenceMap);
            CollectionAssert.AreEqual(new long[] { 2, map.Steps, map.Classes }, detection.Presence.shape);
            CollectionAssert.AreEqual(new long[] { 2, map.Classes }, detection.Scores.shape);
            CollectionAssert.AreEqual(new long[] { 2, network.EmbeddingLength }, detection.Embedding.shape);
            network.LearnsSteps = true;
            network.train();
            CollectionAssert.AreEqual(new long[] { 2, map.Steps * map.Classes }, network.call(input).shape);
            TrainDetector(family, EventSupervision.Strong);
            return;
        }

        Assert.IsNull(network.PresenceMap);
        BadInputTests.AssertMentions(
            Assert.ThrowsExactly<NotSupportedException>(() => Of(family).PresenceMap(config, shape, 2)),
            family, "no presence map");
        Assert.ThrowsExactly<NotSupportedException>(() => network.Detect(input));
        Assert.ThrowsExactly<NotSupportedException>(() => network.LearnsSteps = true);
        Assert.ThrowsExactly<NotSupportedException>(() => new PresenceEnsemble([network], CPU).Dispose());
        BadInputTests.AssertMentions(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TrainDetector(family, EventSupervision.Strong)),
            $"Option Model is {family}", "presence map");
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
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

    private static ModelFamily Of(string family) => ModelFamilies.All.Single(each => each.Name == family);

    /// <summary>A model that has learned; the tests share it.</summary>
    private static Trained TrainedOf(string family) => s_trained.GetOrAdd(family, name => new(() =>
    {
        List<AudioTrainingMetrics> epochs = [];
        List<long> liveTensors = [];
        AudioClassificationTransformer model = ContractTraining.Train(
            Of(name),
            options =>
            {
                options.Epochs = LearningEpochs;
                options.LearningRate = LearningRate;
                options.LearningRateSchedule = new ConstantSchedule();
                options.Augmentation = new();
                options.Optimization = new();
                options.MetricsCallback = metrics =>
                {
                    epochs.Add(metrics);
                    liveTensors.Add(LiveTensors.Count);
                };
            });
        return new Trained(model, epochs, liveTensors);
    })).Value;

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

    /// <summary>A network as a training begins with.</summary>
    private static AudioModel Build(Trained trained, int seed = ContractTraining.Seed)
    {
        AudioModelConfig config = trained.Model.Model.Description.Architecture;
        return ModelFamilies.Of(config).Build(config, trained.Model.Model.Description.Shape, [ContractClip.Classes.Length], seed);
    }

    private static void TrainDetector(string family, EventSupervision supervision)
    {
        var mlContext = new MLContext();
        IDataView clips = ContractTraining.View(mlContext, ContractClip.Make(4));
        using SoundEventDetectionTransformer detector = mlContext.SoundEventDetection().Trainer(new()
        {
            Supervision = supervision,
            Model = ContractTraining.Options(Of(family), options =>
            {
                (options.Epochs, options.LabelColumnName) = (1, nameof(ContractClip.Labels));
                options.Augmentation = new();
            }),
        }).Fit(clips);
        Assert.HasCount(4, TinyModel.Scores(detector.Transform(clips)));
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

    /// <param name="Model">The model.</param>
    /// <param name="Epochs">What each epoch came to.</param>
    /// <param name="LiveTensors">How many tensors there were after each.</param>
    private sealed record Trained(
        AudioClassificationTransformer Model, IReadOnlyList<AudioTrainingMetrics> Epochs, IReadOnlyList<long> LiveTensors);

    private sealed class Prediction
    {
        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
}
