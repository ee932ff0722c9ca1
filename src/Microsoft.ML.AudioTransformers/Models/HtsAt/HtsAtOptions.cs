using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What the trainer can be told; the sizes default to the paper's, the recipe to the official code's.
/// </summary>
public sealed partial class HtsAtOptions : AudioTrainerOptions
{
    /// <summary>Options with the official code's values.</summary>
    public HtsAtOptions()
    {
        LearningRate = 1e-3;
        Epochs = 100;
        WeightDecay = 0.05;
    }

    /// <summary>
    /// Height and width of the square image that a spectrogram is folded into, in mel bins and frames: windows of so
    /// many frames stand one above the other, as many as fit with the mel bins that the features have. Default: 256,
    /// so that an image has 1024 frames of 64 mel bins, about ten seconds (section 3.1.1).
    /// </summary>
    public int ImageSize = 256;

    /// <summary>Height and width of a patch, in mel bins and frames, 1 or more. Default: 4 (section 3.1.1).</summary>
    public int PatchSize = 4;

    /// <summary>
    /// Mel bins between patches: a divisor of <see cref="ImageSize"/>, at most <see cref="PatchSize"/>, and even or odd
    /// as it is. Default: 4.
    /// </summary>
    public int StrideFrequency = 4;

    /// <summary>Frames between patches, as <see cref="StrideFrequency"/>. Default: 4.</summary>
    public int StrideTime = 4;

    /// <summary>
    /// Width of the first stage's tokens, 1 or more; each further stage doubles it. Default: 96 (section 3.1.1).
    /// </summary>
    public int EmbedDim = 96;

    /// <summary>
    /// Blocks of each stage, 1 or more; between stages the map is merged to half its height and width.
    /// Default: 2, 2, 6, 2 (section 3.1.1).
    /// </summary>
    public int[] Depths = [2, 2, 6, 2];

    /// <summary>
    /// Attention heads of each stage, divisors of its token width. Default: 4, 8, 16, 32 (the official code).
    /// </summary>
    public int[] Heads = [4, 8, 16, 32];

    /// <summary>
    /// Rows and columns of tokens in an attention window; they divide the tokens of each stage. Default: 8
    /// (section 3.1.1).
    /// </summary>
    public int WindowSize = 8;

    /// <summary>Width of a block's hidden layer, in token widths, above 0. Default: 4 (Swin).</summary>
    public double MlpRatio = 4;

    /// <summary>
    /// Stochastic depth: the share of clips that skip the last block's branches in training, growing from 0 at the
    /// first block; 0 to less than 1. Default: 0.1 (the official code).
    /// </summary>
    public double DropPath = 0.1;

    /// <summary>
    /// Whether a token-semantic layer maps the tokens to the presence of each class in time (section 2.2); without it
    /// a linear layer classifies their mean. Default: true.
    /// </summary>
    public bool TokenSemantic = true;

    /// <summary>
    /// How that layer's steps in time make up a clip's score. Default: <see cref="HtsAtPooling.Mean"/> (section 2.2).
    /// </summary>
    public HtsAtPooling Pooling = HtsAtPooling.Mean;

    /// <summary>Whether tokens have learned absolute positions beside the relative ones. Default: false.</summary>
    public bool AbsolutePositions;

    /// <summary>
    /// What is done with clips that are shorter than an image. Default: <see cref="HtsAtShortClips.Resize"/>.
    /// </summary>
    public HtsAtShortClips ShortClips = HtsAtShortClips.Resize;

    /// <summary>
    /// What is done with clips that are longer than an image. Default: <see cref="HtsAtLongClips.Windows"/>.
    /// </summary>
    public HtsAtLongClips LongClips = HtsAtLongClips.Windows;

    internal override ModelArchitecture CreateArchitecture() => new HtsAtArchitecture { Sizes = Sizes() };

    internal override LearningRateSchedule CreateDefaultSchedule() => new StagedSchedule();

    internal override void Check()
    {
        base.Check();
        Sizes().ValidateSizes();
    }

    /// <summary>The model's sizes, but for those of input and output.</summary>
    internal HtsAtConfig Sizes() => new()
    {
        ImageSize = ImageSize,
        PatchSize = PatchSize,
        StrideFrequency = StrideFrequency,
        StrideTime = StrideTime,
        EmbedDim = EmbedDim,
        Depths = [.. Depths ?? []],
        Heads = [.. Heads ?? []],
        WindowSize = WindowSize,
        MlpRatio = MlpRatio,
        DropPath = DropPath,
        TokenSemantic = TokenSemantic,
        Pooling = Pooling,
        AbsolutePositions = AbsolutePositions,
        ShortClips = ShortClips,
        LongClips = LongClips,
    };
}
