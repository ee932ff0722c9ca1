using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Native;

/// <summary>
/// Forward pass of all blocks of a vision transformer in one call, for scoring: of a short clip, the products take so little
/// time that the price of twenty calls a block, and of what they copy, is felt.
/// </summary>
/// <remarks>
/// What a block computes is in Models/Layers/AttentionBlock.cs. Here biases and residuals are added in place, and what is no
/// longer needed is overwritten. See <see cref="TensorListOperators"/> on scripts.
/// </remarks>
internal static class EncoderOperators
{
    /// <summary>
    /// Weights of a block, in the order of the official state dict: weight and bias of norm1, attn.qkv, attn.proj, norm2,
    /// mlp.fc1 and mlp.fc2. Matrices are (in, out).
    /// </summary>
    public const int WeightsOfBlock = 12;

    // Of one clip of few tokens, scores stay in the processor's cache, and products of whole heads take less time than
    // LibTorch's kernel, which multiplies 32 queries at a time.
    private const string Script = """
        def attend(query: Tensor, key: Tensor, value: Tensor, most: int) -> Tensor:
            heads, width = query.size(1), query.size(3)
            if query.size(0) > 1 or heads * query.size(2) * key.size(2) > most:
                return torch.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(-1, heads * width)
            query, key, value = query.squeeze(0), key.squeeze(0), value.squeeze(0)
            none = torch.empty(1, 1, 1, dtype=query.dtype, device=query.device)
            scores = torch.baddbmm(none, query, key.transpose(1, 2), beta=0, alpha=width ** -0.5)
            return torch.bmm(torch.softmax(scores, -1), value).transpose(0, 1).reshape(-1, heads * width)

        def encode(input: Tensor, weights: List[Tensor], heads: int, epsilon: float, first: int, most: int) -> Tensor:
            batch, tokens, dim = input.size(0), input.size(1), input.size(2)
            width = dim // heads
            blocks = len(weights) // 12
            x = input.reshape(batch * tokens, dim)
            for block in range(blocks):
                of_block = weights[12 * block:12 * block + 12]
                norm1, norm1_bias, qkv, qkv_bias, proj, proj_bias, norm2, norm2_bias, fc1, fc1_bias, fc2, fc2_bias = of_block
                normalized = torch.layer_norm(x, [dim], norm1, norm1_bias, epsilon)
                if block + 1 < blocks or first == tokens:
                    parts = torch.mm(normalized, qkv).add_(qkv_bias).view(batch, tokens, 3, heads, width)
                    parts = parts.permute(2, 0, 3, 1, 4)
                    query, key, value = parts[0], parts[1], parts[2]
                else:
                    parts = torch.mm(normalized, qkv[:, dim:]).add_(qkv_bias[dim:]).view(batch, tokens, 2, heads, width)
                    parts = parts.permute(2, 0, 3, 1, 4)
                    key, value = parts[0], parts[1]
                    kept = normalized.view(batch, tokens, dim)[:, :first].reshape(batch * first, dim)
                    query = torch.mm(kept, qkv[:, :dim]).add_(qkv_bias[:dim])
                    query = query.view(batch, first, heads, width).transpose(1, 2)
                    x = x.view(batch, tokens, dim)[:, :first].reshape(batch * first, dim)
                mixed = attend(query, key, value, most)
                x = torch.mm(mixed, proj).add_(proj_bias).add_(x)
                normalized = torch.layer_norm(x, [dim], norm2, norm2_bias, epsilon)
                hidden = torch.gelu_(torch.mm(normalized, fc1).add_(fc1_bias))
                x = torch.mm(hidden, fc2).add_(fc2_bias).add_(x)
            return x.view(batch, -1, dim)

        """;

    // Elements of the attention matrices of a clip, a megabyte in float32.
    private const long MostScores = 1 << 18;

    private static readonly Lazy<jit.CompilationUnit> s_script = new(() => jit.compile(Script));

    /// <summary>Blocks: tokens (B, N, D) to the first M, (B, M, D); the last block computes no others.</summary>
    /// <param name="input">Tokens, in float32.</param>
    /// <param name="weights"><see cref="WeightsOfBlock"/> for each of one block or more, of the type of the input.</param>
    /// <param name="heads">Attention heads, of which D is a multiple.</param>
    /// <param name="epsilon">Epsilon of the normalizations.</param>
    /// <param name="first">M, 1 to N.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or there are other than so many weights.</exception>
    public static Tensor Encode(Tensor input, Tensor[] weights, int heads, double epsilon, long first)
    {
        if (input.shape is not [_, long tokens, long dim] || dim % heads != 0 || first < 1 || first > tokens
            || weights.Length == 0 || weights.Length % WeightsOfBlock != 0)
        {
            throw new ArgumentException(
                $"Tokens are ({string.Join(", ", input.shape)}), of which the first {first}, and {weights.Length} weights; "
                + $"expected (B, N, D), D a multiple of {heads} heads, 1 to N, and {WeightsOfBlock} weights for each block.");
        }

        using IDisposable guard = no_grad();
        using Scalar headsScalar = heads.ToScalar();
        using Scalar epsilonScalar = epsilon.ToScalar();
        using Scalar firstScalar = first.ToScalar();
        using Scalar mostScalar = MostScores.ToScalar();
        return (Tensor)s_script.Value.invoke("encode", input, weights, headsScalar, epsilonScalar, firstScalar, mostScalar);
    }
}
