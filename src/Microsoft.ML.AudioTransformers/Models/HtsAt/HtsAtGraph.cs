using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Graph of HTS-AT; section numbers and the numbers beside, of 1024 frames x 64 mel bins and 527 classes, are the paper's.
/// </summary>
internal static class HtsAtGraph
{
    // PyTorch's own.
    private const double NormEpsilon = 1e-5;

    /// <summary>Features (B, frames, mels) to logits, embeddings, scores and presence map.</summary>
    public static ModelGraph Write(HtsAtConfig options, OnnxModule net, OnnxValue features, int? frames)
    {
        // Each mel bin is normalized, by the mean and variance that training kept.
        OnnxValue x = Normalize(net["bn0"], features);                         // (B, T, F)          1024 x 64
        HtsAtImagesGraph images = HtsAtImagesGraph.Of(options, x, frames);     // (n B, 1, S, S)     256 x 256

        // Section 2.1.1, patch embedding.
        x = Tokens(options, net, images.Images);                               // (n B, N, D)        64 x 64, 96

        // Section 2.1.2, four groups of Swin blocks, each but the last with a patch merging.
        OnnxValue? heat = null;
        for (int stage = 0; stage < options.Depths.Count; stage++)
        {
            bool isLast = stage == options.Depths.Count - 1;
            (x, OnnxValue? attention) = SwinStageGraph.Write(                  // (n B, N / 4, 2 D)  32 x 32, 192; ...
                options, net[$"layers.{stage}"], stage, x,
                isLast && options is { AttentionHeatmap: true, TokenSemantic: true });
            heat = attention is null ? null : Heat(options, attention);        // (n B, steps, 1)
        }

        OnnxValue tokens = net["norm"].LayerNorm(x, SwinBlock.NormEpsilon);    // (n B, N, D)        8 x 8, 768
        OnnxValue embedding = tokens.Mean(false, 1);                           // (n B, D)

        // Section 2.2, the token-semantic layer, and the clip's scores.
        OnnxValue steps = StepLogits(options, net, tokens);                    // (n B, steps, classes) 32 x 527
        OnnxValue logits = options.TokenSemantic ? Pool(options, steps) : net["head"].Linear(embedding);
        net.Enter();
        OnnxValue presence = steps.Apply("Sigmoid");
        return new ModelGraph(
            images.Mean(logits, options.Classes),                              // (B, classes)
            images.Mean(embedding, options.FinalDim),                          // (B, D)
            new PresenceGraph(
                images.Mean(logits.Apply("Sigmoid"), options.Classes),         // (B, classes)
                images.Join(heat is null ? presence : presence.Times(heat)))); // (B, all steps, classes)
    }

    private static OnnxValue Normalize(OnnxModule norm, OnnxValue features)
    {
        norm.Enter();
        (float[] weight, float[] bias) = (norm.Values("weight"), norm.Values("bias"));
        (float[] mean, float[] variance) = (norm.Values("running_mean"), norm.Values("running_var"));
        double[] scale = [.. weight.Select((value, bin) => value / Math.Sqrt(variance[bin] + NormEpsilon))];
        float[] shift = [.. scale.Select((value, bin) => (float)(bias[bin] - (mean[bin] * value)))];
        return features
            .Times(norm.Graph.Table("scale", Array.ConvertAll(scale, value => (float)value), scale.Length))
            .Plus(norm.Graph.Table("shift", shift, shift.Length));
    }

    /// <summary>Images (B, 1, S, S) to tokens (B, N, D), along time, then frequency, then window of time.</summary>
    private static OnnxValue Tokens(HtsAtConfig options, OnnxModule net, OnnxValue images)
    {
        (int down, int right) = (options.StrideFrequency, options.StrideTime);
        OnnxValue patches = net["patch_embed.proj"].Conv(                      // (B, D, H, W)
            images, (down, right), ((options.PatchSize - down) / 2, (options.PatchSize - right) / 2));
        OnnxValue x = patches.Reshape(0, options.EmbedDim, -1).Transpose(0, 2, 1);
        if (options.PatchNorm)
        {
            x = net["patch_embed.norm"].LayerNorm(x, SwinBlock.NormEpsilon);
        }

        return options.AbsolutePositions ? x.Plus(net.Weight("absolute_pos_embed")) : x;
    }

    /// <summary>The last stage's tokens (B, N, D) to the logits of each step in time, (B, steps, classes).</summary>
    private static OnnxValue StepLogits(HtsAtConfig options, OnnxModule net, OnnxValue tokens)
    {
        net.Enter();
        (int windows, int dim, int steps) = (options.TimeWindows, options.FinalDim, options.Steps);
        int rows = options.FinalHeight / windows;
        OnnxValue map = tokens.Reshape(0, windows, rows, options.FinalWidth, dim)
            .Transpose(0, 1, 3, 2, 4);                                         // (B, windows, T', F', D)
        if (!options.TokenSemantic)
        {
            return net["head"].Linear(map.Reshape(0, steps, rows, dim).Sum(false, 2));
        }

        // A convolution over all rows and three steps, as a product: the rows of each step and its two neighbours side by side.
        OnnxModule convolution = net["tscam_conv"];
        convolution.Enter();
        OnnxValue padded = map.Reshape(0, steps, rows * dim).Pad(0, 1, 0, 0, 1, 0);
        OnnxValue three = OnnxValue.Concat(
            2, padded.Slice(1, 0, steps), padded.Slice(1, 1, steps + 1), padded.Slice(1, 2, steps + 2));
        return convolution.Product(                                            // (B, steps, classes)
                three, "weight", 3 * rows * dim, options.Classes, () => ByStep(convolution.Values("weight")))
            .Plus(convolution.Weight("bias"));

        // (classes, D, F', 3) to (3 F' D, classes)
        float[] ByStep(float[] weight)
        {
            var matrix = new float[weight.Length];
            int next = 0;
            for (int label = 0; label < options.Classes; label++)
            {
                for (int channel = 0; channel < dim; channel++)
                {
                    for (int row = 0; row < rows; row++)
                    {
                        for (int step = 0; step < 3; step++)
                        {
                            int place = (((step * rows) + row) * dim) + channel;
                            matrix[(place * options.Classes) + label] = weight[next++];
                        }
                    }
                }
            }

            return matrix;
        }
    }

    /// <summary>Pooling of the logits of steps (B, steps, classes) to those of a clip (B, classes).</summary>
    private static OnnxValue Pool(HtsAtConfig options, OnnxValue steps)
    {
        if (options.Pooling == HtsAtPooling.Mean)
        {
            return steps.Mean(false, 1);
        }

        OnnxValue presence = steps.Apply("Sigmoid").Clip(HtsAt.PoolingMargin, 1 - HtsAt.PoolingMargin);
        OnnxValue clip = presence.Times(presence).Sum(false, 1).Over(presence.Sum(false, 1)); // (B, classes)
        return clip.Apply("Log").Minus(clip.Graph.Number(1).Minus(clip).Apply("Log"));
    }

    /// <summary>Heat map (B, steps, 1) of the attention that each token of the last stage gets, (B, N).</summary>
    private static OnnxValue Heat(HtsAtConfig options, OnnxValue attention)
    {
        int windows = options.TimeWindows;
        OnnxValue heat = attention                                             // (B, windows, F', T')
            .Reshape(0, windows, options.FinalHeight / windows, options.FinalWidth)
            .Mean(false, 2)
            .Reshape(0, options.Steps, 1);                                     // (B, steps, 1)
        OnnxValue most = heat.Maximum(true, 1);
        OnnxValue least = heat.Minimum(true, 1);
        return heat.Times(0.15).Plus(most.Times(0.85).Minus(least)).Over(most.Minus(least));
    }
}
