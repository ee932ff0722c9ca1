using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class TrainingStepTests
{
    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(10)]
    public void AccumulatedGradientsAreThoseOfTheWholeBatch(int parts)
    {
        TrainingSetup Setup(int accumulationSteps) => TinyTraining.Setup(options =>
        {
            options.Optimization.ClassWeights = [0.5f, 2f];
            options.Optimization.LabelSmoothing = 0.1;
            options.Optimization.AccumulationSteps = accumulationSteps;
        });
        Dictionary<string, float[]> whole = Gradients(Setup(1), out double loss);

        Dictionary<string, float[]> accumulated = Gradients(Setup(parts), out double sum);

        Assert.AreEqual(loss, sum, 1e-5);
        foreach ((string name, float[] expected) in whole)
        {
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], accumulated[name][i], 1e-5, name);
            }
        }

        Assert.IsTrue(whole.Values.Any(values => values.Any(value => Math.Abs(value) > 1e-3)));
    }

    [TestMethod]
    public void ClippedGradientsHaveTheGivenNorm()
    {
        double Norm(double limit) => Math.Sqrt(
            Gradients(TinyTraining.Setup(options => options.Optimization.GradientClipNorm = limit), out _)
                .Values.Sum(values => values.Sum(value => (double)value * value)));

        double free = Norm(0);

        Assert.AreEqual(free / 2, Norm(free / 2), 1e-4);
        Assert.AreEqual(free, Norm(free * 2), 1e-6);
    }

    [TestMethod]
    public void FrozenBackboneStaysAndTheHeadMoves()
    {
        using AudioModel model = TinyTraining.Model();
        Dictionary<string, float[]> before = TinyTraining.Weights(model);
        Take(model, TinyTraining.Setup(options => options.Optimization.FreezeBackbone = true), steps: 2);
        Dictionary<string, float[]> after = TinyTraining.Weights(model);

        string[] moved = [.. before.Keys.Where(name => !before[name].SequenceEqual(after[name])).Order()];
        CollectionAssert.AreEqual(new[] { "head.0.bias", "head.0.weight", "head.1.bias", "head.1.weight" }, moved);
        Assert.IsTrue(model.parameters().All(parameter => parameter.requires_grad), "thawed afterwards");
    }

    [TestMethod]
    public void ExponentialAverageFollowsTheWeights()
    {
        using AudioModel model = TinyTraining.Model();
        TrainingSetup setup = TinyTraining.Setup(options => options.Optimization.ExponentialAverageDecay = 0.75);
        using var step = new TrainingStep(model, setup, CPU);
        using var sums = new RunningMetrics(CPU);
        float[]? expected = null;
        for (int i = 0; i < 4; i++)
        {
            step.Run(TinyTraining.Batch(seed: i), 1e-2, i, sums);
            float[] weights = TinyTraining.Weights(model)["norm.weight"];
            expected = expected is null
                ? weights
                : [.. expected.Zip(weights, (mean, weight) => 0.75f * mean + 0.25f * weight)];
        }

        step.Average!.Swap();

        float[] actual = TinyTraining.Weights(model)["norm.weight"];
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.AreEqual(expected![i], actual[i], 1e-6);
        }
    }

    [TestMethod]
    public void StochasticAverageIsTheMeanOfItsEpochs()
    {
        using AudioModel model = TinyTraining.Model();
        TrainingSetup setup = TinyTraining.Setup(options =>
        {
            options.Optimization.WeightAveragingFirstEpoch = 2;
            options.Optimization.WeightAveragingEveryEpochs = 3;
        });
        using var step = new TrainingStep(model, setup, CPU);
        using var sums = new RunningMetrics(CPU);
        List<float[]> entered = [];
        for (int epoch = 1; epoch <= 9; epoch++)
        {
            step.Run(TinyTraining.Batch(seed: epoch), 1e-2, epoch - 1, sums);
            step.EndEpoch(epoch);
            if (epoch is 2 or 5 or 8)
            {
                entered.Add(TinyTraining.Weights(model)["norm.weight"]);
            }
        }

        Assert.AreEqual(3, step.Average!.Count);
        float[] live = TinyTraining.Weights(model)["norm.weight"];
        step.Average.Swap();
        float[] mean = TinyTraining.Weights(model)["norm.weight"];
        for (int i = 0; i < mean.Length; i++)
        {
            Assert.AreEqual(entered.Average(weights => weights[i]), mean[i], 1e-6);
        }

        step.Average.Swap();
        CollectionAssert.AreEqual(live, TinyTraining.Weights(model)["norm.weight"]);
    }

    [TestMethod]
    public void EachLayerHasItsLearningRateAndDecay()
    {
        using AudioModel model = TinyTraining.Model();
        IReadOnlyList<ParameterGroup> groups = ParameterGroups.Of(
            model, model.named_parameters(), 0.1, WeightDecayExclusions.All, 0.5);
        Dictionary<string, ParameterGroup> of = groups
            .SelectMany(group => group.Parameters.Select(item => (item.Name, group)))
            .ToDictionary(item => item.Name, item => item.group);

        // Embedding, three blocks, head: five layers.
        Assert.AreEqual(1.0 / 16, of["patch_embed.proj.weight"].RateScale);
        Assert.AreEqual(1.0 / 8, of["blocks.0.attn.qkv.weight"].RateScale);
        Assert.AreEqual(1.0 / 2, of["blocks.2.mlp.fc1.bias"].RateScale);
        Assert.AreEqual(1, of["head.1.weight"].RateScale);
        Assert.AreEqual(0.1, of["blocks.0.attn.qkv.weight"].WeightDecay);
        Assert.AreEqual(0, of["blocks.0.attn.qkv.bias"].WeightDecay);
        Assert.AreEqual(0, of["blocks.1.norm1.weight"].WeightDecay);
        Assert.AreEqual(0, of["cls_token"].WeightDecay);
        Assert.AreEqual(0, of["time_new_pos_embed"].WeightDecay);
        Assert.AreEqual(model.named_parameters().Count(), of.Count);
    }

    private static Dictionary<string, float[]> Gradients(TrainingSetup setup, out double loss)
    {
        using AudioModel model = TinyTraining.Model();
        loss = Take(model, setup, steps: 1);
        using var scope = NewDisposeScope();
        return model.named_parameters()
            .Where(item => item.parameter.grad is not null)
            .ToDictionary(item => item.name, item => item.parameter.grad!.data<float>().ToArray());
    }

    private static double Take(AudioModel model, TrainingSetup setup, int steps)
    {
        using var step = new TrainingStep(model, setup, CPU);
        using var sums = new RunningMetrics(CPU);
        step.BeginEpoch();
        for (int i = 0; i < steps; i++)
        {
            step.Run(TinyTraining.Batch(), setup.Options.LearningRate, i, sums);
        }

        return sums.Compute().Loss;
    }
}
