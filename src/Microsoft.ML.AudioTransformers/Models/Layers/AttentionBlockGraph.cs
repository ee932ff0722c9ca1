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
    public static OnnxValue FirstTokens(OnnxModule blocks, int count, OnnxValue x, AttentionBlockSizes sizes, int tokens)
    {
        for (int block = 0; block < count; block++)
        {
            x = Write(blocks[$"{block}"], x, sizes, block < count - 1 ? null : tokens); // (B, N, D); in the end (B, M, D)
        }

        return x;
    }

    /// <summary>MLP with the exact GELU, (..., D) to (..., D).</summary>
    public static OnnxValue Mlp(OnnxModule mlp, OnnxValue x) => mlp["fc2"].Linear(mlp["fc1"].Linear(x).Gelu());

    private static OnnxValue Write(OnnxModule block, OnnxValue x, AttentionBlockSizes sizes, int? tokens)
    {
        block.Enter();
        OnnxValue first = tokens is { } count ? x.Slice(1, 0, count) : x;             // (B, M, D)
        OnnxValue normalized = block["norm1"].LayerNorm(x, sizes.Epsilon);            // (B, N, D)
        x = first.Plus(Attend(block["attn"], normalized, sizes, tokens));             // (B, M, D), equation 2
        return x.Plus(Mlp(block["mlp"], block["norm2"].LayerNorm(x, sizes.Epsilon))); // (B, M, D), equation 3
    }

    private static OnnxValue Attend(OnnxModule attention, OnnxValue x, AttentionBlockSizes sizes, int? tokens)
    {
        (int dim, int heads) = (sizes.Dim, sizes.Heads);
        OnnxValue query, key, value;                                                  // (B, M or N, D)
        if (tokens is { } count)
        {
            OnnxValue[] parts = attention["qkv"].Linear(x, ".kv", dim, 2 * dim).Split(2, 2, dim);
            query = attention["qkv"].Linear(x.Slice(1, 0, count), ".q", 0, dim);
            (key, value) = (parts[0], parts[1]);
        }
        else
        {
            OnnxValue[] parts = attention["qkv"].Linear(x).Split(2, 3, dim);
            (query, key, value) = (parts[0], parts[1], parts[2]);
        }

        // Equation 1, softmax(Q K^T / sqrt(d)) V.
        attention.Enter();
        query = Heads(query).Transpose(0, 2, 1, 3);                                   // (B, heads, M, d)
        key = Heads(key).Transpose(0, 2, 3, 1);                                       // (B, heads, d, N)
        value = Heads(value).Transpose(0, 2, 1, 3);                                   // (B, heads, N, d)
        OnnxValue weights = query.Times(1 / Math.Sqrt((double)dim / heads)).MatMul(key).Softmax(); // (B, heads, M, N)
        OnnxValue mixed = weights.MatMul(value).Transpose(0, 2, 1, 3).Reshape(0, 0, dim);  // (B, M, D)
        return attention["proj"].Linear(mixed);

        OnnxValue Heads(OnnxValue projected) => projected.Reshape(0, 0, heads, dim / heads);
    }
}

/// <summary>Sizes of the blocks of a vision transformer.</summary>
/// <param name="Dim">Width of the tokens.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Epsilon">Epsilon of the normalizations, added to the variance.</param>
internal readonly record struct AttentionBlockSizes(int Dim, int Heads, double Epsilon);
