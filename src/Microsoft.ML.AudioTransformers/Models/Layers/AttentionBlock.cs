using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// One layer of a vision transformer (Dosovitskiy et al. 2021, equations 2 and 3): normalised first, added after.
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
    /// <param name="heads">Number of attention heads.</param>
    /// <param name="mlpRatio">The hidden layer's width as a multiple of <paramref name="dim"/>.</param>
    /// <param name="normEpsilon">What the normalisations add to the variance.</param>
    /// <param name="dropPath">Stochastic depth's rate.</param>
    /// <param name="generator">Draws initial weights and dropped paths.</param>
    public AttentionBlock(
        int dim, int heads, double mlpRatio, double normEpsilon, double dropPath, Generator generator)
        : base(nameof(AttentionBlock))
    {
        _normEpsilon = normEpsilon;
        norm1 = nn.LayerNorm(dim, normEpsilon);
        attn = new Attention(dim, heads, generator);
        norm2 = nn.LayerNorm(dim, normEpsilon);
        mlp = new Mlp(dim, (int)(dim * mlpRatio), generator);
        drop_path = new DropPath(dropPath, generator);
        RegisterComponents();
    }

    /// <summary>(B, N, D) to (B, N, D)</summary>
    public override Tensor forward(Tensor input) => First(input, input.shape[1]);

    /// <summary>
    /// Blocks one after the other, of whose output a classifier sees no more than the first M tokens: (B, N, D) to
    /// (B, M, D). The last block computes no others.
    /// </summary>
    public static Tensor FirstTokens(ModuleList<AttentionBlock> blocks, Tensor input, long count)
    {
        using DisposeScope scope = NewDisposeScope();
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
