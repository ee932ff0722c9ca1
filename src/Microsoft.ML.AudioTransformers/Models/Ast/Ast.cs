using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// The Audio Spectrogram Transformer: Gong, Chung and Glass, "AST: Audio Spectrogram Transformer", Interspeech 2021;
/// the baseline that PaSST, HTS-AT and DATAR compare with. Parameters have the names of the official code's state dict,
/// the section numbers below are the paper's.
/// </summary>
internal sealed class Ast : AudioModel
{
    internal readonly DistilledVisionTransformer v;
    private readonly Sequential mlp_head;

    /// <param name="options">Configuration.</param>
    /// <param name="generator">
    /// Random generator of the initial weights and, in training, of dropped paths; on the CPU. The network disposes it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Ast(AstConfig options, Generator generator)
        : base(nameof(Ast), generator)
    {
        options.Validate();
        Options = options;
        v = new DistilledVisionTransformer(options, generator);
        Linear classifier = Initialization.Linear(options.EmbedDim, options.Classes);
        Initialization.Uniform(classifier, generator);
        mlp_head = nn.Sequential(nn.LayerNorm(options.EmbedDim, options.HeadNormEpsilon), classifier);
        RegisterComponents();
    }

    /// <summary>Configuration.</summary>
    public AstConfig Options { get; }

    public override AudioModelConfig Config => Options;

    public override bool HasMixedPrecision => true;

    /// <summary>(B, time, frequency) to (B, 1, frequency, time)</summary>
    public override Tensor FromFeatures(Tensor features) => features.transpose(1, 2).unsqueeze(1);

    /// <summary>
    /// Log-mel spectrograms (B, 1, frequency, time) to logits (B, classes). The official code takes (B, time,
    /// frequency) and turns it into this first.
    /// </summary>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        using Tensor features = Features(input);
        return Classify(features);
    }

    /// <summary>Features (B, D) to logits (B, classes).</summary>
    public override Tensor Classify(Tensor backbone)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = mlp_head.call(backbone);                              // (B, classes)
        return logits.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>DeiT's two heads for the classes of ImageNet, which no output depended on.</summary>
    public override IReadOnlyList<string> RetiredWeights { get; } =
        ["v.head.weight", "v.head.bias", "v.head_dist.weight", "v.head_dist.bias"];

    public override (int Stage, int Block)? BlockOf(string parameterName) =>
        NumberAfter("v.blocks.", parameterName) is { } block ? (0, block) : null;

    public override bool IsHead(string parameterName) => IsOf(parameterName, nameof(mlp_head));

    public override bool IsAfterBlocks(string parameterName) => IsHead(parameterName) || IsOf(parameterName, "v.norm");

    public override WeightDecayExclusions KindOf(string parameterName, int dimensions) => parameterName switch
    {
        "v.pos_embed" => WeightDecayExclusions.Positions,
        "v.cls_token" or "v.dist_token" => WeightDecayExclusions.Tokens,
        _ => base.KindOf(parameterName, dimensions),
    };

    public override int EmbeddingLength => Options.EmbedDim;

    public override Tensor Embed(Tensor input) => Features(input);

    /// <summary>
    /// Embedding of a clip, the classifier's input: the mean of the class and distillation tokens, (B, D).
    /// </summary>
    /// <param name="input">Log-mel spectrograms, (B, 1, frequency, time).</param>
    public Tensor Features(Tensor input)
    {
        if (input.dim() != 4 || input.shape[1] != 1 ||
            input.shape[2] != Options.InputFrequency || input.shape[3] != Options.InputTime)
        {
            throw new ArgumentException(
                $"AST takes (batch, 1, {Options.InputFrequency}, {Options.InputTime}), not ({string.Join(", ", input.shape)}).",
                nameof(input));
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = v.call(input);                                        // (B, 2, D)          768
        return tokens.mean([1]).MoveToOuterDisposeScope();                    // (B, D)
    }
}

/// <summary>
/// Body of AST, a DeiT with one input channel (Touvron et al. 2021); <c>v</c> in the official files.
/// </summary>
internal sealed class DistilledVisionTransformer : nn.Module<Tensor, Tensor>
{
    internal readonly PatchEmbedding patch_embed;
    private readonly Parameter cls_token;
    private readonly Parameter dist_token;
    private readonly Parameter pos_embed;
    internal readonly ModuleList<AttentionBlock> blocks;
    internal readonly LayerNorm norm;

    public DistilledVisionTransformer(AstConfig options, Generator generator)
        : base(nameof(DistilledVisionTransformer))
    {
        int dim = options.EmbedDim;
        patch_embed = new PatchEmbedding(
            dim, options.PatchSize, options.StrideFrequency, options.StrideTime, generator);
        cls_token = Encoding(1, dim, generator);
        dist_token = Encoding(1, dim, generator);
        pos_embed = Encoding(options.SequenceLength, dim, generator);
        blocks = new ModuleList<AttentionBlock>(
        [
            .. Enumerable.Range(0, options.Depth).Select(block => new AttentionBlock(
                dim, options.Heads, options.MlpRatio, options.NormEpsilon,
                options.DropPath * block / Math.Max(options.Depth - 1, 1), generator, options.QkvBias)),
        ]);
        norm = nn.LayerNorm(dim, options.NormEpsilon);
        RegisterComponents();
    }

    /// <summary>
    /// Spectrograms (B, 1, frequency, time) to the class and distillation tokens (B, 2, D), normalized.
    /// </summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();

        // Section 2.1: patches, projected; numbers beside are the paper's, of 128 x 1024.
        Tensor x = patch_embed.call(input);                                   // (B, D, F', T')     768, 12 x 101
        x = Tokens(x);                                                        // (B, N, D)          1214

        // The classifier sees two tokens; the others end before the last block.
        x = AttentionBlock.FirstTokens(blocks, x, 2);                         // (B, 2, D)
        return norm.call(x).MoveToOuterDisposeScope();                        // (B, 2, D)
    }

    /// <summary>
    /// Section 2.1: patches (B, D, F', T') to a sequence along time, then frequency, with two tokens before it and position
    /// encodings, (B, N, D).
    /// </summary>
    public Tensor Tokens(Tensor patches)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = patches.shape[0];
        Tensor x = cat(                                                       // (B, N, D), N = F' T' + 2
            [
                cls_token.expand(batch, 1, patches.shape[1]),
                dist_token.expand(batch, 1, patches.shape[1]),
                patches.flatten(2).transpose(1, 2),                           // (B, F' T', D)
            ],
            1);
        return x.Plus(pos_embed).MoveToOuterDisposeScope();
    }

    private static Parameter Encoding(int count, int dim, Generator generator)
    {
        Parameter encoding = new(zeros(1, count, dim));
        Initialization.Normal(encoding, generator);
        return encoding;
    }
}
