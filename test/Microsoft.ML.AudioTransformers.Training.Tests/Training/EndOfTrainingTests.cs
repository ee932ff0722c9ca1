using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class EndOfTrainingTests
{
    [TestMethod]
    public void StopsWhenNoBetterEpochComesAndReturnsTheBest()
    {
        using var folder = new TemporaryFolder();
        List<AudioTrainingMetrics> epochs = [];
        PasstOptions options = TinyModel.Options();
        options.Epochs = 200;
        options.WorkspacePath = folder.File("run");
        options.Optimization.EarlyStoppingPatience = 3;
        options.MetricsCallback = epochs.Add;

        float[] returned = TrainWithValidation(options);

        double best = epochs.Max(metrics => metrics.ValidationAccuracy!.Value);
        int bestEpoch = epochs.First(metrics => metrics.ValidationAccuracy == best).Epoch;
        Assert.HasCount(bestEpoch + 3, epochs);
        CollectionAssert.AreEqual(BestWeights(options), returned);
    }

    [TestMethod]
    public void AveragesOfWeightsLeaveTablesOfMinusInfinityAlone()
    {
        var mlContext = new MLContext();
        ContractClip[] clips = ContractClip.Make(4);
        using AudioClassificationTransformer model = ContractTraining.Train(
            ModelFamilies.All.Single(family => family.Name == "DATAR"),
            options => options.Optimization.ExponentialAverageDecay = 0.5);
        IEnumerable<float> masks = ModuleWeights.Of(model.Model.Network)
            .Where(tensor => tensor.Name.EndsWith("attn_mask", StringComparison.Ordinal))
            .SelectMany(tensor => tensor.ToSingles());
        IEnumerable<float[]> scores = model.Transform(ContractTraining.View(mlContext, clips)).GetColumn<float[]>("Score");

        Assert.Contains(float.NegativeInfinity, masks);
        Assert.IsTrue(scores.All(row => row.All(float.IsFinite)));
    }

    /// <summary>The first epoch is made the best by a learning rate that is far too high from the second on.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void CanceledTrainingReturnsTheBestEpoch(bool hasWorkspace)
    {
        using var folder = new TemporaryFolder();
        PasstOptions options = TinyModel.Options();
        options.LearningRateSchedule = new SpoilingSchedule();
        options.Epochs = 1;
        float[] afterOneEpoch = TrainWithValidation(options);

        using var source = new CancellationTokenSource();
        List<double> losses = [];
        options.Epochs = 50;
        options.WorkspacePath = hasWorkspace ? folder.File("run") : null;
        options.Optimization.EarlyStoppingMetric = AudioEarlyStoppingMetric.ValidationLoss;
        options.CancellationToken = source.Token;
        options.MetricsCallback = metrics =>
        {
            losses.Add(metrics.ValidationLoss!.Value);
            if (metrics.Epoch == 3)
            {
                source.Cancel();
            }
        };
        float[] returned = TrainWithValidation(options);

        Assert.HasCount(3, losses);
        Assert.IsTrue(losses[0] < losses[1] && losses[0] < losses[2], string.Join(", ", losses));
        CollectionAssert.AreEqual(afterOneEpoch, returned);
    }

    /// <summary>
    /// The only step of the second epoch has a rate near the largest number of float32; its loss was computed before, and is
    /// finite. What the first epoch came to stays.
    /// </summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void WeightsThatAreNotFiniteAreNoModelAndNoCheckpoint(bool everyStep)
    {
        using var folder = new TemporaryFolder();
        PasstOptions options = TinyModel.Options();
        options.LearningRateSchedule = new SpoilingSchedule(3e40);
        (options.Epochs, options.BatchSize) = (2, 48);
        options.CheckpointEverySteps = everyStep ? 1 : 0;
        options.WorkspacePath = folder.File("run");
        options.Optimization.EarlyStoppingMetric = AudioEarlyStoppingMetric.TrainingLoss;

        var error = Assert.ThrowsExactly<InvalidOperationException>(() => TrainWithValidation(options));

        Assert.Contains("are not finite after step 2", error.Message);
        Assert.Contains("A LearningRate below", error.Message);
        foreach (string name in new[] { "last", "best" })
        {
            using SafetensorsFile file = SafetensorsFile.Open(folder.File($"run/{name}.safetensors"));
            IEnumerable<CheckpointTensor> weights = file.Tensors.Where(tensor => tensor.DType == CheckpointDType.Float32);
            Assert.IsTrue(weights.All(tensor => tensor.ToSingles().All(float.IsFinite)), name);
        }
    }

    [TestMethod]
    public void PatienceWithoutValidationSetIsRefused()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Optimization.EarlyStoppingPatience = 2;

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.MulticlassClassification.Trainers.Passt(options));

        StringAssert.Contains(exception.Message, "Option Optimization.EarlyStoppingPatience is 2; expected 0");
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(-1e-3)]
    [DataRow(double.PositiveInfinity)]
    public void AScheduleWithoutAValidRateIsNamed(double rate)
    {
        TrainingSetup setup = TinyTraining.Setup(options => options.LearningRateSchedule = new FixedSchedule(rate));

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => setup.LearningRate(step: 7, stepsPerEpoch: 5));

        StringAssert.Contains(exception.Message, "FixedSchedule returns the learning rate");
        StringAssert.Contains(exception.Message, "at step 7");
    }

    private static float[] BestWeights(PasstOptions options)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(options.WorkspacePath!, "best.safetensors"));
        return [.. file.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).SelectMany(tensor => tensor.ToSingles())];
    }

    private static float[] TrainWithValidation(PasstOptions options)
    {
        var mlContext = new MLContext();
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out IDataView validation);
        options.ValidationSet = validation;
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);
        return
        [
            .. ModuleWeights.Of(model.Model.Network)
                .OrderBy(tensor => tensor.Name, StringComparer.Ordinal).SelectMany(tensor => tensor.ToSingles()),
        ];
    }

    private sealed class FixedSchedule(double rate) : LearningRateSchedule
    {
        public override double LearningRate(double baseLearningRate, TrainingPosition position) => rate;
    }

    private sealed class SpoilingSchedule(double factor = 100) : LearningRateSchedule
    {
        public override double LearningRate(double baseLearningRate, TrainingPosition position) =>
            position.Epoch == 0 ? baseLearningRate : factor * baseLearningRate;
    }
}
