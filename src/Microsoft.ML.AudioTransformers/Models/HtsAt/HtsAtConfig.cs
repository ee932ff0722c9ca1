using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// The architecture of an <see cref="HtsAt"/>. The defaults are the paper's full setting (section 3.1.1), for ten seconds
/// of 100 frames a second and AudioSet's classes.
/// </summary>
internal sealed record HtsAtConfig
{
    /// <summary>Mel bins of the input, at most <see cref="ImageSize"/>.</summary>
    public int MelBins { get; init; } = 64;

    /// <summary>
    /// Height and width of the square image that a spectrogram is folded into: windows of so many frames, one above the
    /// other (<c>spec_size</c>).
    /// </summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>Height and width of a patch.</summary>
    public int PatchSize { get; init; } = 4;

    /// <summary>Mel bins from one patch to the next, at most <see cref="PatchSize"/>.</summary>
    public int StrideFrequency { get; init; } = 4;

    /// <summary>Frames from one patch to the next, at most <see cref="PatchSize"/>.</summary>
    public int StrideTime { get; init; } = 4;

    /// <summary>Width of the first stage's tokens; each further stage doubles it.</summary>
    public int EmbedDim { get; init; } = 96;

    /// <summary>Blocks of each stage.</summary>
    public IReadOnlyList<int> Depths { get; init; } = [2, 2, 6, 2];

    /// <summary>Attention heads of each stage; they divide its token width.</summary>
    public IReadOnlyList<int> Heads { get; init; } = [4, 8, 16, 32];

    /// <summary>Rows and columns of tokens in an attention window.</summary>
    public int WindowSize { get; init; } = 8;

    /// <summary>Width of a block's hidden layer, in token widths.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Classes.</summary>
    public int Classes { get; init; } = 527;

    /// <summary>Whether tokens have learned absolute positions beside the relative ones; the paper's have none.</summary>
    public bool AbsolutePositions { get; init; }

    /// <summary>
    /// The token-semantic layer of section 2.2 (HTS-AT of kind HC), or a linear layer over the mean of the tokens (H).
    /// </summary>
    public bool TokenSemantic { get; init; } = true;

    /// <summary>How the token-semantic layer's steps in time make up the score of a clip.</summary>
    public HtsAtPooling Pooling { get; init; }

    /// <summary>Whether the presence of events is weighted by the last stage's attention (<c>htsat_attn_heatmap</c>).</summary>
    public bool AttentionHeatmap { get; init; }

    /// <summary>Stochastic depth of the last block, growing from 0 at the first.</summary>
    public double DropPath { get; init; } = 0.1;

    /// <summary>What is done with clips of other lengths than <see cref="Frames"/>.</summary>
    public HtsAtShortClips ShortClips { get; init; }

    /// <inheritdoc cref="ShortClips"/>
    public HtsAtLongClips LongClips { get; init; }

    /// <summary>Windows of time in an image, so many that their mel bins fill it (<c>freq_ratio</c>).</summary>
    [JsonIgnore]
    public int TimeWindows => ImageSize / MelBins;

    /// <summary>Mel bins of a window in the image; a spectrogram of fewer is resized.</summary>
    [JsonIgnore]
    public int ImageMelBins => ImageSize / TimeWindows;

    /// <summary>Frames of an image: a clip of so many is taken as it is.</summary>
    [JsonIgnore]
    public int Frames => ImageSize * TimeWindows;

    /// <summary>Frames of the longest clip that <see cref="HtsAtLongClips.AveragedCrops"/> takes.</summary>
    [JsonIgnore]
    public int LongestCropped => (2 * Frames) + 2;

    /// <summary>Rows of tokens after the last stage.</summary>
    [JsonIgnore]
    public int FinalHeight => ImageSize / StrideFrequency / Shrinkage;

    /// <summary>Columns of tokens after the last stage.</summary>
    [JsonIgnore]
    public int FinalWidth => ImageSize / StrideTime / Shrinkage;

    /// <summary>Tokens in time of the event presence map.</summary>
    [JsonIgnore]
    public int Steps => FinalWidth * TimeWindows;

    /// <summary>Frames of an image that one of the <see cref="Steps"/> stands for.</summary>
    [JsonIgnore]
    public int FramesPerStep => StrideTime * Shrinkage;

    /// <summary>Width of the last stage's tokens.</summary>
    [JsonIgnore]
    public int FinalDim => EmbedDim * Shrinkage;

    /// <summary>How much lower and narrower a map is after the last stage.</summary>
    private int Shrinkage => 1 << (Depths.Count - 1);

    /// <summary>HTS-AT of kind H: the hierarchy without the token-semantic layer.</summary>
    public static HtsAtConfig H => new() { TokenSemantic = false };

    /// <summary>HTS-AT of kind HC: with the token-semantic layer. HCP is the same from a pretrained Swin Transformer.</summary>
    public static HtsAtConfig HC => new();

    /// <summary>Checks all but what depends on the input's and the output's size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    public void ValidateSizes()
    {
        OptionCheck.AtLeast(1, ImageSize, nameof(ImageSize));
        OptionCheck.AtLeast(1, PatchSize, nameof(PatchSize));
        OptionCheck.AtLeast(1, WindowSize, nameof(WindowSize));
        OptionCheck.AtLeast(1, EmbedDim, nameof(EmbedDim));
        OptionCheck.That(Depths.Count is >= 1 and <= 16, Depths.Count, nameof(Depths), "from 1 to 16 stages");
        int widest = int.MaxValue >> (Depths.Count - 1);
        OptionCheck.That(
            EmbedDim <= widest, EmbedDim, nameof(EmbedDim), $"at most {widest}, for {Depths.Count - 1} stages double it");
        OptionCheck.That(
            Heads.Count == Depths.Count, Heads.Count, nameof(Heads), $"one number for each of {Depths.Count} stages");
        for (int stage = 0; stage < Depths.Count; stage++)
        {
            int dim = EmbedDim << stage;
            OptionCheck.AtLeast(1, Depths[stage], $"{nameof(Depths)}[{stage}]");
            OptionCheck.That(
                Heads[stage] > 0 && dim % Heads[stage] == 0, Heads[stage], $"{nameof(Heads)}[{stage}]",
                $"a divisor of the stage's token width, {dim}");
        }

        CheckStride(StrideFrequency, nameof(StrideFrequency));
        CheckStride(StrideTime, nameof(StrideTime));
        for (int stage = 0; stage < Depths.Count; stage++)
        {
            int height = ImageSize / StrideFrequency >> stage;
            int width = ImageSize / StrideTime >> stage;
            int window = Math.Min(WindowSize, Math.Min(height, width));
            OptionCheck.That(
                height % window == 0 && width % window == 0, WindowSize, nameof(WindowSize),
                $"a divisor of the {height} x {width} tokens of stage {stage + 1}");
        }

        OptionCheck.That(MlpRatio * EmbedDim >= 1, MlpRatio, nameof(MlpRatio), "above 0");
        OptionCheck.That(DropPath is >= 0 and < 1, DropPath, nameof(DropPath), "from 0 to less than 1");
        OptionCheck.That(Enum.IsDefined(Pooling), Pooling, nameof(Pooling), "one of the kinds");
        OptionCheck.That(Enum.IsDefined(ShortClips), ShortClips, nameof(ShortClips), "one of the kinds");
        OptionCheck.That(Enum.IsDefined(LongClips), LongClips, nameof(LongClips), "one of the kinds");
    }

    /// <summary>Checks everything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    public void Validate()
    {
        ValidateSizes();
        OptionCheck.AtLeast(1, Classes, nameof(Classes));
        OptionCheck.That(
            MelBins >= 1 && MelBins <= ImageSize, MelBins, nameof(MelBins), $"from 1 to {nameof(ImageSize)}, {ImageSize}");
        ModelMemory.Check(this);
        OptionCheck.That(
            ImageMelBins * TimeWindows == ImageSize, MelBins, nameof(MelBins),
            $"a number that goes into {nameof(ImageSize)}, {ImageSize}, as often as some number that divides it");
        OptionCheck.That(
            FinalHeight % TimeWindows == 0, MelBins, nameof(MelBins),
            $"so many that the {TimeWindows} windows of time each keep a row of the last stage's {FinalHeight}");
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
