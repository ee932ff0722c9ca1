using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Blocks of one size, then, but for the last stage, a patch merging (Swin Transformer, Liu et al. 2021, figure 3; one of
/// the groups of HTS-AT's figure 1).
/// </summary>
internal sealed class SwinStage : nn.Module<Tensor, Tensor>
{
    internal readonly ModuleList<SwinBlock> blocks;
    private readonly PatchMerging? downsample;

    /// <param name="dim">Width of the tokens.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="heads">Number of attention heads.</param>
    /// <param name="window">Rows and columns of a window.</param>
    /// <param name="mlpRatio">A hidden layer's width as a multiple of <paramref name="dim"/>.</param>
    /// <param name="dropPaths">Stochastic depth's rate of each block.</param>
    /// <param name="isMerged">Whether a patch merging follows.</param>
    /// <param name="generator">Draws initial weights and dropped paths.</param>
    public SwinStage(
        int dim, int height, int width, int heads, int window, double mlpRatio, IReadOnlyList<double> dropPaths,
        bool isMerged, Generator generator)
        : base(nameof(SwinStage))
    {
        blocks = new ModuleList<SwinBlock>(
        [
            .. dropPaths.Select((dropPath, block) => new SwinBlock(
                dim, height, width, heads, window, block % 2 == 0 ? 0 : window / 2, mlpRatio, dropPath, generator)),
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
            x = ActivationCheckpoints.Call(block.call, before);
        }

        return (downsample is null ? x : downsample.call(x)).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="forward"/>, and the blocks' mean attention weights (B * windows, heads, N, N).</summary>
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
