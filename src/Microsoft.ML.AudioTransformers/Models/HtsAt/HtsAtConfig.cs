using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using static System.FormattableString;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Configuration of HTS-AT. The defaults are the paper's full setting (section 3.1.1).</summary>
/// <remarks>
/// Source: K. Chen et al., "HTS-AT: A Hierarchical Token-Semantic Audio Transformer for Sound Classification and Detection",
/// ICASSP 2022; sections are its own.
/// </remarks>
public sealed record HtsAtConfig : AudioModelConfig
{
    /// <summary>
    /// Image size (<c>spec_size</c>). Height and width of the square image that a spectrogram is folded into, in mel bins and
    /// frames: windows of so many frames stand one above the other, as many as there is room for with the features' mel bins.
    /// Default: 256, so that an image has 1024 frames of 64 mel bins, about ten seconds (section 3.1.1).
    /// </summary>
    [Whole(1)]
    public int ImageSize { get; set; } = 256;

    /// <summary>
    /// Patch size. Height and width of a patch, in mel bins and frames, 1 or more. Default: 4 (section 3.1.1).
    /// </summary>
    [Whole(1)]
    public int PatchSize { get; set; } = 4;

    /// <summary>
    /// Stride in frequency. Mel bins from one patch to the next: a divisor of <see cref="ImageSize"/>, at most
    /// <see cref="PatchSize"/>, and even or odd as it is. Default: 4.
    /// </summary>
    public int StrideFrequency { get; set; } = 4;

    /// <summary>Stride in time. Frames from one patch to the next, as <see cref="StrideFrequency"/>. Default: 4.</summary>
    public int StrideTime { get; set; } = 4;

    /// <summary>
    /// Embedding dimension. Width of the first stage's tokens, 1 or more; each further stage doubles it. Default: 96 (section
    /// 3.1.1).
    /// </summary>
    [Whole(1)]
    public int EmbedDim { get; set; } = 96;

    /// <summary>
    /// Depths. Blocks of each stage, 1 or more, of 1 to 16 stages; between stages the map is merged to half its height and
    /// width. Default: 2, 2, 6, 2 (section 3.1.1).
    /// </summary>
    [Whole(1)]
    public IReadOnlyList<int> Depths { get; set; } = [2, 2, 6, 2];

    /// <summary>
    /// Attention heads of each stage, divisors of its token width. Default: 4, 8, 16, 32 (the official code).
    /// </summary>
    [Whole(1)]
    public IReadOnlyList<int> Heads { get; set; } = [4, 8, 16, 32];

    /// <summary>
    /// Window size. Rows and columns of tokens in an attention window; they divide the tokens of each stage. Default: 8
    /// (section 3.1.1).
    /// </summary>
    [Whole(1)]
    public int WindowSize { get; set; } = 8;

    /// <summary>MLP ratio. Width of a block's hidden layer, in token widths, above 0. Default: 4 (Swin).</summary>
    [Positive]
    public double MlpRatio { get; set; } = 4;

    /// <summary>Absolute positions. Whether tokens have learned ones beside the relative ones. Default: false.</summary>
    public bool AbsolutePositions { get; set; }

    /// <summary>
    /// Patch normalization (<c>patch_norm</c>). Whether the tokens of patches are normalized before the first block. Default:
    /// true, as in all published files.
    /// </summary>
    public bool PatchNorm { get; set; } = true;

    /// <summary>
    /// Bias of queries, keys and values (<c>qkv_bias</c>). Default: true, as in all published files.
    /// </summary>
    public bool QkvBias { get; set; } = true;

    /// <summary>
    /// Token-semantic layer. Whether one maps the tokens to the presence of each class in time (section 2.2, HTS-AT of kind
    /// HC); without it a linear layer classifies their mean (kind H). Default: true.
    /// </summary>
    [SweptChoice]
    public bool TokenSemantic { get; set; } = true;

    /// <summary>
    /// Pooling. How the scores of steps in time are pooled to a clip's score. Default: <see cref="HtsAtPooling.Mean"/>
    /// (section 2.2).
    /// </summary>
    public HtsAtPooling Pooling { get; set; }

    /// <summary>
    /// Attention heat map. Whether the last stage's attention weights the presence map (<c>htsat_attn_heatmap</c>).
    /// </summary>
    [JsonInclude]
    internal bool AttentionHeatmap { get; set; }

    /// <summary>
    /// Stochastic depth. The share of clips that skip the last block's branches in training, growing from 0 at the first
    /// block; 0 to less than 1. Default: 0.1 (the official code).
    /// </summary>
    [Between(0, 1, IsBelowMaximum = true)]
    [SweptRange(0, 0.5)]
    public double DropPath { get; set; } = 0.1;

    /// <summary>
    /// Short clips. How clips shorter than an image fill it. Default: <see cref="HtsAtShortClips.Resize"/>.
    /// </summary>
    public HtsAtShortClips ShortClips { get; set; }

    /// <summary>
    /// Long clips. How clips longer than an image are cut into several. Default: <see cref="HtsAtLongClips.Windows"/>.
    /// </summary>
    public HtsAtLongClips LongClips { get; set; }

    /// <summary>HTS-AT of kind H: the hierarchy without the token-semantic layer.</summary>
    public static HtsAtConfig H => new() { TokenSemantic = false };

    /// <summary>HTS-AT of kind HC: with the token-semantic layer. HCP is the same from a pretrained Swin Transformer.</summary>
    public static HtsAtConfig HC => new();

    /// <summary>Mel bins of the input, at most <see cref="ImageSize"/>.</summary>
    [JsonInclude]
    internal int MelBins { get; set; } = 64;

    /// <summary>Classes.</summary>
    [JsonInclude]
    internal int Classes { get; set; } = 527;

    /// <summary>Windows of time in an image, as many as their mel bins have room for (<c>freq_ratio</c>).</summary>
    internal int TimeWindows => ImageSize / MelBins;

    /// <summary>Mel bins of a window in the image; a spectrogram of fewer is resized.</summary>
    internal int ImageMelBins => ImageSize / TimeWindows;

    /// <summary>Frames of an image, which a clip of so many fills as it is.</summary>
    internal int Frames => ImageSize * TimeWindows;

    /// <summary>Frames of the longest clip that <see cref="HtsAtLongClips.AveragedCrops"/> takes.</summary>
    internal int LongestCropped => (2 * Frames) + 2;

    /// <summary>Rows of tokens after the last stage.</summary>
    internal int FinalHeight => ImageSize / StrideFrequency / Shrinkage;

    /// <summary>Columns of tokens after the last stage.</summary>
    internal int FinalWidth => ImageSize / StrideTime / Shrinkage;

    /// <summary>Steps in time of the presence map, one for each column of tokens.</summary>
    internal int Steps => FinalWidth * TimeWindows;

    /// <summary>Frames of an image that one of the <see cref="Steps"/> covers.</summary>
    internal int FramesPerStep => StrideTime * Shrinkage;

    /// <summary>Sizes of the presence map.</summary>
    internal PresenceMapGeometry PresenceMap => new()
    {
        Classes = Classes,
        Mels = MelBins,
        Frames = Frames,
        Steps = Steps,
        FramesPerStep = FramesPerStep,
        RepeatsShortClips = ShortClips == HtsAtShortClips.Repeat,
        KnowsPositions = ShortClips != HtsAtShortClips.RepeatWindows,
    };

    /// <summary>Width of the last stage's tokens.</summary>
    internal int FinalDim => EmbedDim * Shrinkage;

    /// <summary>Factor by which the last stage's map is lower and narrower than the first's.</summary>
    private int Shrinkage => 1 << (Depths.Count - 1);

    /// <summary>Checks all options, and the sizes of input and output.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    internal void Validate()
    {
        OptionCheck.All(this);
        OptionCheck.AtLeast(1, Classes, nameof(Classes));
        OptionCheck.AtLeast(1, MelBins, nameof(MelBins));
        OptionCheck.That(
            MelBins <= ImageSize, ImageSize, PathOf(nameof(ImageSize)),
            $"at least the {MelBins} mel bins of the features");
        CheckMemory();
        OptionCheck.That(
            ImageMelBins * TimeWindows == ImageSize, ImageSize, PathOf(nameof(ImageSize)),
            $"a number that can be divided by {TimeWindows}, as often as the {MelBins} mel bins of the features go into it");
        OptionCheck.That(
            FinalHeight % TimeWindows == 0, ImageSize, PathOf(nameof(ImageSize)),
            $"one whose {TimeWindows} windows of time, of {MelBins} mel bins each, keep a row of the last stage's {FinalHeight}");
    }

    private void CheckMemory()
    {
        double tokens = (double)(ImageSize / StrideFrequency) * (ImageSize / StrideTime);
        double numbers = ModelMemory.Square(ImageSize) + (EmbedDim * (tokens + ModelMemory.Square(PatchSize)));
        for (int stage = 0; stage < Depths.Count; stage++)
        {
            // A window's relative position index, two float32 an entry; a smaller map has as many tokens, or fewer.
            double index = 2 * ModelMemory.Square(Math.Min(ModelMemory.Square(WindowSize), tokens));
            numbers += Depths[stage] * (ModelMemory.Block(EmbedDim * Math.Pow(2, stage), MlpRatio) + index);
            tokens /= 4;
        }

        ModelMemory.Check(
            numbers,
            Invariant($"ImageSize {ImageSize}, EmbedDim {EmbedDim}, Depths {string.Join(", ", Depths)}, ")
            + Invariant($"WindowSize {WindowSize} and MlpRatio {MlpRatio}"));
    }

    private protected override void CheckTogether(string prefix)
    {
        OptionCheck.That(Depths.Count is >= 1 and <= 16, Depths.Count, prefix + nameof(Depths), "from 1 to 16 stages");
        int widest = int.MaxValue >> (Depths.Count - 1);
        OptionCheck.That(
            EmbedDim <= widest, EmbedDim, prefix + nameof(EmbedDim),
            $"at most {widest}, for {Depths.Count - 1} stages double it");
        OptionCheck.That(
            Heads.Count == Depths.Count, Heads.Count, prefix + nameof(Heads), $"one number for each of {Depths.Count} stages");
        for (int stage = 0; stage < Depths.Count; stage++)
        {
            int dim = EmbedDim << stage;
            OptionCheck.That(
                dim % Heads[stage] == 0, Heads[stage], $"{prefix}{nameof(Heads)}[{stage}]",
                $"a divisor of the stage's token width, {dim}");
        }

        CheckStride(StrideFrequency, prefix + nameof(StrideFrequency));
        CheckStride(StrideTime, prefix + nameof(StrideTime));
        for (int stage = 0; stage < Depths.Count; stage++)
        {
            int height = ImageSize / StrideFrequency >> stage;
            int width = ImageSize / StrideTime >> stage;
            int window = Math.Min(WindowSize, Math.Min(height, width));
            OptionCheck.That(
                height % window == 0 && width % window == 0, WindowSize, prefix + nameof(WindowSize),
                $"a divisor of the {height} x {width} tokens of stage {stage + 1}");
        }

        OptionCheck.That(MlpRatio * EmbedDim >= 1, MlpRatio, prefix + nameof(MlpRatio), "one that leaves a hidden layer");
    }

    private void CheckStride(int stride, string name)
    {
        OptionCheck.That(stride >= 1 && stride <= PatchSize, stride, name, $"from 1 to {nameof(PatchSize)}, {PatchSize}");
        OptionCheck.That(
            NormalizedPatchEmbedding.Count(ImageSize, PatchSize, stride) * stride == ImageSize, stride, name,
            $"a divisor of {nameof(ImageSize)}, {ImageSize}, that {nameof(PatchSize)}, {PatchSize}, exceeds by an even number");
        OptionCheck.That(
            ImageSize / stride % Shrinkage == 0, stride, name,
            $"one that leaves patches to halve {Depths.Count - 1} times; there are {ImageSize / stride}");
    }
}

/// <summary>Pooling of the scores of a class over time to its score in a clip.</summary>
public enum HtsAtPooling
{
    /// <summary>The mean of the logits: HTS-AT section 2.2.</summary>
    Mean,

    /// <summary>
    /// Linear softmax: the mean of the probabilities, weighted by themselves. Of the poolings compared it locates events best
    /// where labels are weak, without times. Source: Wang, Li and Metze, "A Comparison of Five Multiple Instance Learning
    /// Pooling Functions for Sound Event Detection with Weak Labeling" (2019), which HTS-AT cites.
    /// </summary>
    LinearSoftmax,
}

/// <summary>How HTS-AT fits a clip shorter than its image, which has 1024 frames at the paper's size, into it.</summary>
public enum HtsAtShortClips
{
    /// <summary>The clip is stretched in time (bicubic), as the official code does.</summary>
    Resize,

    /// <summary>
    /// The clip is repeated as often as it fits, then stretched: the paper's section 3.2, the official code's
    /// <c>infer_mode</c>.
    /// </summary>
    Repeat,

    /// <summary>
    /// The clip is stretched, and each of its windows of time fills an image alone, repeated; the results are averaged, and
    /// a training step takes one part of the clip at random (the official code's <c>enable_repeat_mode</c>). Where in time
    /// events are is lost.
    /// </summary>
    RepeatWindows,
}

/// <summary>How HTS-AT cuts a clip longer than its image into images; in training it takes a random part of it.</summary>
public enum HtsAtLongClips
{
    /// <summary>Images that overlap by half; their presence maps are joined to one of the clip's length.</summary>
    Windows,

    /// <summary>
    /// Crops of half the clip's length, whose presence maps are averaged as if they were of the same time, as in the official
    /// code; for clips of up to two images and two frames.
    /// </summary>
    AveragedCrops,
}
