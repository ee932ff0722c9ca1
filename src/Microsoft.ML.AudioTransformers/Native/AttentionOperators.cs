using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Native;

/// <summary>
/// Gradients of attention by matrix products of all heads that fit into the processor's cache, in one call.
/// </summary>
/// <remarks>
/// Scores and softmax are in float32, since a score is an exponent: of 30, bfloat16 keeps 0.06, which is 6 % of a weight.
/// What is multiplied otherwise is in bfloat16, as in LibTorch's kernel. See <see cref="TensorListOperators"/> on scripts.
/// </remarks>
internal static class AttentionOperators
{
    // The attention matrix of a block of heads is computed again, as the forward pass holds none; the last argument of
    // softmax's gradient is the code of bfloat16.
    private const string Script = """
        def backward(projected: Tensor, gradient: Tensor, heads: int, block: int, factor: float) -> Tensor:
            batch, tokens, width = projected.size(0), projected.size(1), projected.size(2) // (3 * heads)
            parts = projected.view(batch, tokens, 3, heads, width).permute(2, 0, 3, 1, 4)
            parts = parts.reshape(3, batch * heads, tokens, width)
            outer = gradient.view(batch, tokens, heads, width).permute(0, 2, 1, 3)
            outer = outer.reshape(batch * heads, tokens, width)
            gradients = torch.empty_like(parts)
            for start in range(0, batch * heads, block):
                count = min(block, batch * heads - start)
                query = parts[0].narrow(0, start, count)
                key = parts[1].narrow(0, start, count)
                value = parts[2].narrow(0, start, count)
                of_output = outer.narrow(0, start, count)
                none = torch.empty(1, 1, 1, dtype=projected.dtype, device=projected.device)
                scores = torch.bmm(query.float() * factor, key.float().transpose(1, 2))
                weights = torch.softmax(scores, -1).to(projected.dtype)
                gradients[2].narrow(0, start, count).copy_(torch.bmm(weights.transpose(1, 2), of_output))
                of_weights = torch.bmm(of_output, value.transpose(1, 2))
                of_scores = torch._softmax_backward_data(of_weights, weights, -1, 15)
                gradients[0].narrow(0, start, count).copy_(torch.baddbmm(none, of_scores, key, beta=0, alpha=factor))
                of_keys = torch.baddbmm(none, of_scores.transpose(1, 2), query, beta=0, alpha=factor)
                gradients[1].narrow(0, start, count).copy_(of_keys)
            gradients = gradients.view(3, batch, heads, tokens, width)
            return gradients.permute(1, 3, 0, 2, 4).reshape(batch, tokens, 3 * heads * width)

        """;

    // Elements of the attention matrices of a block, a megabyte in bfloat16.
    private const long BlockElements = 1 << 19;

    private static readonly Lazy<jit.CompilationUnit> s_script = new(() => jit.compile(Script));

    /// <summary>
    /// Gradient of multi-head self-attention, softmax(Q K^T / sqrt(d)) V, in bfloat16: that of the projections side by side,
    /// (B, N, 3 D), from that of the mixed values.
    /// </summary>
    /// <param name="projected">Queries, keys and values side by side, each head by head, (B, N, 3 D), contiguous.</param>
    /// <param name="gradient">Gradient of the mixed values, head by head, (B, N, D).</param>
    /// <param name="heads">Heads.</param>
    /// <exception cref="ArgumentException">Shapes or types are others.</exception>
    public static Tensor Backward(Tensor projected, Tensor gradient, int heads)
    {
        if (projected.shape is not [long batch, long tokens, long width] || width % (3 * heads) != 0
            || !gradient.shape.AsSpan().SequenceEqual([batch, tokens, width / 3])
            || projected.dtype != ScalarType.BFloat16 || gradient.dtype != ScalarType.BFloat16 || !projected.is_contiguous())
        {
            throw new ArgumentException(
                $"Projections are {projected.dtype} ({string.Join(", ", projected.shape)}), gradients {gradient.dtype} "
                + $"({string.Join(", ", gradient.shape)}); expected contiguous bfloat16 (B, N, 3 D) and (B, N, D), "
                + $"D a multiple of {heads} heads.");
        }

        using IDisposable guard = no_grad();
        long block = Math.Max(1, BlockElements / (tokens * tokens));
        using Scalar headsScalar = heads.ToScalar();
        using Scalar blockScalar = block.ToScalar();
        using Scalar factor = (1 / Math.Sqrt((double)width / (3 * heads))).ToScalar();
        return (Tensor)s_script.Value.invoke("backward", projected, gradient.contiguous(), headsScalar, blockScalar, factor);
    }
}
