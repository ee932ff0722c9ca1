using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Graph of AST; section numbers and the numbers beside, of 128 x 1024, are the paper's.</summary>
internal static class AstGraph
{
    /// <summary>Features (B, frames, mels) to logits and embeddings.</summary>
    public static ModelGraph Write(AstConfig options, OnnxModule net, OnnxValue features)
    {
        OnnxModule body = net["v"];
        body["patch_embed"].Enter();
        OnnxValue x = features.Transpose(0, 2, 1).Unsqueeze(1);               // (B, 1, F, T)       128 x 1024

        // Section 2.1: patches, projected.
        x = body["patch_embed.proj"].Conv(x, (options.StrideFrequency, options.StrideTime), (0, 0)); // (B, D, F', T') 12 x 101

        // Section 2.1: a sequence along time, then frequency, with two tokens before it and position encodings.
        body.Enter();
        x = x.Reshape(0, options.EmbedDim, -1).Transpose(0, 2, 1);            // (B, F' T', D)
        OnnxValue tokens = OnnxValue.Concat(1, body.Weight("cls_token"), body.Weight("dist_token")); // (1, 2, D)
        x = OnnxValue.Concat(1, OnnxTokens.ForEachClip(tokens, x), x)         // (B, N, D)          1214
            .Plus(body.Weight("pos_embed"));

        // The classifier sees the mean of two tokens.
        x = AttentionBlockGraph.FirstTokens(                                  // (B, 2, D)
            body["blocks"], options.Depth, x,
            new AttentionBlockSizes(options.EmbedDim, options.Heads, options.NormEpsilon), 2);
        x = body["norm"].LayerNorm(x, options.NormEpsilon);    // (B, 2, D)
        OnnxValue embedding = x.Mean(false, 1);                               // (B, D)             768
        OnnxValue normalized = net["mlp_head.0"].LayerNorm(embedding, options.HeadNormEpsilon);
        return new ModelGraph(net["mlp_head.1"].Linear(normalized), embedding); // (B, classes)
    }
}
