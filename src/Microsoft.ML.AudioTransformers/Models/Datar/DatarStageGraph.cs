using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Graph of a <see cref="DatarStage"/>; maps are (B, H, W, C).</summary>
internal static class DatarStageGraph
{
    /// <summary>Maps (B, H, W, C) to (B, H, W, C').</summary>
    public static OnnxValue Write(DatarConfig options, OnnxModule stage, int index, OnnxValue x, MapSize map)
    {
        DatarStageConfig own = options.Stages[index];
        int inputDim = index == 0 ? options.StemDim : own.Dim;
        if (inputDim != own.Dim)
        {
            x = stage["proj"].LinearOfRows(x, map.Height, map.Width);     // (B, H, W, C')
        }

        for (int block = 0; block < own.Blocks.Length; block++)
        {
            if (own.LocalPerception)
            {
                x = Depthwise(stage[$"local_perception_units.{block}"], x, own.Dim, 3).Plus(x);
            }

            OnnxModule attention = stage[$"attns.{block}"];
            if (own.Blocks[block] == 'X')
            {
                OnnxValue hidden = DatarGraph.Norm(
                    stage[$"ln_cnvnxt.{block}"], Depthwise(attention, x, own.Dim, own.WindowSize));
                x = Mlp(options, own, stage[$"mlps.{block}"], hidden, map).Plus(x);
                continue;
            }

            // Equation 1: attention, then an MLP, each with a normalization before it and a residual connection.
            OnnxValue normalized = DatarGraph.Norm(stage[$"layer_norms.{2 * block}"], x);
            OnnxValue attended = Attend(options, own, own.Blocks[block], attention, normalized, map);
            x = Scaled(own, stage[$"layer_scales.{2 * block}"], attended).Plus(x);
            OnnxValue mixed = Mlp(
                options, own, stage[$"mlps.{block}"], DatarGraph.Norm(stage[$"layer_norms.{(2 * block) + 1}"], x), map);
            x = Scaled(own, stage[$"layer_scales.{(2 * block) + 1}"], mixed).Plus(x);
        }

        return x;
    }

    /// <summary>Depthwise convolution that keeps the size of maps whose channels are last.</summary>
    public static OnnxValue Depthwise(OnnxModule module, OnnxValue x, int channels, int kernel)
    {
        module.Enter();
        return DatarGraph.ChannelsLast(
            module.Conv(DatarGraph.ChannelsFirst(x), (1, 1), (kernel / 2, kernel / 2), channels));
    }

    private static OnnxValue Attend(
        DatarConfig options, DatarStageConfig stage, char kind, OnnxModule attention, OnnxValue x, MapSize map) => kind switch
    {
        'L' or 'S' => Local(stage, attention, x, map, kind == 'S'),
        'D' => new DeformableAttentionGraph(stage, options.Version, map).Write(attention, x),
        'N' => NeighborAttentionGraph.Neighborhood(stage, attention, x, map),
        'P' => NeighborAttentionGraph.Pyramid(stage, attention, x, map),
        _ => NeighborAttentionGraph.Slide(stage, attention, x, map),
    };

    /// <summary>Attention within windows, of a map that is padded to whole windows and may be shifted.</summary>
    private static OnnxValue Local(DatarStageConfig stage, OnnxModule attention, OnnxValue x, MapSize map, bool isShifted)
    {
        attention.Enter();
        (int dim, int window) = (stage.Dim, stage.WindowSize);
        var padded = new MapSize(RoundUp(map.Height, window), RoundUp(map.Width, window));
        int by = isShifted ? (window + 1) / 2 : 0;
        var shift = new MapSize(map.Height < window ? 0 : by, map.Width < window ? 0 : by);
        if (padded != map)
        {
            x = x.Pad(0, 0, 0, 0, 0, padded.Height - map.Height, padded.Width - map.Width, 0);
        }

        x = AttentionWindowsGraph.Cut(                                    // (B, windows, N, C)
            x.Roll(1, -shift.Height).Roll(2, -shift.Width), padded, window, dim);
        int tokens = window * window;
        int windows = padded.Points / tokens;
        OnnxValue projected = attention["proj_qkv"].LinearOfRows(x, windows, tokens); // (B, windows, N, 3 C)
        attention.Enter();
        OnnxValue positions = AttentionWindowsGraph.RelativePositions(attention, window);
        OnnxValue? mask = AttentionWindowsGraph.Mask(x.Graph, map, padded, window, shift);
        (OnnxValue mixed, _) = AttentionWindowsGraph.Attend(              // (B, windows, N, C)
            projected, positions, mask, dim, stage.Heads);
        x = AttentionWindowsGraph.Join(attention["proj_out"].LinearOfRows(mixed, windows, tokens), padded, window, dim)
            .Roll(1, shift.Height).Roll(2, shift.Width);
        return padded == map ? x : x.Slice(1, 0, map.Height).Slice(2, 0, map.Width);
    }

    private static OnnxValue Mlp(DatarConfig options, DatarStageConfig stage, OnnxModule mlp, OnnxValue x, MapSize map)
    {
        if (!stage.ConvolutionalMlp)
        {
            return mlp["chunk.linear2"].Linear(mlp["chunk.linear1"].Linear(x.Rows(stage.Dim)).Gelu())
                .Reshape(-1, map.Height, map.Width, stage.Dim);
        }

        // DAT++ has a residual connection around the convolution, and a sequence of one in place of each linear layer.
        bool isResidual = options.Version == DatVersion.DatPlusPlus;
        string suffix = isResidual ? ".0" : "";
        x = mlp["linear1" + suffix].LinearOfRows(x, map.Height, map.Width); // (B, H, W, hidden)
        OnnxValue mixed = Depthwise(mlp["dwc"], x, stage.Dim * options.Expansion, 3);
        x = isResidual ? x.Plus(mixed) : mixed;
        return mlp["linear2" + suffix].LinearOfRows(x.Gelu(), map.Height, map.Width);
    }

    private static OnnxValue Scaled(DatarStageConfig stage, OnnxModule scale, OnnxValue branch)
    {
        scale.Enter();
        return stage.LayerScale > 0 ? branch.Times(scale.Weight("weight")) : branch;
    }

    private static int RoundUp(int length, int window) => (length + window - 1) / window * window;
}
