using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>Multi-head self-attention (Vaswani et al. 2017, section 3.2).</summary>
internal sealed class Attention : nn.Module<Tensor, Tensor>
{
    /// <summary>Queries, keys and values: weight (3 D, D).</summary>
    internal readonly Linear qkv;

    /// <summary>Projection of the joined heads: weight (D, D).</summary>
    internal readonly Linear proj;

    /// <param name="dim">Width of the tokens, a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="generator">Random generator of the initial weights.</param>
    /// <param name="hasQkvBias">Whether queries, keys and values have a bias (<c>qkv_bias</c>).</param>
    public Attention(int dim, int heads, Generator generator, bool hasQkvBias = true)
        : base(nameof(Attention))
    {
        Heads = heads;
        qkv = Initialization.Linear(dim, 3 * dim, hasBias: hasQkvBias);
        proj = Initialization.Linear(dim, dim);
        Initialization.Normal(qkv, generator);
        Initialization.Normal(proj, generator);
        RegisterComponents();
    }

    /// <summary>Number of heads.</summary>
    public int Heads { get; }

    /// <summary>(B, N, D) to (B, N, D)</summary>
    public override Tensor forward(Tensor input) => Attend(input, input.shape[1]);

    /// <summary>Attention of the first M tokens to all of them: (B, N, D) to (B, M, D).</summary>
    public Tensor Attend(Tensor input, long queries)
    {
        using DisposeScope scope = NewDisposeScope();
        if (queries == input.shape[1])
        {
            Tensor projected = MixedPrecision.Linear(qkv, input);  // (B, N, 3 D)
            Tensor all = BlockGradients.Attend(projected, Heads, inner => Mix(inner, Heads))
                ?? Mix(projected, Heads);                          // (B, N, D)
            return MixedPrecision.Linear(proj, all).MoveToOuterDisposeScope();
        }

        long dim = input.shape[2];
        Tensor weight = MixedPrecision.Weight(qkv.weight!);
        Tensor? bias = qkv.bias is null ? null : MixedPrecision.Weight(qkv.bias);
        Tensor[] others = Split(
            MixedPrecision.Linear(weight.narrow(0, dim, 2 * dim), bias?.narrow(0, dim, 2 * dim), input), 2, Heads);
        Tensor query = Split(
            MixedPrecision.Linear(weight.narrow(0, 0, dim), bias?.narrow(0, 0, dim), input.narrow(1, 0, queries)), 1,
            Heads)[0];
        return MixedPrecision.Linear(proj, Mix(query, others[0], others[1])).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Whether a module scores on the processor, where <see cref="Mix(Tensor, int, Tensor)"/> takes a bias: LibTorch's
    /// kernel has no gradient of it.
    /// </summary>
    public static bool IsScoring(nn.Module module, Tensor input) =>
        !module.training && !is_grad_enabled() && input.device_type == DeviceType.CPU;

    /// <summary>Attention of projections side by side, (B, N, 3 D), to mixed values, (B, N, D).</summary>
    /// <param name="projected">Queries, keys and values.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="bias">
    /// What is added to the scores, in float32 or their type, (B or 1, heads, N, N); null for nothing.
    /// </param>
    public static Tensor Mix(Tensor projected, int heads, Tensor? bias = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] parts = Split(projected, 3, heads);
        return Mix(parts[0], parts[1], parts[2], bias).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Equation 1, softmax(Q K^T / sqrt(d) + bias) V, by LibTorch's kernel, which never holds all of the attention matrix:
    /// mixed values, head by head, (B, M, D), of queries (B, heads, M, D / heads), keys and values (B, heads, N, D / heads).
    /// </summary>
    public static Tensor Mix(Tensor query, Tensor key, Tensor value, Tensor? bias = null)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.scaled_dot_product_attention(query, key, value, bias!) // (B, heads, M, D / heads)
            .transpose(1, 2)
            .flatten(2)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Splits projections side by side, (B, N, parts D), into that many (B, heads, N, D / heads).</summary>
    private static Tensor[] Split(Tensor projected, int parts, int heads)
    {
        (long batch, long tokens, long width) = (projected.shape[0], projected.shape[1], projected.shape[2]);
        return projected
            .reshape(batch, tokens, parts, heads, width / parts / heads)
            .permute(2, 0, 3, 1, 4)                                // (parts, B, heads, N, D / heads)
            .unbind(0);
    }
}
