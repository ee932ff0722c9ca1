using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// The architecture of a <see cref="Passt"/>. The defaults are PaSST-B of the paper, for ten seconds of 100 frames a
/// second and AudioSet's classes.
/// </summary>
internal sealed record PasstConfig
{
    /// <summary>Mel bins of the input.</summary>
    public int InputFrequency { get; init; } = 128;

    /// <summary>Frames of the longest input; a longer one is cut.</summary>
    public int InputTime { get; init; } = 998;

    /// <summary>Height and width of a patch.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>
    /// Mel bins from one patch to the next; the patches overlap where it is below <see cref="PatchSize"/>.
    /// </summary>
    public int StrideFrequency { get; init; } = 10;

    /// <summary>Frames from one patch to the next.</summary>
    public int StrideTime { get; init; } = 10;

    /// <summary>Width of a token, a multiple of <see cref="Heads"/>.</summary>
    public int EmbedDim { get; init; } = 768;

    /// <summary>Blocks before <see cref="CutDepth"/> removes any.</summary>
    public int Depth { get; init; } = 12;

    /// <summary>Attention heads of a block.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Width of a block's hidden layer, in token widths.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Classes of the head.</summary>
    public int Classes { get; init; } = 527;

    /// <summary>Whether a distillation token D stands beside the classification token C, as in DeiT.</summary>
    public bool Distilled { get; init; } = true;

    /// <summary>
    /// Which blocks are removed (section 2.3.2; <c>lighten_model</c> in the code): 0 none; n above 0 the blocks 1 to n;
    /// n below 0 keeps the first, the last, and every -n-th of those between from the second on.
    /// </summary>
    public int CutDepth { get; init; }

    /// <summary>Columns of patches that structured Patchout drops in training (section 2.2).</summary>
    public int PatchoutTime { get; init; }

    /// <summary>Rows of patches that structured Patchout drops in training.</summary>
    public int PatchoutFrequency { get; init; }

    /// <summary>Patches that unstructured Patchout drops in training, after the structured one.</summary>
    public int PatchoutUnstructured { get; init; }

    /// <summary>Stochastic depth of the last block, growing from 0 at the first; the paper has none.</summary>
    public double DropPath { get; init; }

    /// <summary>PaSST-B: no Patchout.</summary>
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

    /// <summary>PaSST-S-L: the Patchout of S, the depth of L.</summary>
    public static PasstConfig SL => S with { CutDepth = -2 };

    /// <summary>Rows of patches, which is also how many frequency positions there are.</summary>
    public int FrequencyPatches => PatchEmbedding.Count(InputFrequency, PatchSize, StrideFrequency);

    /// <summary>Columns of patches of an input of <see cref="InputTime"/> frames.</summary>
    public int TimePatches => PatchEmbedding.Count(InputTime, PatchSize, StrideTime);

    /// <summary>
    /// Time positions. The official code counts InputTime / StrideTime, which for overlapping patches can be one or
    /// more than fit, and its checkpoints have that shape.
    /// </summary>
    public int TimePositions => Math.Max(InputTime / StrideTime, TimePatches);

    /// <summary>The C token, and the D token if there is one.</summary>
    public int ExtraTokens => Distilled ? 2 : 1;

    /// <summary>Tokens of a full-length input outside training.</summary>
    public int SequenceLength => (FrequencyPatches * TimePatches) + ExtraTokens;

    /// <summary>Tokens of a full-length input in training, after Patchout: the paper's Table 1.</summary>
    public int TrainingSequenceLength =>
        ((FrequencyPatches - PatchoutFrequency) * (TimePatches - PatchoutTime)) - PatchoutUnstructured + ExtraTokens;

    /// <summary>The blocks of 0 to <see cref="Depth"/> - 1 that <see cref="CutDepth"/> leaves.</summary>
    public IReadOnlyList<int> KeptBlocks()
    {
        IEnumerable<int> all = Enumerable.Range(0, Depth);
        return CutDepth switch
        {
            0 => [.. all],
            > 0 => [.. all.Where(block => block == 0 || block > CutDepth)],
            _ => [.. all.Where(block => block == 0 || block == Depth - 1 || (block - 1) % -CutDepth == 0)],
        };
    }

    /// <summary>Checks all but what depends on the input's and the output's size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option is outside its range, or does not fit another.
    /// </exception>
    public void ValidateSizes()
    {
        OptionCheck.AtLeast(1, PatchSize, nameof(PatchSize));
        OptionCheck.AtLeast(1, StrideFrequency, nameof(StrideFrequency));
        OptionCheck.AtLeast(1, StrideTime, nameof(StrideTime));
        OptionCheck.AtLeast(1, Heads, nameof(Heads));
        OptionCheck.AtLeast(1, Depth, nameof(Depth));
        OptionCheck.AtLeast(0, PatchoutTime, nameof(PatchoutTime));
        OptionCheck.AtLeast(0, PatchoutFrequency, nameof(PatchoutFrequency));
        OptionCheck.AtLeast(0, PatchoutUnstructured, nameof(PatchoutUnstructured));
        OptionCheck.That(EmbedDim > 0 && EmbedDim % Heads == 0, EmbedDim, nameof(EmbedDim),
            $"a multiple of {nameof(Heads)}, {Heads}");
        OptionCheck.That(MlpRatio * EmbedDim >= 1, MlpRatio, nameof(MlpRatio), "above 0");
        OptionCheck.That(CutDepth <= 0 || (CutDepth > 0 && CutDepth + 2 <= Depth), CutDepth, nameof(CutDepth),
            $"0 or below, or from 1 to {nameof(Depth)} - 2");
        OptionCheck.That(DropPath is >= 0 and < 1, DropPath, nameof(DropPath), "from 0 to less than 1");
    }

    /// <summary>Checks everything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option is outside its range, or does not fit another.
    /// </exception>
    public void Validate()
    {
        ValidateSizes();
        OptionCheck.AtLeast(PatchSize, InputFrequency, nameof(InputFrequency));
        OptionCheck.AtLeast(PatchSize, InputTime, nameof(InputTime));
        OptionCheck.AtLeast(1, Classes, nameof(Classes));
        ModelMemory.Check(this);
        OptionCheck.That(PatchoutTime < TimePatches, PatchoutTime, nameof(PatchoutTime),
            $"less than the {TimePatches} columns of patches");
        OptionCheck.That(PatchoutFrequency < FrequencyPatches, PatchoutFrequency, nameof(PatchoutFrequency),
            $"less than the {FrequencyPatches} rows of patches");
        OptionCheck.That(TrainingSequenceLength > ExtraTokens, PatchoutUnstructured, nameof(PatchoutUnstructured),
            $"less than the {TrainingSequenceLength + PatchoutUnstructured - ExtraTokens} patches that are left");
    }
}
