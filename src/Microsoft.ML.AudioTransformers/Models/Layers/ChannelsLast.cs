using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Lays out a map for a convolution. libtorch 2.10's oneDNN (3.7.1) gets a convolution on the processor wrong where the
/// batch has several maps whose channels are more than 16 and no multiple of 16, unless the channels lie last.
/// </summary>
internal static class ChannelsLast
{
    /// <summary>(B, C, H, W) to the same numbers in the order B, H, W, C.</summary>
    public static Tensor Of(Tensor map) => map.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}
