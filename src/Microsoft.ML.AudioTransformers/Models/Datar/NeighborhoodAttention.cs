using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Neighbourhood attention, of each query to the k x k points around it (Hassani et al. 2023, "Neighborhood Attention
/// Transformer", section 3.1); at a border, to the k x k points nearest to it.
/// </summary>
/// <remarks>
/// Of plain operators: keys and values are gathered, k x k of them for each query. A map that is smaller than the kernel
/// is attended to as a whole along that axis.
/// </remarks>
internal sealed class NeighborhoodAttention : nn.Module<Tensor, Tensor>
{
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly Parameter rpb;
    private readonly int _heads;
    private readonly MapSize _map;
    private readonly long[] _keys;
    private readonly long[] _relativePositions;

    public NeighborhoodAttention(int dim, int heads, int kernel, MapSize map)
        : base(nameof(NeighborhoodAttention))
    {
        _heads = heads;
        _map = map;
        qkv = Initialization.UniformLinear(dim, 3 * dim);
        proj = Initialization.UniformLinear(dim, dim);
        rpb = new Parameter(zeros(heads, (2 * kernel) - 1, (2 * kernel) - 1));
        (_keys, _relativePositions) = Neighborhoods(kernel, map);
        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        (long batch, long dim) = (input.shape[0], input.shape[1]);
        long neighbors = _keys.Length / _map.Points;
        Tensor[] parts = qkv.call(input.permute(0, 2, 3, 1))            // (B, H, W, 3 C)
            .reshape(batch, _map.Points, 3, _heads, dim / _heads)
            .permute(2, 0, 3, 1, 4)                                     // (3, B, heads, HW, c)
            .unbind(0);
        Tensor index = tensor(_keys, device: input.device);
        Tensor query = parts[0].Times(Math.Pow(dim / _heads, -0.5)).unsqueeze(3); // (B, heads, HW, 1, c)
        long[] gathered = [batch, _heads, _map.Points, neighbors, dim / _heads];
        Tensor keys = parts[1].index_select(2, index).view(gathered);   // (B, heads, HW, n, c)
        Tensor values = parts[2].index_select(2, index).view(gathered);
        Tensor bias = rpb.flatten(1)
            .index_select(1, tensor(_relativePositions, device: input.device))
            .view(_heads, _map.Points, 1, neighbors);                   // (heads, HW, 1, n)
        Tensor weights = query.MatMul(keys.transpose(-2, -1)).Plus(bias).softmax(-1);
        Tensor mixed = weights.MatMul(values).squeeze(3)                // (B, heads, HW, c)
            .transpose(1, 2)
            .reshape(batch, _map.Height, _map.Width, dim);
        return proj.call(mixed).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Keys of each query, as indices of points, and their relative positions, as indices of the bias table.</summary>
    internal static (long[] Keys, long[] RelativePositions) Neighborhoods(int kernel, MapSize map)
    {
        (int tall, int wide) = (Math.Min(kernel, map.Height), Math.Min(kernel, map.Width));
        var keys = new long[map.Points * tall * wide];
        var relativePositions = new long[keys.Length];
        int next = 0;
        for (int query = 0; query < map.Points; query++)
        {
            (int y, int x) = (query / map.Width, query % map.Width);
            (int top, int left) = (Start(y, map.Height, tall, kernel), Start(x, map.Width, wide, kernel));
            for (int key = 0; key < tall * wide; key++)
            {
                (int keyY, int keyX) = (top + (key / wide), left + (key % wide));
                keys[next] = (keyY * map.Width) + keyX;
                relativePositions[next++] = ((keyY - y + kernel - 1) * ((2 * kernel) - 1)) + keyX - x + kernel - 1;
            }
        }

        return (keys, relativePositions);
    }

    private static int Start(int position, int length, int window, int kernel) =>
        Math.Clamp(position - (kernel / 2), 0, length - window);
}
