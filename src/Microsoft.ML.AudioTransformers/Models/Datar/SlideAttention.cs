using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Slide attention, to the 3 x 3 points around a query, which depthwise convolutions shift into place (Pan et al. 2023,
/// "Slide-Transformer", section 4); with a quarter of the channels, as in the official code of DAT++.
/// </summary>
internal sealed class SlideAttention : nn.Module<Tensor, Tensor>
{
    internal const int Neighbors = Side * Side;
    internal const int Reduction = 4;
    private const int Side = 3;

    private readonly Linear qkv;
    private readonly Linear proj;

    // The first convolution holds fixed shifts, the second learns what is beside them.
    private readonly Convolution2d dep_conv;
    private readonly Convolution2d dep_conv1;
    private readonly Parameter relative_position_bias_table;
    private readonly int _heads;
    private readonly int _headDim;

    public SlideAttention(int dim, int heads)
        : base(nameof(SlideAttention))
    {
        _heads = heads;
        _headDim = dim / Reduction / heads;
        qkv = Initialization.UniformLinear(dim, dim * 3 / Reduction);
        proj = Initialization.UniformLinear(dim / Reduction, dim);
        dep_conv = new Convolution2d(_headDim, Neighbors * _headDim, Side, 1, 1, groups: _headDim);
        dep_conv1 = new Convolution2d(_headDim, Neighbors * _headDim, Side, 1, 1, groups: _headDim);
        relative_position_bias_table = new Parameter(zeros([1, heads, 1, Neighbors, 1, 1]));
        RegisterComponents();
    }

    /// <summary>Sets the kernels that shift: the n-th has a 1 at element n. They are not trained.</summary>
    public void FixShifts()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Parameter weight = dep_conv.weight;
        weight.requires_grad = false;
        weight.copy_(eye(Neighbors).view(Neighbors, 1, Side, Side).repeat(_headDim, 1, 1, 1));
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] shape = input.shape;
        (long batch, long height, long width) = (shape[0], shape[2], shape[3]);
        Tensor[] parts = qkv.call(input.permute(0, 2, 3, 1))                                // (B, H, W, 3 C / 4)
            .permute(0, 3, 1, 2)
            .reshape(batch * _heads, 3 * _headDim, height, width)
            .chunk(3, 1);                                                                   // (B h, c, H, W)
        Tensor query = parts[0].Times(Math.Pow(_headDim * Reduction, -0.5))
            .reshape(batch, _heads, _headDim, 1, height, width);
        Tensor keys = Shift(parts[1], batch).Plus(relative_position_bias_table);            // (B, h, c, 9, H, W)
        Tensor values = Shift(parts[2], batch);
        Tensor weights = (query * keys).sum(2, keepdim: true).softmax(3);                   // (B, h, 1, 9, H, W)
        Tensor mixed = (weights * values).sum(3)                                            // (B, h, c, H, W)
            .reshape(batch, _heads * _headDim, height, width)
            .permute(0, 2, 3, 1);
        return proj.call(mixed).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Neighbours of each point, (B h, c, H, W) to (B, h, c, 9, H, W).</summary>
    private Tensor Shift(Tensor x, long batch) => dep_conv
        .Apply(x, dep_conv.weight.Plus(dep_conv1.weight), dep_conv.bias!.Plus(dep_conv1.bias!))
        .reshape(batch, _heads, _headDim, Neighbors, x.shape[2], x.shape[3]);
}
