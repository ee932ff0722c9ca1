using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using static Microsoft.ML.AudioTransformers.Tests.Models.ContractModels;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>
/// What the library promises of every model's network and options, see <see cref="ModelContractTests"/>.
/// </summary>
[TestClass]
public sealed class NetworkContractTests
{
    /// <summary>A model that cuts features into patches needs one at least; another may take whatever there is.</summary>
    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
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

    /// <summary>
    /// Weights that are drawn are drawn for each layer, though memory may hold numbers before; read ones are not, and replace
    /// all that memory held.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
    public void EachWeightIsDrawnOrRead(string family)
    {
        AudioModelConfig config = Of(family).CreateSmall(ContractClip.SampleRate).ModelConfig;
        var shape = new FeatureShape(101, 64);
        using var scope = NewDisposeScope();
        using AudioModel drawn = Of(family).Build(config, shape, [2], seed: 1);
        using AudioModel again = Of(family).Build(config, shape, [2], seed: 1);
        using AudioModel read = Of(family).BuildUnread(config, shape, [2]);
        using (no_grad())
        {
            foreach (Tensor parameter in read.parameters())
            {
                parameter.fill_(float.NaN);
            }
        }

        using var stream = new MemoryStream();
        drawn.WriteWeights(stream);
        stream.Position = 0;
        read.ReadWeights(stream, "model.zip");
        Dictionary<string, Tensor> others = again.state_dict();
        Dictionary<string, Tensor> loaded = read.state_dict();
        foreach ((string name, Tensor tensor) in drawn.state_dict())
        {
            Assert.IsTrue(tensor.Equals(others[name]), name);
            Assert.IsTrue(tensor.Equals(loaded[name]), name);
            if (name.EndsWith(".weight", StringComparison.Ordinal) && tensor.dim() > 1)
            {
                Assert.IsGreaterThan(1e-3, tensor.std().item<float>(), name);
                Assert.IsLessThan(1, tensor.abs().max().item<float>(), name);
            }
        }
    }

    /// <summary>Each option with a rule beside it, or an enumeration, or one that cannot be null, in turn.</summary>
    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
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

    [TestMethod]
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
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
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
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
    [DynamicData(nameof(ContractModels.Families), typeof(ContractModels))]
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
}
