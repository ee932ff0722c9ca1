using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class FrozenBackboneTests
{
    private const int Epochs = 5;
    private const int TrainingCount = 30;
    private const int ValidationCount = 12;

    private static readonly TrainingSetup s_setup = TinyTraining.Setup(options =>
    {
        (options.Epochs, options.BatchSize) = (Epochs, 8);
        options.Optimization.FreezeBackbone = true;
    });

    [TestMethod]
    public void TheBackboneSeesEachClipOnceAndTheHeadLearnsTheSame()
    {
        using Probe plain = new();
        List<AudioTrainingMetrics> expected = Train(plain, isComputedOnce: false);
        using Probe probe = new();
        List<AudioTrainingMetrics> actual = Train(probe, isComputedOnce: true);

        Assert.AreEqual(TrainingCount + ValidationCount, probe.SeenClips);
        Assert.AreEqual(Epochs * (TrainingCount + ValidationCount), plain.SeenClips);
        AssertClose(TinyTraining.Weights(plain), TinyTraining.Weights(probe));
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            Assert.AreEqual(expected[epoch].Loss, actual[epoch].Loss, 1e-5);
            Assert.AreEqual(expected[epoch].ValidationLoss!.Value, actual[epoch].ValidationLoss!.Value, 1e-5);
        }

        Assert.IsLessThan(expected[0].Loss, expected[^1].Loss, "it learns");
    }

    /// <summary>Clips of HTS-AT that are longer than an image: the head sees several of each.</summary>
    [TestMethod]
    public void LongClipsKeepTheirImages()
    {
        using var scope = NewDisposeScope();
        HtsAtOptions options = HtsAtTrainerTests.Options();
        var shape = new FeatureShape(75, TinyClip.Mels);
        using AudioModel model = TinyModel.Build(options, shape, 2, seed: 5);
        model.eval();
        Tensor input = model.FromFeatures(rand(3, shape.Frames, shape.Mels));

        Tensor backbone = model.Backbone(input);

        Assert.AreEqual(4, backbone.dim());
        Assert.IsGreaterThan(1, backbone.shape[1]);
        Assert.IsTrue(model.Classify(backbone).allclose(model.call(input), 1e-6, 1e-6));
    }

    [TestMethod]
    public void TrainersTellThatTheBackboneSeesClipsOnceUnlessChanceChangesThem()
    {
        foreach (int roll in new[] { 0, 2 })
        {
            var mlContext = new MLContext();
            List<string> messages = [];
            mlContext.Log += (_, entry) => messages.Add(entry.Message);
            PasstOptions options = TinyModel.Options();
            options.Epochs = 2;
            options.Augmentation.TimeRollFrames = roll;
            options.Optimization.FreezeBackbone = true;
            IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out IDataView validation);
            options.ValidationSet = validation;
            double accuracy = 0;
            options.MetricsCallback = metrics => accuracy = metrics.ValidationAccuracy!.Value;

            using AudioClassificationTransformer model =
                mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);

            Assert.AreEqual(roll == 0, messages.Any(message =>
                message.Contains("frozen backbone has seen", StringComparison.Ordinal)));
            Assert.AreEqual(
                accuracy, mlContext.MulticlassClassification.Evaluate(model.Transform(validation)).MicroAccuracy, 1e-9);
        }
    }

    /// <summary>Whatever happens to clips by chance, a backbone would see them otherwise the next time.</summary>
    [TestMethod]
    public void EveryAugmentationMakesThePlanOneThatChangesClips()
    {
        Assert.IsTrue(AugmentationPlan.Create(new AudioAugmentationOptions(), LogMelOptions.Passt).IsEmpty);
        Assert.IsFalse(AugmentationPlan.Create(new AudioAugmentationOptions { TimeRollFrames = 1 }, LogMelOptions.Passt).IsEmpty);
        foreach (AudioAugmentationOptions options in new AudioAugmentationOptions[]
        {
            new() { RandomCrop = true },
            new() { GainDecibels = 7 },
            new() { WaveformMixupProbability = 0.5 },
            new() { RollSamples = 50 },
            new() { BackgroundNoises = [new float[] { 1 }] },
            new() { LowFrequencyRange = 10 },
            new() { HighFrequencyRange = 1000 },
            new() { TimeMaskFrames = 2 },
            new() { FrequencyMaskBins = 2 },
            new() { MixupAlpha = 0.3 },
        })
        {
            Assert.IsFalse(AugmentationPlan.Create(options, LogMelOptions.Passt).IsEmpty);
        }
    }

    [TestMethod]
    public void CanceledBeforeTheBackboneHasSeenAllReturnsNothing()
    {
        using Probe probe = new();

        Assert.IsNull(new FrozenBackbone(probe, CPU).Compute(
            Clips(TrainingCount, seed: 1), new LogMelReader(TinyTraining.Shape), 8, () => probe.SeenClips >= 16));

        Assert.AreEqual(16, probe.SeenClips);
    }

    private static List<AudioTrainingMetrics> Train(AudioModel model, bool isComputedOnce)
    {
        ClipDataset training = Clips(TrainingCount, seed: 1);
        ClipDataset validation = Clips(ValidationCount, seed: 2);
        FeatureReader reader = new LogMelReader(TinyTraining.Shape);
        Func<Tensor, Tensor> forward = features => model.call(model.FromFeatures(features));
        if (isComputedOnce)
        {
            var backbone = new FrozenBackbone(model, CPU);
            training = backbone.Compute(training, reader, 8, () => false)!;
            validation = backbone.Compute(validation, reader, 8, () => false)!;
            (reader, forward) = (backbone.Reader, backbone.Classify);
        }

        List<AudioTrainingMetrics> history = [];
        var loop = new TrainingLoop(model, s_setup, CPU) { Forward = forward, EpochEnded = history.Add };
        EpochSampler order = EpochSampler.Shuffled(training.Count, seed: 4);
        loop.Run(
            BatchLoader.ForTraining(training, reader, order, AugmentationPlan.None, 2, seed: 4),
            BatchLoader.ForValidation(validation, reader));
        return history;
    }

    private static ClipDataset Clips(int count, int seed)
    {
        var clips = new ClipDataset();
        foreach (TinyClip clip in TinyClip.Make(count, seed, TinyModel.Classes))
        {
            clips.Add(clip.Features, Array.IndexOf(TinyModel.Classes, clip.Label), clips.Count);
        }

        return clips;
    }

    private static void AssertClose(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual)
    {
        foreach ((string name, float[] values) in expected)
        {
            for (int i = 0; i < values.Length; i++)
            {
                Assert.AreEqual(values[i], actual[name][i], 1e-5, name);
            }
        }
    }

    /// <summary>A linear backbone that counts the clips that it sees, and a head.</summary>
    private sealed class Probe : AudioModel
    {
        private readonly Linear body;
        private readonly Linear head;

        public Probe()
            : base(nameof(Probe), new Generator(1))
        {
            body = nn.Linear(TinyTraining.Shape.Length, 6);
            head = nn.Linear(6, 2);
            RegisterComponents();
            using IDisposable guard = no_grad();
            foreach (Parameter parameter in parameters())
            {
                parameter.normal_(0, 0.1, Generator);
            }
        }

        public int SeenClips { get; private set; }

        public override AudioModelConfig Config => new PasstConfig();

        public override Tensor FromFeatures(Tensor features) => features.flatten(1);

        public override Tensor forward(Tensor input)
        {
            using Tensor features = Backbone(input);
            return Classify(features);
        }

        public override Tensor Backbone(Tensor input)
        {
            SeenClips += (int)input.shape[0];
            using Tensor projected = body.call(input);
            return projected.relu();
        }

        public override Tensor Classify(Tensor backbone) => head.call(backbone);

        public override (int Stage, int Block)? BlockOf(string parameterName) => null;

        public override bool IsHead(string parameterName) => IsOf(parameterName, nameof(head));

        public override bool IsAfterBlocks(string parameterName) => IsHead(parameterName);
    }
}
