using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Spatial-reduction attention, to keys and values of a reduced map (Wang et al. 2021, "Pyramid Vision Transformer", section
/// 3.3).
/// </summary>
internal sealed class PyramidAttention : nn.Module<Tensor, Tensor>
{
    private readonly Convolution2d q;
    private readonly Convolution2d kv;
    private readonly Convolution2d proj;
    private readonly Sequential? proj_ds;
    private readonly int _heads;

    public PyramidAttention(int dim, int heads, int reduction, MapSize map)
        : base(nameof(PyramidAttention))
    {
        int least = Math.Min(map.Height, map.Width);
        OptionCheck.That(
            reduction <= least, reduction, "ReductionRatios", $"at most {least} for a map of {map.Height} x {map.Width}");
        _heads = heads;
        q = new Convolution2d(dim, dim, 1);
        kv = new Convolution2d(dim, 2 * dim, 1);
        proj = new Convolution2d(dim, dim, 1);
        proj_ds = reduction > 1
            ? nn.Sequential(new Convolution2d(dim, dim, reduction, reduction), new LayerNorm2d(dim))
            : null;
        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] shape = input.shape;
        (long batch, long dim, long headDim) = (shape[0], shape[1], shape[1] / _heads);
        Tensor reduced = proj_ds is null ? input : proj_ds.call(input);                     // (B, C, Hr, Wr)
        Tensor[] keyValue = kv.call(reduced).chunk(2, 1);                                   // (B, C, Hr, Wr) each
        Tensor query = q.call(input)                                                        // (B h, c, HW)
            .reshape(batch * _heads, headDim, -1)
            .Times(Math.Pow(headDim, -0.5));
        Tensor key = keyValue[0].reshape(batch * _heads, headDim, -1);                      // (B h, c, N)
        Tensor value = keyValue[1].reshape(batch * _heads, headDim, -1);
        Tensor weights = query.transpose(1, 2).bmm(key).softmax(2);                         // (B h, HW, N)
        Tensor mixed = value.bmm(weights.transpose(1, 2))                                   // (B h, c, HW)
            .reshape(batch, dim, shape[2], shape[3]);
        return proj.call(mixed).MoveToOuterDisposeScope();
    }
}
