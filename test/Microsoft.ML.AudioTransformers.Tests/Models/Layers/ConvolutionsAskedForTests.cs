using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models.Layers;

/// <summary>
/// What models ask LibTorch for, told by oneDNN itself, whatever this processor makes of it: no map whose channels do not lie
/// last, none that is copied to a layout with filled-up channels, and nothing that oneDNN leaves to NNPACK.
/// </summary>
[TestClass]
public class ConvolutionsAskedForTests
{
    private static readonly Dictionary<string, string> s_told = new() { ["ONEDNN_VERBOSE"] = "1" };

    [TestMethod]
    [DataRow("PaSST")]
    [DataRow("AST")]
    [DataRow("HTS-AT")]
    [DataRow("DAT")]
    [DataRow("DAT++")]
    public void ModelsAskForMapsWithChannelsLast(string model)
    {
        (string result, string output, string error) = FreshProcess.Observe(ScoreAndTrain, s_told, model);

        Assert.AreEqual("12 calls", result);
        Assert.AreEqual("", error);
        string[] told = [.. output.Split('\n').Where(line => line.StartsWith("onednn_verbose", StringComparison.Ordinal))];
        Assert.AreNotEqual(0, told.Length, output);
        foreach (string line in told.Where(line => line.Contains(",exec,cpu,convolution,", StringComparison.Ordinal)))
        {
            // Channels last is acdb to oneDNN.
            StringAssert.Matches(line, new Regex(@"src:\w+:\w*:blocked:acdb:"), line);
            StringAssert.Matches(line, new Regex(@"dst:\w+:\w*:blocked:acdb:"), line);
        }

        foreach (string line in told.Where(line => line.Contains(",exec,cpu,reorder,", StringComparison.Ordinal)))
        {
            StringAssert.DoesNotMatch(line, new Regex(@":blocked:aBcd\d+b:"), line);
        }
    }

    [TestMethod]
    public void OneDnnTakesEveryConvolutionThatIsAskedFor()
    {
        (string calls, string output, string error) = FreshProcess.Observe(Convolve, s_told);

        Assert.AreEqual("", error);
        Assert.AreEqual(
            int.Parse(calls), output.Split('\n').Count(line => line.Contains(",exec,cpu,convolution,", StringComparison.Ordinal)));
    }

    /// <summary>The smallest inputs, of which a batch of one map in float32 is the likeliest to be left to NNPACK.</summary>
    private static string Convolve(string[] arguments)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        set_num_threads(1);
        int calls = 0;
        foreach ((int kernel, int stride, int padding) in new[] { (2, 2, 0), (3, 1, 1), (3, 2, 1), (5, 4, 2), (7, 1, 3) })
        {
            foreach (int channels in new[] { 2, 17, 32 })
            {
                Convolution2d layer = new(channels, channels, kernel, stride, padding, groups: channels);
                layer.call(randn(1, channels, kernel, kernel));
                calls++;
            }
        }

        Convolution2d dense = new(16, 16, 3, 1, 1);
        dense.call(randn(1, 16, 2, 1024));
        return $"{calls + 1}";
    }

    /// <summary>Scores, and takes the gradients of a training step, at two batches and three precisions.</summary>
    private static string ScoreAndTrain(string[] arguments)
    {
        int calls = 0;
        foreach (int batch in new[] { 1, 16 })
        {
            foreach ((bool isMixed, ScalarType type) in new[]
                { (false, ScalarType.Float32), (true, ScalarType.Float32), (false, ScalarType.BFloat16) })
            {
                using DisposeScope scope = NewDisposeScope();
                (AudioModel model, long[] clip) = Create(arguments[0]);
                using AudioModel owned = model;
                model.to(type);
                using MixedPrecision.Section section = MixedPrecision.Begin(isMixed);
                Tensor input = randn([batch, 1, .. clip]);
                input = model is Datar ? input.to(type) : input;
                model.eval();
                using (no_grad())
                {
                    Finite(model.call(input));
                }

                model.train();
                Tensor logits = model.call(input);
                Finite(logits);
                nn.functional.binary_cross_entropy_with_logits(logits, zeros_like(logits)).backward();
                calls += 2;
            }
        }

        return $"{calls} calls";
    }

    private static void Finite(Tensor logits) => Assert.IsTrue(logits.isfinite().all().item<bool>());

    private static (AudioModel Model, long[] Clip) Create(string name) => name switch
    {
        "PaSST" => (
            new Passt(
                new() { InputFrequency = 40, InputTime = 50, EmbedDim = 24, Depth = 1, Heads = 2, Classes = 3 }, new(1)),
            [40, 50]),
        "AST" => (
            new Ast(new() { InputFrequency = 40, InputTime = 50, EmbedDim = 24, Depth = 1, Heads = 2, Classes = 3 }, new(1)),
            [40, 50]),
        "HTS-AT" => (
            new HtsAt(
                new() { MelBins = 16, ImageSize = 64, EmbedDim = 12, Depths = [1, 1], Heads = [1, 2], WindowSize = 4, Classes = 3 },
                new(1)),
            [200, 16]),
        _ => (new Datar(DatarOptions(name == "DAT++"), new(1)), [24, 40]),
    };

    /// <summary>Every layer that convolves, of channels that are no multiple of 16.</summary>
    private static DatarConfig DatarOptions(bool isPlusPlus)
    {
        DatarStageConfig stage = new()
        {
            Dim = 24, Heads = 2, Groups = 2, WindowSize = 3, OffsetKernel = 3, ConvolutionalMlp = true, LocalPerception = true,
            ReductionRatio = 1, PositionBias = DeformablePositionBias.None,
        };
        return new DatarConfig
        {
            Version = isPlusPlus ? DatVersion.DatPlusPlus : DatVersion.Dat,
            ConvolutionalPatches = isPlusPlus,
            InputFrequency = 24,
            InputTime = 40,
            StemDim = 20,
            Expansion = 2,
            DropPath = 0,
            Classes = 3,
            Stages =
            [
                stage with { Blocks = isPlusPlus ? "NEX" : "LSX", Heads = 1 },
                stage with { Blocks = "PD", Stride = 2, PositionBias = DeformablePositionBias.Convolutional },
                stage with { Blocks = "LD", Dim = 40, PositionBias = DeformablePositionBias.Interpolated },
                stage with { Blocks = "D", OffsetKernel = 1 },
            ],
        };
    }
}
