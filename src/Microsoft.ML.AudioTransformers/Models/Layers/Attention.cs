using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>Multi-head self-attention (Vaswani et al. 2017, section 3.2).</summary>
internal sealed class Attention : nn.Module<Tensor, Tensor>
{
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly int _heads;
    private readonly bool _isFused;

    /// <param name="dim">Width of the tokens, a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="isFused">
    /// The library's own kernel, which never holds all of the attention matrix where it is fused.
    /// </param>
    /// <param name="generator">Draws the initial weights.</param>
    public Attention(int dim, int heads, bool isFused, Generator generator)
        : base(nameof(Attention))
    {
        _heads = heads;
        _isFused = isFused;
        qkv = nn.Linear(dim, 3 * dim);
        proj = nn.Linear(dim, dim);
        Initialization.Normal(qkv, generator);
        Initialization.Normal(proj, generator);
        RegisterComponents();
    }

    /// <summary>(B, N, D) to (B, N, D)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        (long batch, long tokens, long dim) = (input.shape[0], input.shape[1], input.shape[2]);
        Tensor[] parts = MixedPrecision.Linear(qkv, input)                           // (B, N, 3 D)
            .reshape(batch, tokens, 3, _heads, dim / _heads)
            .permute(2, 0, 3, 1, 4)                                // (3, B, heads, N, D / heads)
            .unbind(0);
        Tensor mixed = _isFused                                    // (B, heads, N, D / heads)
            ? nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2])
            : Attend(parts[0], parts[1], parts[2]);
        return MixedPrecision.Linear(proj, mixed.transpose(1, 2).reshape(batch, tokens, dim)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Equation 1: softmax(Q K^T / sqrt(d)) V. The queries are scaled, being far smaller than their products.
    /// </summary>
    private static Tensor Attend(Tensor query, Tensor key, Tensor value)
    {
        double scale = 1 / Math.Sqrt(query.shape[^1]);
        using Tensor products = query.mul(scale).matmul(key.transpose(-2, -1)); // (B, heads, N, N)
        using Tensor weights = products.softmax(-1);
        return weights.matmul(value);
    }
}
