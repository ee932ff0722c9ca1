using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class HtsAtGoldenTests
{
    // The official code repeats each step of the presence map so often for each frame of a patch's stride.
    private const int Repeats = 8;

    [TestMethod, TestCategory("Golden"), GoldenCases("htsat")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        HtsAt model = new(Options(golden.Json), new Generator(1));
        GoldenTorch.LoadWeights(golden, model);
        model.train(golden.Json.GetProperty("mode").GetString() == "train");
        bool isWaveform = golden.Tensors.ContainsKey("waveform");
        Tensor input = isWaveform ? LogMel(golden) : GoldenTorch.Tensor(golden["input_logmel"]);

        IReadOnlyList<Tensor> images = model.Images(input);
        long crops = golden.Tensors.TryGetValue("n_crops", out GoldenTensor? count) ? count.ToInt64s()[0] : 1;
        Assert.HasCount((int)crops, images, $"{id}: images");
        AssertStages(golden, model, images[^1]);

        PresenceDetection found = model.Detect(input);
        string? loss = golden.Json.GetProperty("config").GetProperty("loss_type").GetString();
        Tensor clip = model.Options.TokenSemantic && loss == "clip_ce" ? model.call(input) : found.Scores;
        GoldenTorch.AssertClose(golden, "clipwise_output", clip, "score of the clip");
        if (golden.Tensors.ContainsKey("latent_output"))
        {
            GoldenTorch.AssertClose(golden, "latent_output", found.Embedding, "embedding");
        }

        AssertPresence(golden, model, found.Presence);
    }

    internal static HtsAtConfig Options(JsonElement json)
    {
        JsonElement parameters = json.GetProperty("params");
        JsonElement config = json.GetProperty("config");
        Assert.AreEqual(1e-5, parameters.GetProperty("layernorm_eps").GetDouble());
        Assert.AreEqual(1e-5, parameters.GetProperty("bn_eps").GetDouble());
        Assert.AreEqual(1, parameters.GetProperty("in_chans").GetInt32());
        return new HtsAtConfig
        {
            MelBins = config.GetProperty("mel_bins").GetInt32(),
            ImageSize = parameters.GetProperty("spec_size").GetInt32(),
            PatchSize = parameters.GetProperty("patch_size").GetInt32(),
            StrideFrequency = parameters.GetProperty("patch_stride")[0].GetInt32(),
            StrideTime = parameters.GetProperty("patch_stride")[1].GetInt32(),
            Classes = parameters.GetProperty("num_classes").GetInt32(),
            EmbedDim = parameters.GetProperty("embed_dim").GetInt32(),
            Depths = Numbers(parameters.GetProperty("depths")),
            Heads = Numbers(parameters.GetProperty("num_heads")),
            WindowSize = parameters.GetProperty("window_size").GetInt32(),
            MlpRatio = parameters.GetProperty("mlp_ratio").GetDouble(),
            AbsolutePositions = parameters.TryGetProperty("ape", out JsonElement ape) && ape.GetBoolean(),
            TokenSemantic = config.GetProperty("enable_tscam").GetBoolean(),
            AttentionHeatmap = config.GetProperty("htsat_attn_heatmap").GetBoolean(),
            ShortClips = parameters.GetProperty("infer_mode").GetBoolean() ? HtsAtShortClips.Repeat
                : config.GetProperty("enable_repeat_mode").GetBoolean() ? HtsAtShortClips.RepeatWindows
                : HtsAtShortClips.Resize,
            LongClips = HtsAtLongClips.AveragedCrops,
        };
    }

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt32())];

    internal static Tensor LogMel(GoldenCase golden)
    {
        JsonElement config = golden.Json.GetProperty("config");
        LogMelOptions options = LogMelOptions.CreateHtsAt(config.GetProperty("sample_rate").GetInt32());
        options.TargetSamples = 0;
        options.WindowLength = config.GetProperty("window_size").GetInt32();
        options.HopLength = config.GetProperty("hop_size").GetInt32();
        options.MelBins = config.GetProperty("mel_bins").GetInt32();
        options.LowFrequency = config.GetProperty("fmin").GetDouble();
        options.HighFrequency = config.GetProperty("fmax").GetDouble();
        var extractor = new LogMelExtractor(options);
        float[] waveforms = golden["waveform"].ToSingles();
        int samples = (int)golden["waveform"].Shape[1];
        float[] features = [.. waveforms.Chunk(samples).SelectMany(waveform => extractor.Extract(waveform))];
        GoldenAssert.Close(golden["log_mel"], features, golden.Atol, golden.Rtol, "log-mel");
        return tensor(features, golden["log_mel"].Shape);
    }

    /// <summary>Of a case with several images, the last one's steps are all that is stored of the stages.</summary>
    private static void AssertStages(GoldenCase golden, HtsAt model, Tensor image)
    {
        bool isStored = golden.Tensors.ContainsKey("image");
        if (isStored)
        {
            GoldenTorch.AssertClose(golden, "image", image, "image");
            AssertPatches(golden, model.patch_embed.call(image));
        }

        Tensor x = model.Tokens(image);
        for (int stage = 0; stage < model.layers.Count; stage++)
        {
            x = model.layers[stage].call(x);
            if (isStored)
            {
                GoldenTorch.AssertClose(golden, $"layer{stage}", x, $"stage {stage}");
            }
        }

        x = model.norm.call(x);
        Tensor steps = model.StepLogits(x).transpose(1, 2).unsqueeze(2);      // (B, classes, 1, steps)
        if (isStored)
        {
            GoldenTorch.AssertClose(golden, "norm", x, "tokens");
        }

        foreach (string name in new[] { "tscam_conv", "note_last_crop_layer3" }.Where(golden.Tensors.ContainsKey))
        {
            GoldenTorch.AssertClose(golden, name, golden[name].Shape.Length == 4 ? steps : x, "steps");
        }
    }

    private static void AssertPatches(GoldenCase golden, Tensor patches)
    {
        string name = golden.Tensors.ContainsKey("patch_embed") ? "patch_embed" : "patch_embed_first256";
        GoldenTorch.AssertClose(golden, name, patches.narrow(1, 0, golden[name].Shape[1]), "patches");
    }

    private static void AssertPresence(GoldenCase golden, HtsAt model, Tensor presence)
    {
        int repeats = Repeats * model.Options.StrideTime;
        Tensor repeated = presence.repeat_interleave(repeats, 1);
        CollectionAssert.AreEqual(golden["framewise_shape"].ToInt64s(), repeated.shape, $"{golden.Id}: shape of the map");
        if (golden.Tensors.ContainsKey("framewise_output_every_32"))
        {
            Tensor rows = repeated[TensorIndex.Ellipsis, TensorIndex.Slice(0, null, 32), TensorIndex.Colon];
            GoldenTorch.AssertClose(golden, "framewise_output_every_32", rows, "presence");
        }
        else
        {
            GoldenTorch.AssertClose(golden, "framewise_output", repeated, "presence");
        }
    }
}
