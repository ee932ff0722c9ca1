using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Patch embedding: square patches of a spectrogram, each projected to a vector (ViT, Dosovitskiy et al. 2021, section 3.1), by
/// a convolution with the patch as its kernel. Patches overlap where the stride is smaller (AST, Gong et al. 2021, section
/// 2.1).
/// </summary>
internal sealed class PatchEmbedding : nn.Module<Tensor, Tensor>
{
    internal readonly Convolution2d proj;

    public PatchEmbedding(int embedDim, int patchSize, int strideFrequency, int strideTime, Generator generator)
        : base(nameof(PatchEmbedding))
    {
        proj = new Convolution2d(1, embedDim, (patchSize, patchSize), (strideFrequency, strideTime), (0, 0));
        Initialization.Uniform(proj, generator);
        RegisterComponents();
    }

    /// <summary>
    /// (B, 1, frequency, time) to (B, D, frequency patches, time patches), of the weights' type: a model in bfloat16
    /// takes features in float32.
    /// </summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return proj.call(input.to(proj.weight.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>Number of patches along an axis.</summary>
    public static int Count(long size, int patchSize, int stride) => (int)((size - patchSize) / stride) + 1;
}
