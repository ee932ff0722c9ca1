using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using static System.FormattableString;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Configuration of AST. The defaults are the paper's.</summary>
/// <remarks>
/// Source: Y. Gong, Y.-A. Chung and J. Glass, "AST: Audio Spectrogram Transformer", Interspeech 2021; sections are its own.
/// </remarks>
public sealed record AstConfig : AudioModelConfig
{
    /// <summary>
    /// Patch size. Height and width of a patch, in mel bins and frames, 1 or more. Default: 16 (section 2.1).
    /// </summary>
    [Whole(1)]
    public int PatchSize { get; set; } = 16;

    /// <summary>
    /// Stride in frequency. Mel bins from one patch to the next, 1 or more; patches overlap where it is below
    /// <see cref="PatchSize"/>. Default: 10 (section 2.1).
    /// </summary>
    [Whole(1)]
    public int StrideFrequency { get; set; } = 10;

    /// <summary>Stride in time. Frames from one patch to the next, 1 or more. Default: 10 (section 2.1).</summary>
    [Whole(1)]
    public int StrideTime { get; set; } = 10;

    /// <summary>Embedding dimension. Width of a token, a multiple of <see cref="Heads"/>. Default: 768 (section 2.1).</summary>
    [Whole(1)]
    public int EmbedDim { get; set; } = 768;

    /// <summary>Depth. Attention blocks, 1 or more. Default: 12 (section 2.1).</summary>
    [Whole(1)]
    [SweptRange(3, 12, IsAtMostOwn = true)]
    public int Depth { get; set; } = 12;

    /// <summary>Attention heads of a block, 1 or more. Default: 12 (section 2.1).</summary>
    [Whole(1)]
    public int Heads { get; set; } = 12;

    /// <summary>MLP ratio. Width of a block's hidden layer, in token widths, above 0. Default: 4 (DeiT-B).</summary>
    [Positive]
    public double MlpRatio { get; set; } = 4;

    /// <summary>
    /// Bias of queries, keys and values (<c>qkv_bias</c>). Default: true, as in all published files.
    /// </summary>
    public bool QkvBias { get; set; } = true;

    /// <summary>
    /// Epsilon of the normalizations in and after the blocks, added to the variance, above 0. Default: 1e-6 (timm, on which the
    /// official code builds); Hugging Face's files have 1e-12 (<c>layer_norm_eps</c>).
    /// </summary>
    [Positive]
    public double NormEpsilon { get; set; } = 1e-6;

    /// <summary>
    /// Epsilon of the head's normalization, above 0. Default: 1e-5 (PyTorch's, in the official code); Hugging Face's files have
    /// 1e-12.
    /// </summary>
    [Positive]
    public double HeadNormEpsilon { get; set; } = 1e-5;

    /// <summary>
    /// Stochastic depth. The share of clips that skip the last block's branches in training, growing from 0 at the first
    /// block; 0 to less than 1. Default: 0, as in the paper.
    /// </summary>
    [Between(0, 1, IsBelowMaximum = true)]
    public double DropPath { get; set; }

    /// <summary>Mel bins of the input.</summary>
    [JsonInclude]
    internal int InputFrequency { get; set; } = 128;

    /// <summary>Frames of every input.</summary>
    [JsonInclude]
    internal int InputTime { get; set; } = 1024;

    /// <summary>Classes of the head.</summary>
    [JsonInclude]
    internal int Classes { get; set; } = 527;

    /// <summary>Rows of patches.</summary>
    internal int FrequencyPatches => PatchEmbedding.Count(InputFrequency, PatchSize, StrideFrequency);

    /// <summary>Columns of patches.</summary>
    internal int TimePatches => PatchEmbedding.Count(InputTime, PatchSize, StrideTime);

    /// <summary>Tokens of an input: the patches, the class token and the distillation token.</summary>
    internal int SequenceLength => (FrequencyPatches * TimePatches) + 2;

    /// <summary>Checks all options, and the sizes of input and output.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    internal void Validate()
    {
        OptionCheck.All(this);
        OptionCheck.That(
            PatchSize <= InputFrequency, PatchSize, PathOf(nameof(PatchSize)),
            $"at most the {InputFrequency} mel bins of the features");
        OptionCheck.That(
            PatchSize <= InputTime, PatchSize, PathOf(nameof(PatchSize)), $"at most the {InputTime} frames of the features");
        OptionCheck.AtLeast(1, Classes, nameof(Classes));
        double positions = ((double)FrequencyPatches * TimePatches) + ModelMemory.Square(PatchSize) + Classes;
        ModelMemory.Check(
            (Depth * ModelMemory.Block(EmbedDim, MlpRatio)) + (EmbedDim * positions),
            Invariant($"EmbedDim {EmbedDim}, Depth {Depth}, MlpRatio {MlpRatio} and PatchSize {PatchSize} ")
            + Invariant($"for {InputTime} frames"));
    }

    private protected override void CheckTogether(string prefix)
    {
        OptionCheck.That(EmbedDim % Heads == 0, EmbedDim, prefix + nameof(EmbedDim), $"a multiple of {nameof(Heads)}, {Heads}");
        OptionCheck.That(MlpRatio * EmbedDim >= 1, MlpRatio, prefix + nameof(MlpRatio), "one that leaves a hidden layer");
    }
}
