using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// One block of a Swin Transformer (Liu et al. 2021, section 3.2, equation 3): attention within windows, in every other
/// block of windows shifted by half their size, then a feed-forward network.
/// </summary>
internal sealed class SwinBlock : nn.Module<Tensor, Tensor>
{
    // PyTorch's own, which both Swin and HTS-AT leave as it is.
    internal const double NormEpsilon = 1e-5;

    private readonly LayerNorm norm1;
    internal readonly WindowAttention attn;
    private readonly LayerNorm norm2;
    private readonly Mlp mlp;
    private readonly DropPath drop_path;
    private readonly int _height;
    private readonly int _width;
    private readonly int _shift;

    /// <param name="dim">Width of the tokens.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="heads">Number of attention heads.</param>
    /// <param name="window">Rows and columns of a window; a smaller map is one window.</param>
    /// <param name="shift">How far the map is shifted, less than a window; a map as low or narrow as one is not.</param>
    /// <param name="mlpRatio">The hidden layer's width as a multiple of <paramref name="dim"/>.</param>
    /// <param name="dropPath">Stochastic depth's rate.</param>
    /// <param name="generator">Draws initial weights and dropped paths.</param>
    public SwinBlock(
        int dim, int height, int width, int heads, int window, int shift, double mlpRatio, double dropPath,
        Generator generator)
        : base(nameof(SwinBlock))
    {
        int smaller = Math.Min(height, width);
        (_height, _width) = (height, width);
        _shift = smaller <= window ? 0 : shift;
        norm1 = nn.LayerNorm(dim, NormEpsilon);
        attn = new WindowAttention(dim, heads, height, width, Math.Min(window, smaller), _shift, generator);
        norm2 = nn.LayerNorm(dim, NormEpsilon);
        mlp = new Mlp(dim, (int)(dim * mlpRatio), generator);
        drop_path = new DropPath(dropPath, generator);
        RegisterComponents();
    }

    /// <summary>(B, H * W, D) to (B, H * W, D)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Attend(input).Output.MoveToOuterDisposeScope();
    }

    /// <summary>(B, H * W, D) to the same and to the attention weights (B * windows, heads, N, N).</summary>
    public (Tensor Output, Tensor Weights) Attend(Tensor input)
    {
        (long batch, long tokens, long dim) = (input.shape[0], input.shape[1], input.shape[2]);
        if (tokens != _height * _width)
        {
            throw new ArgumentException(
                $"A block for {_height} x {_width} tokens takes {_height * _width}, not {tokens}.", nameof(input));
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor map = norm1.call(input).view(batch, _height, _width, dim);                     // (B, H, W, D)
        (Tensor attended, Tensor weights) = attn.Attend(Shifted(map, -_shift));
        attended = Shifted(attended, _shift).view(batch, tokens, dim);                        // (B, H W, D)
        Tensor x = input.Plus(drop_path.call(attended));
        Tensor output = x.Plus(drop_path.call(mlp.call(norm2.call(x))));
        return (output.MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope());
    }

    private static Tensor Shifted(Tensor map, int by) => by == 0 ? map : map.roll([by, by], [1L, 2L]);
}
