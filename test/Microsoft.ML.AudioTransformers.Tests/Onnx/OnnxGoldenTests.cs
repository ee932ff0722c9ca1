using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Onnx;

/// <summary>Graphs of the models, run by ONNX Runtime, give what the papers' own code computes.</summary>
[TestClass]
public sealed class OnnxGoldenTests
{
    // Of scores, which are at most 1; logits are given as they are.
    private const double Allowed = 1e-4;
    private const double AllowedInHalf = 5e-3;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod, TestCategory("Golden"), GoldenCases("passt")]
    public void PasstGolden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using DisposeScope scope = NewDisposeScope();
        using Passt network = new(PasstTests.Options(golden.Json.GetProperty("params")), new Generator(1));
        GoldenTorch.LoadWeights(golden, network);
        network.eval();
        Tensor features = GoldenTorch.Tensor(golden["input"]).squeeze(1).transpose(1, 2);
        if (golden.Json.GetProperty("mode").GetString() == "train")
        {
            // No graph has patchout: what the reference computes with it cannot be compared.
            AssertRuns(network, features, network.call(network.FromFeatures(features)), "logits");
            return;
        }

        AssertRuns(network, features, GoldenTorch.Tensor(golden["logits"]), "logits");
        AssertRuns(network, features, GoldenTorch.Tensor(golden["features"]), "embedding");
    }

    [TestMethod, TestCategory("Golden"), GoldenCases("ast")]
    public void AstGolden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using DisposeScope scope = NewDisposeScope();
        using Ast network = new(AstTests.Options(golden.Json.GetProperty("params")), new Generator(1));
        GoldenTorch.LoadWeights(golden, network);
        network.eval();
        AssertRuns(network, GoldenTorch.Tensor(golden["input"]), GoldenTorch.Tensor(golden["logits"]), "logits");
    }

    [TestMethod, TestCategory("Golden"), GoldenCases("htsat")]
    public void HtsAtGolden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using DisposeScope scope = NewDisposeScope();
        using HtsAt network = new(HtsAtGoldenTests.Options(golden.Json), new Generator(1));
        GoldenTorch.LoadWeights(golden, network);
        network.eval();
        bool isWaveform = golden.Tensors.ContainsKey("waveform");
        Tensor input = isWaveform ? HtsAtGoldenTests.LogMel(golden) : GoldenTorch.Tensor(golden["input_logmel"]);
        Tensor features = input.squeeze(1);
        if (golden.Json.GetProperty("mode").GetString() == "eval")
        {
            string? loss = golden.Json.GetProperty("config").GetProperty("loss_type").GetString();
            bool isLogits = network.Options.TokenSemantic && loss == "clip_ce";
            AssertRuns(network, features, GoldenTorch.Tensor(golden["clipwise_output"]), isLogits ? "logits" : "scores");
            if (golden.Tensors.ContainsKey("latent_output"))
            {
                AssertRuns(network, features, GoldenTorch.Tensor(golden["latent_output"]), "embedding");
            }
        }

        // The map has been compared with the reference's, which repeats each step for frames.
        using IDisposable guard = no_grad();
        AssertRuns(network, features, network.Detect(input).Presence, "presence");
    }

    [TestMethod, TestCategory("Golden"), GoldenCases("dat")]
    public void DatarGolden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using DisposeScope scope = NewDisposeScope();
        using Datar network = new(DatarTests.Options(golden), new Generator(1));
        GoldenTorch.LoadWeights(golden, network);
        network.eval();
        GoldenTensor input = golden["input"];
        foreach (OnnxPrecision precision in Enum.GetValues<OnnxPrecision>())
        {
            var graph = new OnnxGraph(17, precision);
            OnnxValue maps = graph.Input(
                "maps", "Maps.", "batch", (int)input.Shape[1], (int)input.Shape[2], (int)input.Shape[3]);
            ModelGraph model = DatarGraph.WriteMaps(network.Options, OnnxRun.Module(graph, network), maps);
            graph.Output(model.Logits, "logits", "Logits.", "batch", (int)golden["logits"].Shape[1]);
            using OnnxRun run = OnnxRun.Of(graph);

            float[] logits = run.Run("logits", "maps", input.ToSingles(), [.. input.Shape.Select(size => (int)size)]);

            if (precision == OnnxPrecision.Float32)
            {
                GoldenAssert.Close(golden["logits"], logits, Math.Max(Allowed, golden.Atol), golden.Rtol, "logits");
            }

            AssertScores(golden["logits"].ToSingles(), logits, "logits", precision);
        }
    }

    /// <summary>
    /// Of a fixed number of frames, and where the model takes any number, of one that the graph does not know.
    /// </summary>
    private void AssertRuns(AudioModel network, Tensor features, Tensor expected, string output)
    {
        int[] shape = [.. features.shape.Select(size => (int)size)];
        bool canVary = network is Passt || (network is HtsAt { PresenceMap: var map } && shape[1] <= map.Frames);
        (int?, OnnxPrecision)[] exports =
        [
            .. Enum.GetValues<OnnxPrecision>()
                .Where(precision => output != "embedding" || precision == OnnxPrecision.Float32)
                .Select(precision => ((int?)shape[1], precision)),
            .. canVary ? [(null, OnnxPrecision.Float32)] : Array.Empty<(int?, OnnxPrecision)>(),
        ];
        foreach ((int? frames, OnnxPrecision precision) in exports)
        {
            var graph = new OnnxGraph(17, precision);
            OnnxValue input = graph.Input("features", "Features.", "batch", frames is { } count ? count : "frames", shape[2]);
            ModelGraph model = ModelFamilies.All.Single(family => family.Name == NameOf(network))
                .WriteGraph(network, OnnxRun.Module(graph, network), input, frames);
            OnnxValue value = output switch
            {
                "logits" => model.Logits,
                "embedding" => model.Embedding,
                "scores" => model.Detection!.Scores,
                _ => model.Detection!.Presence,
            };
            graph.Output(value, output, "Values.", ["batch", .. expected.shape.Skip(1).Select(size => (object)(int)size)]);
            using OnnxRun run = OnnxRun.Of(graph);

            float[] actual = run.Run(output, "features", features.contiguous().data<float>().ToArray(), shape);

            float[] wanted = expected.contiguous().data<float>().ToArray();
            if (precision == OnnxPrecision.Float32)
            {
                GoldenAssert.Close(
                    Array.ConvertAll(wanted, value => (double)value), Array.ConvertAll(actual, value => (double)value), Allowed, 0,
                    $"{output} of {frames?.ToString() ?? "any number of"} frames");
            }

            AssertScores(wanted, actual, output, precision);
        }
    }

    /// <summary>Scores in a precision, and the largest difference in the test's output.</summary>
    private void AssertScores(float[] expected, float[] actual, string output, OnnxPrecision precision)
    {
        Func<float, double> score = output == "logits" ? logit => 1 / (1 + Math.Exp(-logit)) : value => value;
        double largest = expected.Zip(actual, (x, y) => Math.Abs(score(x) - score(y))).Max();
        TestContext.WriteLine(FormattableString.Invariant($"{TestContext.TestDisplayName}: {output}, {precision}: {largest:E1}"));
        if (precision == OnnxPrecision.Float16)
        {
            Assert.IsLessThan(AllowedInHalf, largest, output);
        }
    }

    private static string NameOf(AudioModel network) => network switch
    {
        Passt => "PaSST",
        Ast => "AST",
        HtsAt => "HTS-AT",
        _ => "DATAR",
    };
}
