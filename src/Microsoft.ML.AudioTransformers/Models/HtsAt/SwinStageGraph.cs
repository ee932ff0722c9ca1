using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Graph of a <see cref="SwinStage"/>.</summary>
internal static class SwinStageGraph
{
    /// <summary>
    /// Tokens (B, H * W, D) to (B, H * W / 4, 2 D), or of the last stage to (B, H * W, D).
    /// </summary>
    /// <param name="options">Configuration.</param>
    /// <param name="module">Module of the stage.</param>
    /// <param name="stage">Stage, counted from 0.</param>
    /// <param name="x">Tokens.</param>
    /// <param name="hasAttention">Whether the attention that each token gets is returned, too.</param>
    /// <returns>Tokens; and the attention, the mean over blocks, heads and queries, (B, windows N), or null.</returns>
    public static (OnnxValue Tokens, OnnxValue? Attention) Write(
        HtsAtConfig options, OnnxModule module, int stage, OnnxValue x, bool hasAttention)
    {
        var map = new MapSize(
            options.ImageSize / options.StrideFrequency >> stage, options.ImageSize / options.StrideTime >> stage);
        int dim = options.EmbedDim << stage;
        List<OnnxValue> attentions = [];
        for (int block = 0; block < options.Depths[stage]; block++)
        {
            OnnxModule current = module[$"blocks.{block}"];
            current.Enter();
            int smaller = Math.Min(map.Height, map.Width);
            int window = Math.Min(options.WindowSize, smaller);
            int shift = block % 2 == 0 || smaller <= options.WindowSize ? 0 : options.WindowSize / 2;
            (OnnxValue attended, OnnxValue weights) = Attend(                 // (B, H W, D)
                current, current["norm1"].LayerNorm(x, SwinBlock.NormEpsilon), map, dim, options.Heads[stage], window, shift);
            attentions.Add(weights);
            x = x.Plus(attended);                                             // (B, H W, D)
            OnnxValue rows = current["norm2"].LayerNorm(x, SwinBlock.NormEpsilon).Rows(dim);
            x = x.Plus(AttentionBlockGraph.Mlp(current["mlp"], rows).Reshape(-1, map.Points, dim)); // (B, H W, D)
        }

        OnnxValue? attention = null;
        if (hasAttention)
        {
            // (B, windows, heads, N, N): over heads and queries; then over the blocks.
            OnnxValue[] means = [.. attentions.Select(weights => weights.Mean(false, 2, 3).Reshape(0, map.Points))];
            attention = means.Aggregate((sum, next) => sum.Plus(next)).Times(1.0 / means.Length);
        }

        return (stage < options.Depths.Count - 1 ? Merge(module["downsample"], x, map, dim) : x, attention);
    }

    private static (OnnxValue Attended, OnnxValue Weights) Attend(
        OnnxModule block, OnnxValue tokens, MapSize size, int dim, int heads, int window, int shift)
    {
        OnnxValue map = tokens.Reshape(0, size.Height, size.Width, dim).Roll(1, -shift).Roll(2, -shift); // (B, H, W, D)
        OnnxValue windows = AttentionWindowsGraph.Cut(map, size, window, dim);                // (B, windows, N, D)
        (int count, int points) = (size.Points / (window * window), window * window);
        OnnxValue projected = block["attn.qkv"].LinearOfRows(windows, count, points);         // (B, windows, N, 3 D)
        block["attn"].Enter();
        OnnxValue? mask = AttentionWindowsGraph.Mask(block.Graph, size, size, window, new MapSize(shift, shift));
        OnnxValue positions = AttentionWindowsGraph.RelativePositions(block["attn"], window);
        (OnnxValue mixed, OnnxValue weights) = AttentionWindowsGraph.Attend(                  // (B, windows, N, D)
            projected, positions, mask, dim, heads);
        OnnxValue output = block["attn.proj"].LinearOfRows(mixed, count, points);
        OnnxValue joined = AttentionWindowsGraph.Join(output, size, window, dim).Roll(1, shift).Roll(2, shift);
        return (joined.Reshape(0, size.Points, dim), weights);
    }

    /// <summary>Patch merging: (B, H * W, D) to (B, H * W / 4, 2 D).</summary>
    private static OnnxValue Merge(OnnxModule merging, OnnxValue x, MapSize map, int dim)
    {
        merging.Enter();
        OnnxValue neighbours = x.Reshape(0, map.Height / 2, 2, map.Width / 2, 2, dim)
            .Transpose(0, 1, 3, 4, 2, 5)                                      // (B, H / 2, W / 2, column, row, D)
            .Reshape(0, map.Points / 4, 4 * dim);
        return merging["reduction"].Linear(merging["norm"].LayerNorm(neighbours, SwinBlock.NormEpsilon));
    }
}
