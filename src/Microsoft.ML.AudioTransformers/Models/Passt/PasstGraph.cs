using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Graph of PaSST outside of training, where there is no patchout; the steps are those of the paper's figure 2. Numbers beside
/// are PaSST-B's and, of ten seconds, 128 x 998.
/// </summary>
internal static class PasstGraph
{
    /// <summary>Features (B, frames, mels) to logits and embeddings.</summary>
    public static ModelGraph Write(PasstConfig options, OnnxModule net, OnnxValue features, int? frames)
    {
        net["patch_embed"].Enter();
        OnnxValue x = features.Transpose(0, 2, 1).Unsqueeze(1);                // (B, 1, F, T)        128 x 998

        // (1) Patches, projected.
        x = net["patch_embed.proj"].Conv(x, (options.StrideFrequency, options.StrideTime), (0, 0)); // (B, D, F', T') 12 x 99

        // (2) to (4) Position encodings, flattening, and the C and D tokens.
        x = Tokens(options, net, x, frames);                                   // (B, N, D)           1190

        // The classifier operates on the mean of the transformed C and D tokens.
        x = AttentionBlockGraph.FirstTokens(                                   // (B, 2 or 1, D)
            net["blocks"], options.KeptBlocks().Count, x,
            new AttentionBlockSizes(options.EmbedDim, options.Heads, Passt.BodyEpsilon), options.ExtraTokens);
        x = net["norm"].LayerNorm(x, Passt.BodyEpsilon);                       // (B, 2 or 1, D)
        OnnxValue embedding = x.Mean(false, 1);                                // (B, D)
        if (options.RepresentationSize > 0)
        {
            embedding = net["pre_logits.fc"].Linear(embedding).Apply("Tanh");  // (B, R)
        }

        OnnxValue normalized = net["head.0"].LayerNorm(embedding, Passt.HeadEpsilon);
        return new ModelGraph(net["head.1"].Linear(normalized), embedding);    // (B, classes)        527
    }

    private static OnnxValue Tokens(PasstConfig options, OnnxModule net, OnnxValue patches, int? frames)
    {
        net.Enter();
        OnnxValue times = net.Weight("time_new_pos_embed");                    // (1, D, 1, positions)
        OnnxValue x = patches;
        if (frames is { } fixedFrames)
        {
            int count = Math.Min(
                PatchEmbedding.Count(fixedFrames, options.PatchSize, options.StrideTime), options.TimePositions);
            x = x.Slice(3, 0, count);                                          // (B, D, F', T')
            times = times.Slice(3, 0, count);                                  // (1, D, 1, T')
        }
        else
        {
            x = x.Slice(3, 0, options.TimePositions);
            times = times.Slice(3, net.Graph.Integers(0), x.Size(3));
        }

        // (2) A frequency and a time encoding; a shorter clip takes the first time positions.
        x = x.Plus(times).Plus(net.Weight("freq_new_pos_embed"));              // and (1, D, F', 1)

        // (4) Flattened along time, then frequency.
        x = x.Reshape(0, options.EmbedDim, -1).Transpose(0, 2, 1);             // (B, F' T', D)

        // The C and D tokens, with position encodings of their own, before the patches of each clip.
        OnnxValue tokens = net.Weight("cls_token");                            // (1, 1, D)
        if (options.Distilled)
        {
            tokens = OnnxValue.Concat(1, tokens, net.Weight("dist_token"));    // (1, 2, D)
        }

        tokens = tokens.Plus(net.Weight("new_pos_embed"));
        return OnnxValue.Concat(1, OnnxTokens.ForEachClip(tokens, x), x);      // (B, N, D)
    }
}
