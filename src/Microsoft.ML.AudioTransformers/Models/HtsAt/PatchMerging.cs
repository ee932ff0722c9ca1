using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Halves a map's height and width and doubles its depth (Swin Transformer, Liu et al. 2021, section 3.1; HTS-AT, section
/// 2.1.2, where it is Patch-Merge).
/// </summary>
internal sealed class PatchMerging : nn.Module<Tensor, Tensor>
{
    private readonly Linear reduction;
    private readonly LayerNorm norm;
    private readonly int _height;
    private readonly int _width;

    /// <param name="dim">Width of the tokens.</param>
    /// <param name="height">Rows of the map, even.</param>
    /// <param name="width">Columns of the map, even.</param>
    /// <param name="generator">Draws the initial weights.</param>
    public PatchMerging(int dim, int height, int width, Generator generator)
        : base(nameof(PatchMerging))
    {
        (_height, _width) = (height, width);
        reduction = nn.Linear(4 * dim, 2 * dim, hasBias: false);
        norm = nn.LayerNorm(4 * dim, SwinBlock.NormEpsilon);
        using (NewDisposeScope())
        {
            Initialization.Normal(reduction.weight!, generator);
        }

        RegisterComponents();
    }

    /// <summary>(B, H * W, D) to (B, H * W / 4, 2 D)</summary>
    public override Tensor forward(Tensor input)
    {
        (long batch, long tokens, long dim) = (input.shape[0], input.shape[1], input.shape[2]);
        if (tokens != _height * _width)
        {
            throw new ArgumentException(
                $"Merging {_height} x {_width} tokens takes {_height * _width}, not {tokens}.", nameof(input));
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor neighbours = input
            .view(batch, _height / 2, 2, _width / 2, 2, dim)
            .permute(0, 1, 3, 4, 2, 5)                                 // (B, H / 2, W / 2, column, row, D)
            .reshape(batch, tokens / 4, 4 * dim);
        return MixedPrecision.Linear(reduction, norm.call(neighbours)).to(input.dtype).MoveToOuterDisposeScope();
    }
}
