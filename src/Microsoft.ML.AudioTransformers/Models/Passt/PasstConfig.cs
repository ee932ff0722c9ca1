using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using static System.FormattableString;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Configuration of PaSST. The defaults are the paper's PaSST-B; the other sizes are presets.</summary>
/// <remarks>
/// Source: K. Koutini et al., "Efficient Training of Audio Transformers with Patchout", Interspeech 2022; sections and
/// tables are its own.
/// </remarks>
public sealed record PasstConfig : AudioModelConfig
{
    /// <summary>
    /// Patch size. Height and width of a patch, in mel bins and frames, 1 or more. Default: 16 (section 3.2).
    /// </summary>
    [Whole(1)]
    public int PatchSize { get; set; } = 16;

    /// <summary>
    /// Stride in frequency. Mel bins from one patch to the next, 1 or more; patches overlap where it is below
    /// <see cref="PatchSize"/>. Default: 10; 16 for PaSST-N (section 2.3.1).
    /// </summary>
    [Whole(1)]
    public int StrideFrequency { get; set; } = 10;

    /// <summary>
    /// Stride in time. Frames from one patch to the next, 1 or more. Default: 10; 16 for PaSST-N (section 2.3.1).
    /// </summary>
    [Whole(1)]
    public int StrideTime { get; set; } = 10;

    /// <summary>
    /// Embedding dimension. Width of a token, a multiple of <see cref="Heads"/>. Default: 768 (DeiT-B, section 3.2).
    /// </summary>
    [Whole(1)]
    public int EmbedDim { get; set; } = 768;

    /// <summary>Depth. Attention blocks before <see cref="CutDepth"/> removes any, 1 or more. Default: 12 (DeiT-B).</summary>
    [Whole(1)]
    [SweptRange(3, 12, IsAtMostOwn = true)]
    public int Depth { get; set; } = 12;

    /// <summary>Attention heads of a block, 1 or more. Default: 12 (DeiT-B).</summary>
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
    /// Representation size (<c>representation_size</c>). Width of a layer with a tanh between the class token and the head, 0 for
    /// none or more; only without <see cref="Distilled"/>, for the official code has it only there. Default: 0.
    /// </summary>
    [Whole(0)]
    public int RepresentationSize { get; set; }

    /// <summary>
    /// Distillation token. Whether one stands beside the class token, as in DeiT. Default: true (figure 2).
    /// </summary>
    public bool Distilled { get; set; } = true;

    /// <summary>
    /// Removed blocks (<c>lighten_model</c> in the official code): 0 none; n above 0, at most <see cref="Depth"/> - 2, the
    /// blocks 1 to n; n below 0 keeps the first, the last, and every -n-th between. Default: 0; PaSST-L has -2, which leaves 7
    /// of 12 (section 2.3.2).
    /// </summary>
    public int CutDepth { get; set; }

    /// <summary>
    /// Structured patchout in time. Columns of patches that a training step drops, 0 (off) or more, fewer than there are.
    /// Default: 0; the AudioSet recipe has 40 of 99, ESC-50's 10 (section 2.2).
    /// </summary>
    [Whole(0)]
    [SweptRange(0, 50, HalfOf = nameof(TimePatches))]
    [SweptAlternative("Patchout", "Structured")]
    public int PatchoutTime { get; set; }

    /// <summary>
    /// Structured patchout in frequency. Rows of patches that a training step drops, 0 (off) or more, fewer than there are.
    /// Default: 0; the AudioSet recipe has 4 of 12, ESC-50's 3 (section 2.2).
    /// </summary>
    [Whole(0)]
    [SweptRange(0, 6, HalfOf = nameof(FrequencyPatches))]
    [SweptAlternative("Patchout", "Structured")]
    public int PatchoutFrequency { get; set; }

    /// <summary>
    /// Unstructured patchout. Patches that a training step drops wherever they are, after the structured one; 0 (off) or
    /// more, fewer than there are. Default: 0; PaSST-U has 400 of 1188 (section 2.2).
    /// </summary>
    [Whole(0)]
    [SweptRange(0, 600, HalfOf = nameof(Patches))]
    [SweptAlternative("Patchout", "Unstructured")]
    public int PatchoutUnstructured { get; set; }

    /// <summary>
    /// Stochastic depth. The share of clips that skip the last block's branches in training, growing from 0 at the first
    /// block; 0 to less than 1. Default: 0, as in the paper.
    /// </summary>
    [Between(0, 1, IsBelowMaximum = true)]
    public double DropPath { get; set; }

    /// <summary>PaSST-B: no patchout.</summary>
    public static PasstConfig B => new();

    /// <summary>PaSST-U: 400 patches dropped anywhere.</summary>
    public static PasstConfig U => new() { PatchoutUnstructured = 400 };

    /// <summary>PaSST-S: 40 columns and 4 rows of patches dropped.</summary>
    public static PasstConfig S => new() { PatchoutTime = 40, PatchoutFrequency = 4 };

    /// <summary>PaSST-N: no overlap.</summary>
    public static PasstConfig N => new() { StrideFrequency = 16, StrideTime = 16 };

    /// <summary>PaSST-L: every other block removed, 7 remain.</summary>
    public static PasstConfig L => new() { CutDepth = -2 };

    /// <summary>PaSST-S-N: no overlap, 20 columns and 2 rows of patches dropped.</summary>
    public static PasstConfig SN => N with { PatchoutTime = 20, PatchoutFrequency = 2 };

    /// <summary>PaSST-S-L: the patchout of S, the depth of L.</summary>
    public static PasstConfig SL => S with { CutDepth = -2 };

    /// <summary>Mel bins of the input.</summary>
    [JsonInclude]
    internal int InputFrequency { get; set; } = 128;

    /// <summary>Frames of the longest input; a longer one is cut.</summary>
    [JsonInclude]
    internal int InputTime { get; set; } = 998;

    /// <summary>Classes of the head.</summary>
    [JsonInclude]
    internal int Classes { get; set; } = 527;

    /// <summary>Rows of patches, and frequency positions.</summary>
    internal int FrequencyPatches => PatchEmbedding.Count(InputFrequency, PatchSize, StrideFrequency);

    /// <summary>Columns of patches of an input of <see cref="InputTime"/> frames.</summary>
    internal int TimePatches => PatchEmbedding.Count(InputTime, PatchSize, StrideTime);

    /// <summary>Patches of an input of <see cref="InputTime"/> frames.</summary>
    internal int Patches => FrequencyPatches * TimePatches;

    /// <inheritdoc/>
    internal override IReadOnlyDictionary<string, int> Sizes((int Frames, int Mels)? features)
    {
        PasstConfig sized = features is (int frames, int mels)
            ? this with { InputTime = frames, InputFrequency = mels }
            : this;
        return new Dictionary<string, int>(base.Sizes(features))
        {
            [nameof(TimePatches)] = sized.TimePatches,
            [nameof(FrequencyPatches)] = sized.FrequencyPatches,
            [nameof(Patches)] = sized.Patches,
        };
    }

    /// <summary>
    /// Time positions. The official code counts InputTime / StrideTime, which for overlapping patches can be one or
    /// more than fit, and its checkpoints have that shape.
    /// </summary>
    internal int TimePositions => Math.Max(InputTime / StrideTime, TimePatches);

    /// <summary>Width of the head's input, and length of an embedding.</summary>
    internal int FeatureDim => RepresentationSize > 0 ? RepresentationSize : EmbedDim;

    /// <summary>Tokens beside the patches: the class token, and the distillation token where there is one.</summary>
    internal int ExtraTokens => Distilled ? 2 : 1;

    /// <summary>Tokens of a full-length input outside of training.</summary>
    internal int SequenceLength => (FrequencyPatches * TimePatches) + ExtraTokens;

    /// <summary>Tokens of a full-length input in training, after patchout: the paper's Table 1.</summary>
    internal int TrainingSequenceLength =>
        ((FrequencyPatches - PatchoutFrequency) * (TimePatches - PatchoutTime)) - PatchoutUnstructured + ExtraTokens;

    /// <summary>Blocks that <see cref="CutDepth"/> keeps, of 0 to <see cref="Depth"/> - 1.</summary>
    internal IReadOnlyList<int> KeptBlocks()
    {
        IEnumerable<int> all = Enumerable.Range(0, Depth);
        return CutDepth switch
        {
            0 => [.. all],
            > 0 => [.. all.Where(block => block == 0 || block > CutDepth)],
            _ => [.. all.Where(block => block == 0 || block == Depth - 1 || (block - 1) % -CutDepth == 0)],
        };
    }

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
        CheckMemory();
        OptionCheck.That(PatchoutTime < TimePatches, PatchoutTime, PathOf(nameof(PatchoutTime)),
            $"less than the {TimePatches} columns of patches");
        OptionCheck.That(PatchoutFrequency < FrequencyPatches, PatchoutFrequency, PathOf(nameof(PatchoutFrequency)),
            $"less than the {FrequencyPatches} rows of patches");
        OptionCheck.That(
            TrainingSequenceLength > ExtraTokens, PatchoutUnstructured, PathOf(nameof(PatchoutUnstructured)),
            $"less than the {TrainingSequenceLength + PatchoutUnstructured - ExtraTokens} patches that are left");
    }

    private void CheckMemory()
    {
        double blocks = CutDepth switch
        {
            0 => Depth,
            > 0 => Depth - CutDepth,
            _ => Depth / -(double)CutDepth,
        };
        double positions = ((double)InputTime / StrideTime) + ModelMemory.Square(PatchSize) + Classes;
        ModelMemory.Check(
            (blocks * ModelMemory.Block(EmbedDim, MlpRatio)) + (EmbedDim * positions)
            + ((double)RepresentationSize * (EmbedDim + Classes)),
            Invariant($"EmbedDim {EmbedDim}, Depth {Depth}, MlpRatio {MlpRatio}, PatchSize {PatchSize} ")
            + Invariant($"and RepresentationSize {RepresentationSize} ")
            + Invariant($"for {InputTime} frames"));
    }

    private protected override void CheckTogether(string prefix)
    {
        OptionCheck.That(EmbedDim % Heads == 0, EmbedDim, prefix + nameof(EmbedDim), $"a multiple of {nameof(Heads)}, {Heads}");
        OptionCheck.That(MlpRatio * EmbedDim >= 1, MlpRatio, prefix + nameof(MlpRatio), "one that leaves a hidden layer");
        OptionCheck.That(
            RepresentationSize == 0 || !Distilled, RepresentationSize, prefix + nameof(RepresentationSize),
            $"0 where {nameof(Distilled)} is true");
        OptionCheck.That(CutDepth <= 0 || CutDepth + 2 <= Depth, CutDepth, prefix + nameof(CutDepth),
            $"0 or below, or from 1 to {nameof(Depth)} - 2");
    }
}
