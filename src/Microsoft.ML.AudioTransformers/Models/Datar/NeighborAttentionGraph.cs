using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Graphs of DAT++'s other attentions: neighbourhood, spatial-reduction and slide; (B, H, W, C) to the same.</summary>
internal static class NeighborAttentionGraph
{
    /// <summary>Graph of a <see cref="NeighborhoodAttention"/>: keys and values are gathered.</summary>
    public static OnnxValue Neighborhood(DatarStageConfig stage, OnnxModule attention, OnnxValue x, MapSize map)
    {
        (int dim, int heads, int kernel) = (stage.Dim, stage.Heads, stage.NeighborhoodKernel);
        (long[] keys, long[] relativePositions) = NeighborhoodAttention.Neighborhoods(kernel, map);
        int neighbors = keys.Length / map.Points;
        OnnxValue[] parts = attention["qkv"].Linear(x).Reshape(0, map.Points, 3 * dim).Split(2, 3, dim);
        attention.Enter();
        OnnxValue query = Heads(parts[0]).Times(1 / Math.Sqrt((double)dim / heads)).Unsqueeze(3); // (B, heads, HW, 1, c)
        OnnxValue near = Gathered(parts[1]).Transpose(0, 1, 2, 4, 3);                 // (B, heads, HW, c, n)
        OnnxValue bias = attention.Weight("rpb")
            .Reshape(heads, -1)
            .Gather(1, relativePositions)
            .Reshape(heads, map.Points, 1, neighbors);                                // (heads, HW, 1, n)
        OnnxValue weights = query.MatMul(near).Plus(bias).Softmax();                  // (B, heads, HW, 1, n)
        OnnxValue mixed = weights.MatMul(Gathered(parts[2])).Squeeze(3)               // (B, heads, HW, c)
            .Transpose(0, 2, 1, 3)
            .Reshape(0, map.Height, map.Width, dim);
        return attention["proj"].Linear(mixed);

        OnnxValue Heads(OnnxValue part) => part.Reshape(0, 0, heads, dim / heads).Transpose(0, 2, 1, 3);

        OnnxValue Gathered(OnnxValue part) =>
            Heads(part).Gather(2, keys).Reshape(0, 0, map.Points, neighbors, dim / heads);
    }

    /// <summary>Graph of a <see cref="PyramidAttention"/>.</summary>
    public static OnnxValue Pyramid(DatarStageConfig stage, OnnxModule attention, OnnxValue x, MapSize map)
    {
        (int dim, int heads, long ratio) = (stage.Dim, stage.Heads, stage.ReductionRatio);
        OnnxValue reduced = x;
        if (ratio > 1)
        {
            attention["proj_ds"].Enter();
            OnnxValue convolved = attention["proj_ds.0"].Conv(DatarGraph.ChannelsFirst(x), (ratio, ratio), (0, 0));
            reduced = DatarGraph.Norm(attention["proj_ds.1"], DatarGraph.ChannelsLast(convolved)); // (B, Hr, Wr, C)
        }

        OnnxValue[] parts = attention["kv"].Linear(reduced).Reshape(0, -1, 2 * dim).Split(2, 2, dim); // (B, N, C) each
        OnnxValue projected = attention["q"].Linear(x).Reshape(0, map.Points, dim);   // (B, HW, C)
        attention.Enter();
        OnnxValue query = Heads(projected).Transpose(0, 2, 1, 3).Times(1 / Math.Sqrt((double)dim / heads));
        OnnxValue weights = query.MatMul(Heads(parts[0]).Transpose(0, 2, 3, 1)).Softmax(); // (B, heads, HW, N)
        OnnxValue mixed = weights.MatMul(Heads(parts[1]).Transpose(0, 2, 1, 3))       // (B, heads, HW, c)
            .Transpose(0, 2, 1, 3)
            .Reshape(0, map.Height, map.Width, dim);
        return attention["proj"].Linear(mixed);

        OnnxValue Heads(OnnxValue part) => part.Reshape(0, 0, heads, dim / heads);
    }

    /// <summary>Graph of a <see cref="SlideAttention"/>: one convolution stands for the fixed and the learned one.</summary>
    public static OnnxValue Slide(DatarStageConfig stage, OnnxModule attention, OnnxValue x, MapSize map)
    {
        const int neighbors = SlideAttention.Neighbors;
        (int heads, int headDim) = (stage.Heads, stage.Dim / SlideAttention.Reduction / stage.Heads);
        OnnxValue projected = attention["qkv"].Linear(x);                             // (B, H, W, 3 C / 4)
        attention.Enter();
        OnnxValue[] parts = DatarGraph.ChannelsFirst(projected)
            .Reshape(-1, 3 * headDim, map.Height, map.Width)
            .Split(1, 3, headDim);                                                    // (B h, c, H, W) each
        OnnxValue query = parts[0].Times(1 / Math.Sqrt(headDim * SlideAttention.Reduction))
            .Reshape(-1, heads, headDim, 1, map.Height, map.Width);
        OnnxValue kernels = Sum("dep_conv.weight", "dep_conv1.weight", headDim * neighbors, 1, 3, 3);
        OnnxValue offsets = Sum("dep_conv.bias", "dep_conv1.bias", headDim * neighbors);
        OnnxValue keys = Shift(parts[1]).Plus(attention.Weight("relative_position_bias_table")); // (B, h, c, 9, H, W)
        OnnxValue weights = query.Times(keys).Sum(true, 2).Softmax(3);                // (B, h, 1, 9, H, W)
        OnnxValue mixed = weights.Times(Shift(parts[2])).Sum(false, 3)                // (B, h, c, H, W)
            .Reshape(-1, heads * headDim, map.Height, map.Width);
        return attention["proj"].Linear(DatarGraph.ChannelsLast(mixed));

        OnnxValue Sum(string first, string second, params long[] shape) => attention.Store(
            first, () => [.. attention.Values(first).Zip(attention.Values(second), (x, y) => x + y)], shape);

        OnnxValue Shift(OnnxValue part) => x.Graph
            .Add("Conv", [part, kernels, offsets], ("kernel_shape", (long[])[3, 3]), ("pads", (long[])[1, 1, 1, 1]),
                ("group", (long)headDim))
            .Reshape(-1, heads, headDim, neighbors, map.Height, map.Width);
    }
}
