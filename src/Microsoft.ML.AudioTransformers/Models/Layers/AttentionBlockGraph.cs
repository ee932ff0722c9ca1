using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>Graph of an <see cref="AttentionBlock"/>.</summary>
internal static class AttentionBlockGraph
{
    /// <summary>
    /// All blocks of a network whose classifier sees only the first M tokens: (B, N, D) to (B, M, D). The last block computes
    /// no others.
    /// </summary>
    /// <param name="blocks">Module of the blocks.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="x">Tokens, (B, N, D).</param>
    /// <param name="sizes">Sizes of a block.</param>
    /// <param name="tokens">M.</param>
    /// <remarks>
    /// Between attentions, the tokens of all clips are the rows of one matrix, (B N, D): runtimes add a bias within a product of
    /// two matrices. Heads attend one after the other, since their weights, (B, N, N), then stay in the caches, and no head has
    /// to be transposed.
    /// </remarks>
    public static OnnxValue FirstTokens(OnnxModule blocks, int count, OnnxValue x, AttentionBlockSizes sizes, int tokens)
    {
        blocks.Enter();
        OnnxValue lengths = x.Shape().Slice(0, 0, 2);                                 // B, N
        x = x.Rows(sizes.Dim);
        for (int block = 0; block < count; block++)
        {
            int? kept = block < count - 1 ? null : tokens;
            x = Write(blocks[$"{block}"], x, lengths, sizes, kept);                   // (B N, D); in the end (B M, D)
        }

        return x.Reshape(-1, tokens, sizes.Dim);
    }

    /// <summary>MLP with the exact GELU, (rows, D) to (rows, D).</summary>
    public static OnnxValue Mlp(OnnxModule mlp, OnnxValue x) => mlp["fc2"].Linear(mlp["fc1"].Linear(x).Gelu());

    private static OnnxValue Write(OnnxModule block, OnnxValue x, OnnxValue lengths, AttentionBlockSizes sizes, int? tokens)
    {
        block.Enter();
        OnnxValue first = tokens is { } count ? First(x, lengths, count, sizes.Dim) : x; // (B M, D)
        OnnxValue normalized = block["norm1"].LayerNorm(x, sizes.Epsilon);            // (B N, D)
        x = first.Plus(Attend(block["attn"], normalized, lengths, sizes, tokens));    // (B M, D), equation 2
        return x.Plus(Mlp(block["mlp"], block["norm2"].LayerNorm(x, sizes.Epsilon))); // (B M, D), equation 3
    }

    private static OnnxValue Attend(
        OnnxModule attention, OnnxValue x, OnnxValue lengths, AttentionBlockSizes sizes, int? tokens)
    {
        (int dim, int heads, int width) = (sizes.Dim, sizes.Heads, sizes.Dim / sizes.Heads);
        OnnxModule projection = attention["qkv"];
        OnnxValue[] parts;                                                            // (B, M or N, d) of each head
        if (tokens is { } count)
        {
            OnnxValue query = projection.Linear(First(x, lengths, count, dim), ".q", 0, dim).Reshape(-1, count, dim);
            OnnxValue others = projection.Linear(x, ".kv", dim, 2 * dim);
            parts = [.. query.Split(2, heads, width), .. OfClips(others, lengths, 2 * dim).Split(2, 2 * heads, width)];
        }
        else
        {
            parts = OfClips(projection.Linear(x), lengths, 3 * dim).Split(2, 3 * heads, width);
        }

        // Equation 1, softmax(Q K^T / sqrt(d)) V.
        attention.Enter();
        OnnxValue mixed = OnnxValue.Concat(2, [.. Enumerable.Range(0, heads).Select(head =>
        {
            (OnnxValue query, OnnxValue key, OnnxValue value) = (parts[head], parts[heads + head], parts[(2 * heads) + head]);
            OnnxValue weights = query.Times(1 / Math.Sqrt(width)).MatMul(key.Transpose(0, 2, 1)).Softmax(); // (B, M, N)
            return weights.MatMul(value);                                             // (B, M, d)
        })]);
        return attention["proj"].Linear(mixed.Rows(dim));                             // (B M, D)
    }

    /// <summary>The first tokens of each clip: (B N, D) to (B M, D).</summary>
    private static OnnxValue First(OnnxValue rows, OnnxValue lengths, int count, int dim) =>
        OfClips(rows, lengths, dim).Slice(1, 0, count).Rows(dim);

    /// <summary>Rows (B N, width) as (B, N, width).</summary>
    private static OnnxValue OfClips(OnnxValue rows, OnnxValue lengths, int width) =>
        rows.Reshape(OnnxValue.Concat(0, lengths, rows.Graph.Integers(width)));
}

/// <summary>Sizes of the blocks of a vision transformer.</summary>
/// <param name="Dim">Width of the tokens.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Epsilon">Epsilon of the normalizations, added to the variance.</param>
internal readonly record struct AttentionBlockSizes(int Dim, int Heads, double Epsilon);
