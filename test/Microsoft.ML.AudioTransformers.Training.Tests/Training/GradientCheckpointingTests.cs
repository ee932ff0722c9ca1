using System.Diagnostics;
using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class GradientCheckpointingTests
{
    /// <summary>With dropped paths and, in PaSST, patchout: what is random has to be the same when computed again.</summary>
    [TestMethod]
    [DataRow("PaSST", AudioPrecision.Float32)]
    [DataRow("PaSST", AudioPrecision.BFloat16)]
    [DataRow("AST", AudioPrecision.Float32)]
    [DataRow("HTS-AT", AudioPrecision.Float32)]
    [DataRow("HTS-AT", AudioPrecision.BFloat16)]
    [DataRow("DATAR", AudioPrecision.Float32)]
    public void WeightsAreTheSameToTheBit(string name, AudioPrecision precision)
    {
        TrainingSetup Setup(bool checkpointing) => TinyTraining.Setup(options =>
        {
            options.Optimization.Precision = precision;
            options.Optimization.AccumulationSteps = 2;
            options.Optimization.GradientCheckpointing = checkpointing;
        });
        Dictionary<string, float[]> expected = Train(name, Setup(false), out float[] gradients);
        Dictionary<string, float[]> actual = Train(name, Setup(true), out float[] checkpointed);

        CollectionAssert.AreEqual(gradients, checkpointed);
        Assert.IsTrue(gradients.Any(value => Math.Abs(value) > 1e-4));
        foreach ((string parameter, float[] values) in expected)
        {
            CollectionAssert.AreEqual(values, actual[parameter], parameter);
        }
    }

    [TestMethod]
    public void EachBlockIsComputedTwiceAndKeepsNothingButItsInput()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor weight = rand(4, 4, generator: generator);
        weight.requires_grad = true;
        int calls = 0;
        Tensor Block(Tensor x)
        {
            calls++;
            return x.matmul(weight).mul(rand(4, 4, generator: generator)).sigmoid();
        }

        Tensor input = rand(4, 4, generator: generator);
        generator.manual_seed(8);
        Block(Block(input)).sum().backward();
        using Tensor expected = weight.grad!.clone();
        float next = rand(1, generator: generator).item<float>();
        weight.grad!.fill_(0);
        calls = 0;
        generator.manual_seed(8);

        using ActivationCheckpoints checkpoints = ActivationCheckpoints.Begin(generator);
        Tensor output = ActivationCheckpoints.Call(Block, ActivationCheckpoints.Call(Block, input));
        Assert.AreEqual(2, calls);
        checkpoints.Backward(output.sum());

        Assert.AreEqual(4, calls);
        CollectionAssert.AreEqual(expected.data<float>().ToArray(), weight.grad!.data<float>().ToArray());
        Assert.AreEqual(next, rand(1, generator: generator).item<float>(), "the generator goes on as it would have");
    }

    [TestMethod]
    public void NothingIsRecordedOutsideTraining()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor input = rand(4, generator: generator);
        using IDisposable gradientsOff = no_grad();
        using ActivationCheckpoints checkpoints = ActivationCheckpoints.Begin(generator);

        Tensor output = ActivationCheckpoints.Call(x => x.mul(2), input);

        Assert.IsFalse(output.requires_grad);
    }

    [TestMethod]
    public void AFrozenBackboneHasNothingToRecompute()
    {
        PasstOptions options = TinyModel.Options();
        options.Optimization.GradientCheckpointing = true;
        options.Optimization.FreezeBackbone = true;

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OptionCheck.All(options));

        StringAssert.Contains(exception.Message, "Optimization.GradientCheckpointing");
    }

    /// <summary>Twelve blocks keep their inputs and one block its activations, in place of all activations.</summary>
    [TestMethod]
    public void PeakMemoryIsFarLower()
    {
        long plain = long.Parse(FreshProcess.Run(PeakInProcess, "false"), CultureInfo.InvariantCulture);
        long checkpointed = long.Parse(FreshProcess.Run(PeakInProcess, "true"), CultureInfo.InvariantCulture);

        Assert.IsLessThan(plain / 2, checkpointed, $"{checkpointed >> 20} MiB, plain {plain >> 20} MiB");
    }

    /// <returns>The most memory that a step had more than was resident before it, in bytes.</returns>
    private static string PeakInProcess(string[] arguments)
    {
        torch.set_num_threads(1);
        PasstOptions options = TinyModel.Options();
        options.Config = options.Config with { EmbedDim = 96, Depth = 12, Heads = 2, PatchoutTime = 0 };
        var shape = new FeatureShape(128, 128);
        using AudioModel model = TinyModel.Build(options, shape, 2, seed: 1);
        TrainingSetup setup = TinyTraining.Setup(each => each.Optimization.GradientCheckpointing = arguments[0] == "true");
        using var step = new TrainingStep(model, setup, CPU);
        using var sums = new RunningMetrics(CPU);
        step.BeginEpoch();
        ClipBatch Batch(int count) => new()
        {
            Features = [.. Enumerable.Range(0, count * shape.Length).Select(i => (float)Math.Sin(i))],
            Labels = new long[count],
            Shape = shape,
        };

        // A small step first: compiled code, kernels, moments and gradients are there once and for all.
        step.Run(Batch(1), 1e-3, 0, sums);
        ClipBatch batch = Batch(4);
        using Process process = Process.GetCurrentProcess();
        long before = process.WorkingSet64;
        step.Run(batch, 1e-3, 1, sums);
        process.Refresh();
        return (process.PeakWorkingSet64 - before).ToString(CultureInfo.InvariantCulture);
    }

    private static Dictionary<string, float[]> Train(string name, TrainingSetup setup, out float[] gradients)
    {
        using AudioModel model = TinyModel.Build(Options(name), TinyTraining.Shape, TinyModel.Classes.Length, seed: 5);
        using var step = new TrainingStep(model, setup, CPU);
        using var sums = new RunningMetrics(CPU);
        step.BeginEpoch();
        gradients = [];
        for (int i = 0; i < 3; i++)
        {
            step.Run(TinyTraining.Batch(seed: i), 1e-2, i, sums);
            if (i == 0)
            {
                using var scope = NewDisposeScope();
                gradients = [.. model.named_parameters().Where(item => item.parameter.grad is not null)
                    .SelectMany(item => item.parameter.grad!.data<float>().ToArray())];
            }
        }

        return TinyTraining.Weights(model);
    }

    private static AudioTrainerOptions Options(string name)
    {
        switch (name)
        {
            case "PaSST":
                PasstOptions passt = TinyModel.Options();
                (passt.Config.Depth, passt.Config.DropPath) = (3, 0.4);
                return passt;
            case "AST":
                AstOptions ast = AstTrainerTests.Options();
                (ast.Config.Depth, ast.Config.DropPath) = (3, 0.4);
                return ast;
            case "HTS-AT":
                HtsAtOptions htsAt = HtsAtTrainerTests.Options();
                htsAt.Config.DropPath = 0.4;
                return htsAt;
            default:
                DatarOptions datar = DatarTrainerTests.Options();
                datar.Config.DropPath = 0.4;
                return datar;
        }
    }
}
