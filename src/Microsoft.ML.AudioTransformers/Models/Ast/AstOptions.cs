using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What the trainer can be told; the sizes and the recipe default to the paper's, of ESC-50.</summary>
public sealed partial class AstOptions : AudioTrainerOptions
{
    /// <summary>Options with the paper's values.</summary>
    public AstOptions()
    {
        LearningRate = 1e-5;
        Epochs = 25;
        BatchSize = 48;
        WeightDecay = 5e-7;
    }

    /// <summary>Height and width of a patch, in mel bins and frames, 1 or more. Default: 16 (section 2.1).</summary>
    public int PatchSize = 16;

    /// <summary>
    /// Mel bins between patches, 1 or more. Default: 10, so that patches overlap (section 2.1).
    /// </summary>
    public int StrideFrequency = 10;

    /// <summary>Frames between patches, 1 or more. Default: 10 (section 2.1).</summary>
    public int StrideTime = 10;

    /// <summary>Width of a token, a multiple of <see cref="Heads"/>. Default: 768 (section 2.1).</summary>
    public int EmbedDim = 768;

    /// <summary>Attention blocks, 1 or more. Default: 12 (section 2.1).</summary>
    public int Depth = 12;

    /// <summary>Attention heads, 1 or more. Default: 12 (section 2.1).</summary>
    public int Heads = 12;

    /// <summary>Width of a block's hidden layer, in token widths, above 0. Default: 4 (DeiT-B).</summary>
    public double MlpRatio = 4;

    /// <summary>
    /// Stochastic depth: the share of clips that skip the last block's branches in training, growing from 0 at the
    /// first block; 0 to less than 1. Default: 0, as in the paper.
    /// </summary>
    public double DropPath;

    internal override ModelArchitecture CreateArchitecture() => new AstArchitecture { Sizes = Sizes() };

    // The ESC-50 recipe of the official code.
    internal override LearningRateSchedule CreateDefaultSchedule() =>
        new MultiStepSchedule(decayStart: 5, decay: 0.85, warmupSteps: 0);

    internal override void Check()
    {
        base.Check();
        Sizes().ValidateSizes();
    }

    /// <summary>The model's sizes, but for those of input and output.</summary>
    internal AstConfig Sizes() => new()
    {
        PatchSize = PatchSize,
        StrideFrequency = StrideFrequency,
        StrideTime = StrideTime,
        EmbedDim = EmbedDim,
        Depth = Depth,
        Heads = Heads,
        MlpRatio = MlpRatio,
        DropPath = DropPath,
    };
}
