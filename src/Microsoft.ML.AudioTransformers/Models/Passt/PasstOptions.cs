using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What the trainer can be told; the sizes default to the paper's PaSST-S.</summary>
public sealed partial class PasstOptions : AudioTrainerOptions
{
    /// <summary>Options with the paper's values.</summary>
    public PasstOptions()
    {
        LearningRate = 1e-5;
    }

    /// <summary>Height and width of a patch, in mel bins and frames, 1 or more. Default: 16 (section 3.2).</summary>
    public int PatchSize = 16;

    /// <summary>
    /// Mel bins between patches, 1 or more. Default: 10, so that patches overlap; 16 for PaSST-N (section 2.3.1).
    /// </summary>
    public int StrideFrequency = 10;

    /// <summary>Frames between patches, 1 or more. Default: 10; 16 for PaSST-N (section 2.3.1).</summary>
    public int StrideTime = 10;

    /// <summary>Width of a token, a multiple of <see cref="Heads"/>. Default: 768 (DeiT-B, section 3.2).</summary>
    public int EmbedDim = 768;

    /// <summary>Attention blocks before <see cref="CutDepth"/> removes any, 1 or more. Default: 12 (DeiT-B).</summary>
    public int Depth = 12;

    /// <summary>
    /// Which blocks are removed: 0 none; n above 0, at most <see cref="Depth"/> - 2, the blocks 1 to n; n below 0
    /// keeps the first, the last, and every -n-th between. Default: 0; PaSST-L has -2, which leaves 7 of 12
    /// (section 2.3.2).
    /// </summary>
    public int CutDepth;

    /// <summary>Width of a block's hidden layer, in token widths, above 0. Default: 4 (DeiT-B).</summary>
    public double MlpRatio = 4;

    /// <summary>
    /// Stochastic depth: the share of clips that skip the last block's branches in training, growing from 0 at the
    /// first block; 0 to less than 1. Default: 0, as in the paper.
    /// </summary>
    public double DropPath;

    /// <summary>Attention heads, 1 or more. Default: 12 (DeiT-B).</summary>
    public int Heads = 12;

    /// <summary>Whether a distillation token stands beside the class token. Default: true (figure 2).</summary>
    public bool Distilled = true;

    /// <summary>
    /// Columns of patches that a training step drops: structured patchout in time, 0 (off) or more, fewer than there
    /// are. Default: 0; the AudioSet recipe has 40 of 99, ESC-50's 10 (section 2.2).
    /// </summary>
    public int PatchoutTime;

    /// <summary>
    /// Rows of patches that a training step drops: structured patchout in frequency, 0 (off) or more, fewer than
    /// there are. Default: 0; the AudioSet recipe has 4 of 12, ESC-50's 3 (section 2.2).
    /// </summary>
    public int PatchoutFrequency;

    /// <summary>
    /// Patches that a training step drops wherever they are: unstructured patchout, 0 (off) or more, fewer than
    /// there are. Default: 0; PaSST-U has 400 of 1188 (section 2.2).
    /// </summary>
    public int PatchoutUnstructured;

    internal override ModelArchitecture CreateArchitecture() => new PasstArchitecture { Sizes = Sizes() };

    internal override LearningRateSchedule CreateDefaultSchedule() =>
        new CosineSchedule(warmupEpochs: Math.Min(5, Epochs / 4.0));

    internal override void Check()
    {
        base.Check();
        Sizes().ValidateSizes();
    }

    /// <summary>The model's sizes, but for those of input and output.</summary>
    internal PasstConfig Sizes() => new()
    {
        PatchSize = PatchSize,
        StrideFrequency = StrideFrequency,
        StrideTime = StrideTime,
        EmbedDim = EmbedDim,
        Heads = Heads,
        MlpRatio = MlpRatio,
        Depth = Depth,
        CutDepth = CutDepth,
        DropPath = DropPath,
        Distilled = Distilled,
        PatchoutTime = PatchoutTime,
        PatchoutFrequency = PatchoutFrequency,
        PatchoutUnstructured = PatchoutUnstructured,
    };
}
