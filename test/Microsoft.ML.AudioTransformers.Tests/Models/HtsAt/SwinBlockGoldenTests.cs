using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class SwinBlockGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("swin_block")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        JsonElement parameters = golden.Json.GetProperty("params");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        using Generator generator = new(1);
        if (parameters.TryGetProperty("num_heads", out _))
        {
            AssertBlock(golden, parameters, generator);
        }
        else if (parameters.TryGetProperty("dim", out JsonElement dim))
        {
            (int height, int width) = Resolution(parameters);
            PatchMerging merging = new(dim.GetInt32(), height, width, generator);
            GoldenTorch.LoadWeights(golden, merging);
            GoldenTorch.AssertClose(golden, "output", merging.call(GoldenTorch.Tensor(golden["input"])), "merged");
        }
        else if (parameters.TryGetProperty("patch_size", out JsonElement patchSize))
        {
            int stride = parameters.GetProperty("patch_stride").GetInt32();
            long width = golden["output"].Shape[2];
            NormalizedPatchEmbedding embedding = new((int)width, patchSize.GetInt32(), stride, stride, generator);
            GoldenTorch.LoadWeights(golden, embedding);
            int size = parameters.GetProperty("img_size").GetInt32();
            int count = NormalizedPatchEmbedding.Count(size, patchSize.GetInt32(), stride);
            Assert.AreEqual(golden["output"].Shape[1], count * count, id);
            GoldenTorch.AssertClose(golden, "output", embedding.call(GoldenTorch.Tensor(golden["input"])), "patches");
        }
        else
        {
            AssertImage(golden, parameters, generator);
        }
    }

    private static void AssertBlock(GoldenCase golden, JsonElement parameters, Generator generator)
    {
        (int height, int width) = Resolution(parameters);
        SwinBlock block = new(
            parameters.GetProperty("dim").GetInt32(), height, width, parameters.GetProperty("num_heads").GetInt32(),
            parameters.GetProperty("window_size").GetInt32(), parameters.GetProperty("shift_size").GetInt32(),
            parameters.GetProperty("mlp_ratio").GetDouble(), dropPath: 0, generator);
        string[] derived = ["attn_mask", "attn.relative_position_index"];
        GoldenTorch.LoadWeights(golden, block, isDerived: name => derived.Contains(name));
        GoldenAssert.Equal(golden["weights.attn.relative_position_index"], block.attn.RelativePositionIndex, "index");
        if (golden.Tensors.TryGetValue("weights.attn_mask", out GoldenTensor? mask))
        {
            GoldenAssert.Close(mask, block.attn.ShiftMask, 0, 0, "mask");
        }
        else
        {
            Assert.AreEqual(0, block.attn.ShiftMask.Length, $"{golden.Id}: mask of a block that is not shifted");
        }

        Tensor input = GoldenTorch.Tensor(golden["input"]);
        (Tensor output, Tensor weights) = block.Attend(input);
        GoldenTorch.AssertClose(golden, "output", output, "output");
        GoldenTorch.AssertClose(golden, "output", block.call(input), "output of the forward pass");
        GoldenTorch.AssertClose(golden, "attn_first2", weights.narrow(0, 0, 2), "attention");
        block.eval();
        GoldenTorch.AssertClose(golden, "output", block.call(input), "output of scoring");
        Tensor batch = block.call(cat([input.flip(1), input], 0));
        long count = input.shape[0];
        GoldenTorch.AssertClose(golden, "output", batch.narrow(0, count, count), "output of scoring, second of a batch");
    }

    private static void AssertImage(GoldenCase golden, JsonElement parameters, Generator generator)
    {
        int size = parameters.GetProperty("spec_size").GetInt32();
        HtsAtConfig options = new()
        {
            ImageSize = size,
            MelBins = parameters.GetProperty("mel_bins").GetInt32(),
            EmbedDim = 4,
            Depths = [1],
            Heads = [1],
            WindowSize = 4,
            Classes = 2,
        };
        Assert.AreEqual(parameters.GetProperty("freq_ratio").GetInt32(), options.TimeWindows, golden.Id);
        HtsAtImages images = new(options, generator);
        Tensor input = GoldenTorch.Tensor(golden["input"]);
        GoldenTorch.AssertClose(golden, "output", images.Fold(input), "image");
        GoldenTorch.AssertClose(golden, "repeat_output_pos0", images.FoldRepeated(input, 0), "image of the first window");
        GoldenTorch.AssertClose(golden, "repeat_output_pos_s", images.FoldRepeated(input, size), "image of the second window");
    }

    private static (int Height, int Width) Resolution(JsonElement parameters)
    {
        JsonElement resolution = parameters.GetProperty("input_resolution");
        return (resolution[0].GetInt32(), resolution[1].GetInt32());
    }
}
