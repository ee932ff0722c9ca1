using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Stochastic depth (Huang et al. 2016), timm's DropPath: in training, a residual branch is dropped for some samples of the
/// batch, and scaled up for the others.
/// </summary>
internal sealed class DropPath : nn.Module<Tensor, Tensor>
{
    private readonly double _rate;
    private readonly Generator _generator;

    /// <param name="rate">Rate, the share of samples that lose the branch; from 0 to less than 1.</param>
    /// <param name="generator">Random generator of the samples, on the CPU.</param>
    public DropPath(double rate, Generator generator)
        : base(nameof(DropPath))
    {
        _rate = rate;
        _generator = generator;
    }

    /// <summary>(B, ...) to (B, ...)</summary>
    public override Tensor forward(Tensor input)
    {
        if (!training || _rate == 0)
        {
            return input.alias();
        }

        using DisposeScope scope = NewDisposeScope();
        long[] shape = new long[input.dim()];
        Array.Fill(shape, 1);
        Tensor draws = ShardedSection.Draw(input.shape[0], rows => rand([rows, .. shape[1..]], generator: _generator));
        Tensor keep = draws.AtLeast(_rate).to(input.dtype, input.device);
        return input.mul(keep.Over(1 - _rate)).MoveToOuterDisposeScope();
    }
}
