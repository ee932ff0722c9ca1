using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Windows of maps, (B, H, W, D), and the biases of attention within them, in graphs; see <see cref="AttentionWindows"/>.
/// </summary>
internal static class AttentionWindowsGraph
{
    // Scores of the mask, in units that make both so low that their weights are zero, as AttentionWindows.MaskFactor does.
    private const float Unit = 100;
    private const float OtherRegion = -10;
    private const float Padding = -127;

    // Added to the number of a region, 0 to 8, where it is padding.
    private const sbyte PaddingRegion = 100;

    /// <summary>Map (B, H, W, D) cut into windows, (B, windows, N, D).</summary>
    public static OnnxValue Cut(OnnxValue map, MapSize size, int window, int dim) => map
        .Reshape(0, size.Height / window, window, size.Width / window, window, dim)
        .Transpose(0, 1, 3, 2, 4, 5)                                          // (B, rows, columns, w, w, D)
        .Reshape(0, size.Points / (window * window), window * window, dim);

    /// <summary>Windows (B, windows, N, D), joined to a map (B, H, W, D).</summary>
    public static OnnxValue Join(OnnxValue windows, MapSize size, int window, int dim) => windows
        .Reshape(0, size.Height / window, size.Width / window, window, window, dim)
        .Transpose(0, 1, 3, 2, 4, 5)                                          // (B, rows, w, columns, w, D)
        .Reshape(0, size.Height, size.Width, dim);

    /// <summary>
    /// Attention within windows: queries, keys and values side by side, (B, windows, N, 3 D), to (B, windows, N, D) and to
    /// the attention weights, (B, windows, heads, N, N).
    /// </summary>
    /// <param name="projected">Queries, keys and values.</param>
    /// <param name="positions">Bias of relative positions, (heads, N, N).</param>
    /// <param name="mask">That of <see cref="Mask"/>; null for no mask.</param>
    /// <param name="dim">Width of the tokens, D.</param>
    /// <param name="heads">Heads.</param>
    public static (OnnxValue Mixed, OnnxValue Weights) Attend(
        OnnxValue projected, OnnxValue positions, OnnxValue? mask, int dim, int heads)
    {
        OnnxValue[] parts = projected.Split(3, 3, dim);                       // (B, windows, N, D) each
        OnnxValue query = Heads(parts[0]).Transpose(0, 1, 3, 2, 4);           // (B, windows, heads, N, d)
        OnnxValue key = Heads(parts[1]).Transpose(0, 1, 3, 4, 2);             // (B, windows, heads, d, N)
        OnnxValue value = Heads(parts[2]).Transpose(0, 1, 3, 2, 4);           // (B, windows, heads, N, d)
        OnnxValue products = query.Times(1 / Math.Sqrt((double)dim / heads)).MatMul(key) // (B, windows, heads, N, N)
            .Plus(positions);
        OnnxValue weights = mask is null ? products.Softmax() : Masked(products, mask);
        return (weights.MatMul(value).Transpose(0, 1, 3, 2, 4).Reshape(0, 0, 0, dim), weights);

        OnnxValue Heads(OnnxValue part) => part.Reshape(0, 0, 0, heads, dim / heads);
    }

    /// <summary>
    /// Bias of relative positions, (heads, N, N), from the module's table. Its index is computed of a number for each token,
    /// as <see cref="AttentionWindows.RelativePositionIndex"/> has it, which a session does once, when it is loaded.
    /// </summary>
    public static OnnxValue RelativePositions(OnnxModule attention, int window)
    {
        int side = (2 * window) - 1;
        long[] keys = [.. Enumerable.Range(0, window * window).Select(token => ((token / window) * side) + (token % window))];
        long[] queries = Array.ConvertAll(keys, key => key + ((window - 1) * (side + 1)));
        OnnxValue index = attention.Graph.Integers(queries).Unsqueeze(1).Minus(attention.Graph.Integers(keys)); // (N, N)
        return attention.Weight("relative_position_bias_table")               // (rows, heads)
            .Gather(0, index)                                                 // (N, N, heads)
            .Transpose(2, 0, 1);
    }

    /// <summary>
    /// Attention weights of masked products. What is masked is set to zero: ONNX Runtime leaves denormal numbers there, by
    /// which processors multiply many times more slowly.
    /// </summary>
    private static OnnxValue Masked(OnnxValue products, OnnxValue mask)
    {
        return products.Plus(mask.Times(Unit)).Softmax().Times(mask.Plus(1).Clip(0, 1));
    }

    /// <summary>
    /// Attention mask, (windows, 1, N, N), see <see cref="AttentionWindows.Mask"/>: 0 for points that see each other; null
    /// where all do. The file has the region of each point, and a session compares them once, when it is loaded: the mask
    /// itself, N times as large, would be a fifth of a small model in int8.
    /// </summary>
    public static OnnxValue? Mask(OnnxGraph graph, MapSize map, MapSize padded, int window, MapSize shift)
    {
        int tokens = window * window;
        sbyte[] regions = Array.ConvertAll(
            AttentionWindows.Regions(map, padded, window, shift),
            region => (sbyte)(region.Number + (region.IsPadding ? PaddingRegion : 0)));
        if (regions.Chunk(tokens).All(part => part.All(region => region == part[0])))
        {
            return null;
        }

        var name = FormattableString.Invariant(
            $"regions/{map.Height}x{map.Width}/{padded.Height}x{padded.Width}/{window}/{shift.Height}x{shift.Width}");
        OnnxValue stored = graph.Constant(OnnxTensor.Of(
                name, TensorProto.Types.DataType.Int8, regions, [padded.Points / tokens, 1, tokens]))
            .Cast(TensorProto.Types.DataType.Float);
        OnnxValue apart = stored.Unsqueeze(3).Minus(stored.Unsqueeze(2)).Apply("Abs"); // (windows, 1, N, N)
        OnnxValue mask = apart.Clip(0, 1).Times(OtherRegion);
        return Array.Exists(regions, region => region >= PaddingRegion)
            ? mask.Plus(apart.Plus(10 - PaddingRegion).Clip(0, 1).Times(Padding - OtherRegion))
            : mask;
    }
}
