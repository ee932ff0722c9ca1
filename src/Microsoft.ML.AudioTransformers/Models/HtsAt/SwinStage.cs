using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Stage of a Swin Transformer: blocks over maps of one size, then, in all but the last stage, a patch merging (Liu et al.
/// 2021, figure 3; a group in HTS-AT's figure 1).
/// </summary>
internal sealed class SwinStage : nn.Module<Tensor, Tensor>
{
    internal readonly ModuleList<SwinBlock> blocks;
    private readonly PatchMerging? downsample;

    /// <param name="dim">Width of the tokens.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="window">Rows and columns of a window.</param>
    /// <param name="mlpRatio">Width of a hidden layer, as a multiple of <paramref name="dim"/>.</param>
    /// <param name="dropPaths">Rate of stochastic depth of each block.</param>
    /// <param name="isMerged">Whether a patch merging follows.</param>
    /// <param name="generator">Random generator of initial weights and dropped paths.</param>
    /// <param name="hasQkvBias">Whether queries, keys and values have a bias.</param>
    public SwinStage(
        int dim, int height, int width, int heads, int window, double mlpRatio, IReadOnlyList<double> dropPaths,
        bool isMerged, Generator generator, bool hasQkvBias = true)
        : base(nameof(SwinStage))
    {
        blocks = new ModuleList<SwinBlock>(
        [
            .. dropPaths.Select((dropPath, block) => new SwinBlock(
                dim, height, width, heads, window, block % 2 == 0 ? 0 : window / 2, mlpRatio, dropPath, generator,
                hasQkvBias)),
        ]);
        downsample = isMerged ? new PatchMerging(dim, height, width, generator) : null;
        RegisterComponents();
    }

    /// <summary>(B, H * W, D) to (B, H * W / 4, 2 D), or where nothing is merged to (B, H * W, D).</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = input.alias();
        foreach (SwinBlock block in blocks)
        {
            using Tensor before = x;
            x = ActivationCheckpoints.Call(block.call, before);                               // (B, H W, D)
        }

        return (downsample is null ? x : downsample.call(x)).MoveToOuterDisposeScope();
    }

    /// <summary>Output of <see cref="forward"/>, and the blocks' mean attention weights (B * windows, heads, N, N).</summary>
    public (Tensor Output, Tensor Weights) Attend(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = input;
        List<Tensor> weights = [];
        foreach (SwinBlock block in blocks)
        {
            (x, Tensor attention) = block.Attend(x);
            weights.Add(attention);
        }

        return (
            (downsample is null ? x : downsample.call(x)).MoveToOuterDisposeScope(),
            stack(weights).mean([0]).MoveToOuterDisposeScope());
    }
}

/// <summary>
/// Block of a Swin Transformer (Liu et al. 2021, section 3.2, equation 3): window attention, in every other block with windows
/// shifted by half their size, then an MLP.
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
    /// <param name="heads">Attention heads.</param>
    /// <param name="window">Rows and columns of a window; a smaller map is one window.</param>
    /// <param name="shift">Shift in rows and columns, less than a window; a map as low or narrow as one is not shifted.</param>
    /// <param name="mlpRatio">Width of the hidden layer, as a multiple of <paramref name="dim"/>.</param>
    /// <param name="dropPath">Rate of stochastic depth.</param>
    /// <param name="generator">Random generator of initial weights and dropped paths.</param>
    /// <param name="hasQkvBias">Whether queries, keys and values have a bias.</param>
    public SwinBlock(
        int dim, int height, int width, int heads, int window, int shift, double mlpRatio, double dropPath,
        Generator generator, bool hasQkvBias = true)
        : base(nameof(SwinBlock))
    {
        int smaller = Math.Min(height, width);
        (_height, _width) = (height, width);
        _shift = smaller <= window ? 0 : shift;
        norm1 = nn.LayerNorm(dim, NormEpsilon);
        attn = new WindowAttention(dim, heads, height, width, Math.Min(window, smaller), _shift, generator, hasQkvBias);
        norm2 = nn.LayerNorm(dim, NormEpsilon);
        mlp = new Mlp(dim, (int)(dim * mlpRatio), generator);
        drop_path = new DropPath(dropPath, generator);
        RegisterComponents();
    }

    /// <summary>(B, H * W, D) to (B, H * W, D)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!Attention.IsScoring(this, input))
        {
            return Attend(input).Output.MoveToOuterDisposeScope();
        }

        Check(input);
        Tensor attended = attn.Mix(norm1.call(input));                                        // (B, H W, D)
        return Finish(input, attended).MoveToOuterDisposeScope();                             // (B, H W, D)
    }

    /// <summary>(B, H * W, D) to the same and to the attention weights (B * windows, heads, N, N).</summary>
    public (Tensor Output, Tensor Weights) Attend(Tensor input)
    {
        Check(input);
        (long batch, long tokens, long dim) = (input.shape[0], input.shape[1], input.shape[2]);
        using DisposeScope scope = NewDisposeScope();
        Tensor map = norm1.call(input).view(batch, _height, _width, dim);                     // (B, H, W, D)
        (Tensor attended, Tensor weights) = attn.Attend(Shifted(map, -_shift));               // (B, H, W, D)
        attended = Shifted(attended, _shift).view(batch, tokens, dim);                        // (B, H W, D)
        Tensor output = Finish(input, attended);                                              // (B, H W, D)
        return (output.MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope());
    }

    /// <summary>What comes after attention: its residual connection, and the MLP with its own.</summary>
    private Tensor Finish(Tensor input, Tensor attended)
    {
        Tensor x = input.Plus(drop_path.call(attended));                                      // (B, H W, D)
        return x.Plus(drop_path.call(mlp.call(norm2.call(x))));                               // (B, H W, D)
    }

    private void Check(Tensor input)
    {
        if (input.shape[1] != _height * _width)
        {
            throw new ArgumentException(
                $"A block for {_height} x {_width} tokens takes {_height * _width}, not {input.shape[1]}.", nameof(input));
        }
    }

    private static Tensor Shifted(Tensor map, int by) => by == 0 ? map : map.roll([by, by], [1L, 2L]);
}

/// <summary>
/// Patch merging: half the height and width of a map, and twice its channels (Swin Transformer, Liu et al. 2021, section 3.1;
/// HTS-AT's Patch-Merge, section 2.1.2).
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
    /// <param name="generator">Random generator of the initial weights.</param>
    public PatchMerging(int dim, int height, int width, Generator generator)
        : base(nameof(PatchMerging))
    {
        (_height, _width) = (height, width);
        reduction = Initialization.Linear(4 * dim, 2 * dim, hasBias: false);
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
            .reshape(batch, tokens / 4, 4 * dim);                      // (B, H W / 4, 4 D)
        return MixedPrecision.Linear(reduction, norm.call(neighbours)).to(input.dtype).MoveToOuterDisposeScope();
    }
}
