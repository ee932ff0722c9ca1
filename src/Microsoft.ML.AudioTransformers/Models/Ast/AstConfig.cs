using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// The architecture of an <see cref="Ast"/>. The defaults are the paper's, for ten seconds of 100 frames a second and
/// AudioSet's classes.
/// </summary>
internal sealed record AstConfig
{
    /// <summary>Mel bins of the input.</summary>
    public int InputFrequency { get; init; } = 128;

    /// <summary>Frames of every input.</summary>
    public int InputTime { get; init; } = 1024;

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

    /// <summary>Number of blocks.</summary>
    public int Depth { get; init; } = 12;

    /// <summary>Attention heads of a block.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Width of a block's hidden layer, in token widths.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Classes of the head.</summary>
    public int Classes { get; init; } = 527;

    /// <summary>
    /// Classes of the ImageNet heads <c>v.head</c> and <c>v.head_dist</c>, which official files hold and nothing uses;
    /// 0 leaves them out.
    /// </summary>
    public int BackboneClasses { get; init; } = 1000;

    /// <summary>Stochastic depth of the last block, growing from 0 at the first; the paper has none.</summary>
    public double DropPath { get; init; }

    /// <summary>Rows of patches.</summary>
    public int FrequencyPatches => PatchEmbedding.Count(InputFrequency, PatchSize, StrideFrequency);

    /// <summary>Columns of patches.</summary>
    public int TimePatches => PatchEmbedding.Count(InputTime, PatchSize, StrideTime);

    /// <summary>Tokens: every patch, one for the class, one for distillation.</summary>
    public int SequenceLength => (FrequencyPatches * TimePatches) + 2;

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
        OptionCheck.AtLeast(0, BackboneClasses, nameof(BackboneClasses));
        OptionCheck.That(
            EmbedDim > 0 && EmbedDim % Heads == 0, EmbedDim, nameof(EmbedDim),
            $"a multiple of {nameof(Heads)}, {Heads}");
        OptionCheck.That(MlpRatio * EmbedDim >= 1, MlpRatio, nameof(MlpRatio), "above 0");
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
    }
}
