using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>Learned tokens in graphs.</summary>
internal static class OnnxTokens
{
    /// <summary>Tokens (1, n, D), repeated for each clip of a sequence (B, N, D): (B, n, D).</summary>
    public static OnnxValue ForEachClip(OnnxValue tokens, OnnxValue sequence) =>
        tokens.Expand(OnnxValue.Concat(0, sequence.Size(0), tokens.Graph.Integers(1, 1)));
}
