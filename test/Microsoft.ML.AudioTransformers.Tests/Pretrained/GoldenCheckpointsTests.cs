using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Pretrained;

/// <summary>What the path alone of every golden checkpoint tells: files of the official code, and files of other tensors.</summary>
[TestClass]
public sealed class GoldenCheckpointsTests
{
    private static readonly MLContext s_mlContext = new();

    /// <summary>Architecture and classes of the files that are of models, by the golden cases' names.</summary>
    private static readonly Dictionary<string, (string Architecture, int Classes)> s_models = new()
    {
        ["dat_fp16_bf16"] = ("DATAR", 0),
        ["dat_load_pretrained_resized"] = ("DATAR", 0),
        ["dat_pth"] = ("DATAR", 0),
        ["deit_to_passt"] = ("AST", 0),
        ["htsat_lightning_ckpt"] = ("HTS-AT", 5),
        ["passt_lightning_ckpt"] = ("PaSST", 5),
        ["passt_pt"] = ("PaSST", 5),
        ["passt_pt_fp16"] = ("PaSST", 5),
        ["swin_to_htsat"] = ("HTS-AT", 0),
    };

    [TestMethod, TestCategory("Golden"), GoldenCases("checkpoints")]
    public void APathTellsTheModel(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        string path = Path.Combine(golden.Directory, golden.Json.GetProperty("file").GetString()!);
        if (!s_models.TryGetValue(id.Split('/')[1], out (string Architecture, int Classes) expected))
        {
            var error = Assert.ThrowsExactly<InvalidDataException>(() => s_mlContext.Model.DescribeAudioCheckpoint(path));
            StringAssert.Contains(error.Message, "in no known layout", id);
            return;
        }

        AudioCheckpointInfo info = s_mlContext.Model.DescribeAudioCheckpoint(path);
        Assert.AreEqual(expected, (info.ArchitectureName, info.ClassCount), id);
        if (golden.Json.TryGetProperty("source_params", out JsonElement parameters)
            || golden.Json.TryGetProperty("params", out parameters))
        {
            AssertSizes(parameters, info);
        }

        if (info is { ClassCount: > 0, Missing.Count: 0 })
        {
            AssertLoads(golden, path);
        }
    }

    private static void AssertSizes(JsonElement parameters, AudioCheckpointInfo info)
    {
        int[] List(string name) => [.. parameters.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];
        switch (info.Config)
        {
            case DatarConfig dat:
                CollectionAssert.AreEqual(List("dims"), dat.Stages.Select(stage => stage.Dim).ToArray());
                CollectionAssert.AreEqual(List("heads"), dat.Stages.Select(stage => stage.Heads).ToArray());
                CollectionAssert.AreEqual(List("window_sizes"), dat.Stages.Select(stage => stage.WindowSize).ToArray());
                CollectionAssert.AreEqual(List("groups")[2..], dat.Stages.Skip(2).Select(stage => stage.Groups).ToArray());
                CollectionAssert.AreEqual(
                    parameters.GetProperty("stage_spec").EnumerateArray()
                        .Select(stage => string.Concat(stage.EnumerateArray().Select(block => block.GetString()))).ToArray(),
                    dat.Stages.Select(stage => stage.Blocks).ToArray());
                break;
            case HtsAtConfig htsat:
                CollectionAssert.AreEqual(List("depths"), htsat.Depths.ToArray());
                CollectionAssert.AreEqual(List("num_heads"), htsat.Heads.ToArray());
                Assert.AreEqual(
                    (parameters.GetProperty("embed_dim").GetInt32(), parameters.GetProperty("window_size").GetInt32()),
                    (htsat.EmbedDim, htsat.WindowSize));
                break;
            case PasstConfig passt:
                Assert.AreEqual(
                    (parameters.GetProperty("embed_dim").GetInt32(), parameters.GetProperty("depth").GetInt32()),
                    (passt.EmbedDim, passt.Depth));
                break;
        }
    }

    /// <summary>The file of HTS-AT's training code tells all, and all its weights are in the network.</summary>
    private static void AssertLoads(GoldenCase golden, string path)
    {
        JsonElement config = golden.Json.GetProperty("config");
        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(path);
        Assert.AreEqual(
            (config.GetProperty("sample_rate").GetInt32(), config.GetProperty("window_size").GetInt32(),
                config.GetProperty("hop_size").GetInt32(), config.GetProperty("mel_bins").GetInt32(),
                config.GetProperty("fmin").GetDouble(), config.GetProperty("fmax").GetDouble()),
            (model.Model.Description.FrontEnd!.SampleRate, model.Model.Description.FrontEnd.WindowLength,
                model.Model.Description.FrontEnd.HopLength, model.Model.Description.FrontEnd.MelBins,
                model.Model.Description.FrontEnd.LowFrequency, model.Model.Description.FrontEnd.HighFrequency));
        foreach ((string name, torch.Tensor values) in model.Model.Network.state_dict().Where(pair => pair.Value.is_floating_point()))
        {
            CollectionAssert.AreEqual(
                golden.Tensors["sed_model." + name].ToSingles(), values.data<float>().ToArray(), $"{golden.Id}: {name}");
        }
    }
}
