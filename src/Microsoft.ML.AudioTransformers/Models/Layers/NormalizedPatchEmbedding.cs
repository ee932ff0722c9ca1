using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Square patches of an image, each projected to a vector by a convolution and normalised (Swin Transformer, Liu et al.
/// 2021, section 3.1; HTS-AT's Patch-Embed, section 2.1.1). The image is padded where patches overlap.
/// </summary>
internal sealed class NormalizedPatchEmbedding : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d proj;
    private readonly LayerNorm norm;
    private readonly int _patchSize;
    private readonly bool _isGrid;

    /// <param name="dim">Width of a token.</param>
    /// <param name="patchSize">Rows and columns of a patch.</param>
    /// <param name="strideHeight">Rows from one patch to the next.</param>
    /// <param name="strideWidth">Columns from one patch to the next.</param>
    /// <param name="generator">Draws the initial weights.</param>
    public NormalizedPatchEmbedding(int dim, int patchSize, int strideHeight, int strideWidth, Generator generator)
        : base(nameof(NormalizedPatchEmbedding))
    {
        proj = nn.Conv2d(
            1, dim, (patchSize, patchSize), (strideHeight, strideWidth),
            (Padding(patchSize, strideHeight), Padding(patchSize, strideWidth)));
        norm = nn.LayerNorm(dim, SwinBlock.NormEpsilon);
        _patchSize = patchSize;
        _isGrid = strideHeight == patchSize && strideWidth == patchSize;
        Initialization.Uniform(proj, generator);
        RegisterComponents();
    }

    /// <summary>(B, 1, H, W) to tokens row by row (B, H' * W', D), of the weights' type.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = input.to(proj.weight!.dtype);
        Tensor tokens = _isGrid && image.shape[2] % _patchSize == 0 && image.shape[3] % _patchSize == 0
            ? nn.functional.linear(Cut(image), proj.weight!.flatten(1), proj.bias!)
            : proj.call(image).flatten(2).transpose(1, 2);
        return norm.call(tokens).MoveToOuterDisposeScope();                           // (B, H' W', D)
    }

    /// <summary>(B, 1, H, W) to its patches (B, H' * W', P * P): of a grid, a convolution is a linear layer over them.</summary>
    private Tensor Cut(Tensor image)
    {
        (long batch, long rows, long columns) = (image.shape[0], image.shape[2] / _patchSize, image.shape[3] / _patchSize);
        return image.reshape(batch, rows, _patchSize, columns, _patchSize)
            .transpose(2, 3)                                                          // (B, H', W', P, P)
            .reshape(batch, rows * columns, _patchSize * _patchSize);
    }

    /// <summary>Patches along an axis.</summary>
    public static int Count(int size, int patchSize, int stride) =>
        ((size + (2 * Padding(patchSize, stride)) - patchSize) / stride) + 1;

    private static int Padding(int patchSize, int stride) => (patchSize - stride) / 2;
}
