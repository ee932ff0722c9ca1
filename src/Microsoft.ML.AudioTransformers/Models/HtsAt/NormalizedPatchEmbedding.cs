using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Patch embedding with a normalization: square patches of an image, each projected to a vector by a convolution and normalized
/// (Swin Transformer, Liu et al. 2021, section 3.1; HTS-AT's Patch-Embed, section 2.1.1). The image is padded where patches
/// overlap.
/// </summary>
internal sealed class NormalizedPatchEmbedding : nn.Module<Tensor, Tensor>
{
    private readonly Convolution2d proj;
    private readonly LayerNorm? norm;

    /// <param name="dim">Width of a token.</param>
    /// <param name="patchSize">Rows and columns of a patch.</param>
    /// <param name="strideHeight">Rows from one patch to the next.</param>
    /// <param name="strideWidth">Columns from one patch to the next.</param>
    /// <param name="generator">Random generator of the initial weights.</param>
    /// <param name="isNormalized">Whether tokens are normalized (<c>patch_norm</c>).</param>
    public NormalizedPatchEmbedding(
        int dim, int patchSize, int strideHeight, int strideWidth, Generator generator, bool isNormalized = true)
        : base(nameof(NormalizedPatchEmbedding))
    {
        proj = new Convolution2d(
            1, dim, (patchSize, patchSize), (strideHeight, strideWidth),
            (Padding(patchSize, strideHeight), Padding(patchSize, strideWidth)));
        norm = isNormalized ? nn.LayerNorm(dim, SwinBlock.NormEpsilon) : null;
        Initialization.Uniform(proj, generator);
        RegisterComponents();
    }

    /// <summary>(B, 1, H, W) to tokens row by row (B, H' * W', D), of the weights' type.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = proj.call(input.to(proj.weight.dtype)).flatten(2).transpose(1, 2); // (B, H' W', D)
        return (norm is null ? tokens : norm.call(tokens)).MoveToOuterDisposeScope();
    }

    /// <summary>Number of patches along an axis.</summary>
    public static int Count(int size, int patchSize, int stride) =>
        ((size + (2 * Padding(patchSize, stride)) - patchSize) / stride) + 1;

    private static int Padding(int patchSize, int stride) => (patchSize - stride) / 2;
}
