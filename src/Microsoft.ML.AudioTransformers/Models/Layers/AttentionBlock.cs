using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Transformer block of a vision transformer (Dosovitskiy et al. 2021, equations 2 and 3): attention, then an MLP, each with
/// a layer normalization before it and a residual connection around both.
/// </summary>
internal sealed class AttentionBlock : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly Attention attn;
    private readonly LayerNorm norm2;
    private readonly Mlp mlp;
    private readonly DropPath drop_path;
    private readonly double _normEpsilon;

    /// <param name="dim">Width of the tokens.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="mlpRatio">Width of the hidden layer, as a multiple of <paramref name="dim"/>.</param>
    /// <param name="normEpsilon">Epsilon of the normalizations, added to the variance.</param>
    /// <param name="dropPath">Rate of stochastic depth.</param>
    /// <param name="generator">Random generator of initial weights and dropped paths.</param>
    /// <param name="hasQkvBias">Whether queries, keys and values have a bias.</param>
    public AttentionBlock(
        int dim, int heads, double mlpRatio, double normEpsilon, double dropPath, Generator generator, bool hasQkvBias = true)
        : base(nameof(AttentionBlock))
    {
        _normEpsilon = normEpsilon;
        norm1 = nn.LayerNorm(dim, normEpsilon);
        attn = new Attention(dim, heads, generator, hasQkvBias);
        norm2 = nn.LayerNorm(dim, normEpsilon);
        mlp = new Mlp(dim, (int)(dim * mlpRatio), generator);
        drop_path = new DropPath(dropPath, generator);
        RegisterComponents();
    }

    /// <summary>(B, N, D) to (B, N, D)</summary>
    public override Tensor forward(Tensor input) => First(input, input.shape[1]);

    /// <summary>
    /// All blocks of a network whose classifier sees only the first M tokens: (B, N, D) to (B, M, D). The last block computes
    /// no others.
    /// </summary>
    public static Tensor FirstTokens(ModuleList<AttentionBlock> blocks, Tensor input, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        if (IsOneCall(blocks, input))
        {
            Tensor[] weights = [.. blocks.SelectMany(block => block.ScoringWeights())];
            return EncoderOperators
                .Encode(input, weights, blocks[0].attn.Heads, blocks[0]._normEpsilon, count)
                .MoveToOuterDisposeScope();
        }

        Tensor x = input.alias();
        for (int block = 0; block < blocks.Count; block++)
        {
            using Tensor before = x;
            AttentionBlock current = blocks[block];
            Func<Tensor, Tensor> compute = block < blocks.Count - 1 ? current.call : all => current.First(all, count);
            x = ActivationCheckpoints.Call(compute, before);                          // (B, N, D)
        }

        return x.MoveToOuterDisposeScope();
    }

    private static bool IsOneCall(ModuleList<AttentionBlock> blocks, Tensor input) =>
        blocks.Count > 0 && Attention.IsScoring(blocks[0], input) && !MixedPrecision.IsOn
        && input.dtype == ScalarType.Float32 && blocks[0].attn.qkv.bias is not null
        && NativeSelfTest.Default.AreEncoderBlocksRight;

    private Tensor[] ScoringWeights() =>
    [
        norm1.weight!, norm1.bias!, .. Both(attn.qkv), .. Both(attn.proj),
        norm2.weight!, norm2.bias!, .. Both(mlp.fc1), .. Both(mlp.fc2),
    ];

    private static Tensor[] Both(Linear layer) => [MixedPrecision.Transposed(layer.weight!), layer.bias!];

    private Tensor First(Tensor input, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor first = input.narrow(1, 0, count);                                     // (B, M, D)
        Tensor x = first.Plus(drop_path.call(attn.Attend(Normalize(norm1, input), count))); // (B, M, D), equation 2
        return x.Plus(drop_path.call(mlp.call(Normalize(norm2, x)))).MoveToOuterDisposeScope(); // equation 3
    }

    // Faster in float32, and no less exact, also where model and input are in bfloat16.
    private Tensor Normalize(LayerNorm norm, Tensor input)
    {
        if (input.dtype != ScalarType.BFloat16)
        {
            return norm.call(input);
        }

        using DisposeScope scope = NewDisposeScope();
        const ScalarType full = ScalarType.Float32;
        return nn.functional
            .layer_norm(input.to(full), [input.shape[2]], norm.weight!.to(full), norm.bias!.to(full), _normEpsilon)
            .to(input.dtype)
            .MoveToOuterDisposeScope();
    }
}
