using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using static System.FormattableString;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Configuration of DATAR. The defaults are the paper's learnable input adaptor on the tiny DAT of CVPR 2022, with windows
/// that divide the maps of 128 mel bins x 1024 frames; the other sizes are presets.
/// </summary>
/// <remarks>
/// Source: W. Zhu, "DATAR: Deformable Audio Transformer for Audio Event Recognition", 2024; sections and tables are its own.
/// What it does not say is that of Z. Xia et al., "Vision Transformer with Deformable Attention" (DAT), CVPR 2022, as the paper
/// has it.
/// </remarks>
public sealed record DatarConfig : AudioModelConfig
{
    /// <summary>Number of stages, as in the official code.</summary>
    internal const int StageCount = 4;

    /// <summary>Version of the deformable attention transformer: DAT (CVPR 2022) or DAT++. Default: DAT.</summary>
    public DatVersion Version { get; set; } = DatVersion.Dat;

    /// <summary>
    /// Input adaptor, before the patch embedding. Default: the learnable one (section 3.2); the others are Table 4's
    /// ablations.
    /// </summary>
    [SweptChoice]
    public DatarAdaptor Adaptor { get; set; } = DatarAdaptor.Learnable;

    /// <summary>
    /// Alpha of equation 5. The adaptor's strength at the start of training, or that of the noise in its place, 0 or more.
    /// Default: 0.005; the paper also has 0.2 (Table 4).
    /// </summary>
    [NotNegative]
    [SweptRange(1e-4, 0.5, IsLogarithmic = true)]
    public double AdaptorStrength { get; set; } = 0.005;

    /// <summary>Patch size. Height and width of a patch, in mel bins and frames, 1 or more. Default: 4 (DAT).</summary>
    [Whole(1)]
    public int PatchSize { get; set; } = 4;

    /// <summary>Stem dimension. Channels that patches are projected to, 1 or more. Default: 96, base 128 (DAT).</summary>
    [Whole(1)]
    public int StemDim { get; set; } = 96;

    /// <summary>
    /// MLP expansion. Width of a block's hidden layer, in channels of its stage, 1 or more. Default: 4 (DAT).
    /// </summary>
    [Whole(1)]
    public int Expansion { get; set; } = 4;

    /// <summary>
    /// Overlapping patches. Whether patches, and the points of the maps between stages, overlap: 3 x 3 convolutions, and a
    /// stem of 7 x 7 (DAT) or twice 3 x 3 (DAT++). Default: false; true in DAT++.
    /// </summary>
    public bool ConvolutionalPatches { get; set; }

    /// <summary>Stages, four of them, that of the finest map first. Default: those of <see cref="Tiny"/>.</summary>
    public IReadOnlyList<DatarStageConfig> Stages { get; set; } =
        DatStages([96, 192, 384, 768], [3, 6, 12, 24], [3, 6], 6);

    /// <summary>
    /// Stochastic depth. The share of clips that skip the last block's branches in training, growing from 0 at the first
    /// block; 0 to less than 1. Default: 0.2, small 0.3, base 0.5 (DAT).
    /// </summary>
    [Between(0, 1, IsBelowMaximum = true)]
    [SweptRange(0, 0.5)]
    public double DropPath { get; set; } = 0.2;

    /// <summary>Channels of the input.</summary>
    [JsonInclude]
    internal int InputChannels { get; set; } = 1;

    /// <summary>Mel bins of the input, the height of its maps.</summary>
    [JsonInclude]
    internal int InputFrequency { get; set; } = 128;

    /// <summary>Frames of the input, the width of its maps.</summary>
    [JsonInclude]
    internal int InputTime { get; set; } = 1024;

    /// <summary>Classes of the first head.</summary>
    [JsonInclude]
    internal int Classes { get; set; } = 527;

    /// <summary>Classes of a second head, the nouns of EPIC-Kitchens (section 4); 0 for one head.</summary>
    [JsonInclude]
    internal int NounClasses { get; set; }

    /// <summary>DAT tiny: 28.0 M parameters.</summary>
    public static DatarConfig Tiny =>
        Dat([96, 192, 384, 768], [3, 6, 12, 24], [3, 6], middleBlocks: 6, dropPath: 0.2);

    /// <summary>DAT small, deeper: 49.5 M parameters.</summary>
    public static DatarConfig Small =>
        Dat([96, 192, 384, 768], [3, 6, 12, 24], [3, 6], middleBlocks: 18, dropPath: 0.3);

    /// <summary>DAT base, deeper and wider: 87.6 M parameters.</summary>
    public static DatarConfig Base =>
        Dat([128, 256, 512, 1024], [4, 8, 16, 32], [4, 8], middleBlocks: 18, dropPath: 0.5);

    /// <summary>Size of the map of each stage.</summary>
    internal IReadOnlyList<MapSize> Maps()
    {
        int stride = ConvolutionalPatches && Version == DatVersion.DatPlusPlus ? PatchSize / 2 : PatchSize;
        MapSize map = new MapSize(InputFrequency, InputTime).Reduce(stride, ConvolutionalPatches);
        if (stride != PatchSize)
        {
            map = map.Reduce(stride, ConvolutionalPatches);
        }

        var maps = new MapSize[StageCount];
        for (int stage = 0; stage < StageCount; stage++)
        {
            maps[stage] = map;
            map = map.Reduce(2, ConvolutionalPatches);
        }

        return maps;
    }

    /// <summary>Checks all options, and the sizes of input and output.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    internal void Validate()
    {
        OptionCheck.All(this);
        OptionCheck.AtLeast(1, InputChannels, nameof(InputChannels));
        OptionCheck.AtLeast(1, InputFrequency, nameof(InputFrequency));
        OptionCheck.AtLeast(1, InputTime, nameof(InputTime));
        OptionCheck.AtLeast(1, Classes, nameof(Classes));
        OptionCheck.AtLeast(0, NounClasses, nameof(NounClasses));
        CheckMemory();
    }

    private void CheckMemory()
    {
        double numbers = StemDim * (ModelMemory.Square(ConvolutionalPatches ? 3 : PatchSize)
            + ((double)InputFrequency * InputTime / ModelMemory.Square(PatchSize)));
        foreach (DatarStageConfig stage in Stages)
        {
            double window = ModelMemory.Square(stage.WindowSize);
            numbers += stage.Blocks.Length * ModelMemory.Block(stage.Dim, Expansion);
            numbers += stage.Blocks.Count("LS".Contains) * 2 * ModelMemory.Square(window);
            numbers += stage.Blocks.Count(block => block == 'X') * stage.Dim * window;
            numbers += stage.Blocks.Count(block => block == 'D') * ModelMemory.Square(stage.OffsetKernel);
        }

        ModelMemory.Check(
            numbers,
            Invariant($"PatchSize {PatchSize}, StemDim {StemDim}, the stages' Dim {List(stage => stage.Dim)}, ")
            + $"WindowSize {List(stage => stage.WindowSize)}, OffsetKernel {List(stage => stage.OffsetKernel)} and "
            + Invariant($"Expansion {Expansion} for {InputTime} frames"));

        string List(Func<DatarStageConfig, int> size) => string.Join(", ", Stages.Select(size));
    }

    private protected override void CheckTogether(string prefix)
    {
        bool isHalved = ConvolutionalPatches && Version == DatVersion.DatPlusPlus;
        OptionCheck.That(!isHalved || PatchSize % 2 == 0, PatchSize, prefix + nameof(PatchSize),
            "an even number above 0, for the stem takes two steps");
        OptionCheck.That(!isHalved || StemDim >= 2, StemDim, prefix + nameof(StemDim), "2 or more");
        int count = Stages?.Count ?? 0;
        OptionCheck.That(
            Stages is not null && count == StageCount, $"of {count} stages", prefix + nameof(Stages), $"{StageCount}");
        for (int stage = 0; stage < StageCount; stage++)
        {
            string name = $"{prefix}{nameof(Stages)}[{stage}]";
            OptionCheck.That(Stages[stage] is not null, "null", name, $"a {nameof(DatarStageConfig)}");
            OptionCheck.All(Stages[stage], name + ".");
            OptionCheck.That(
                Version == DatVersion.DatPlusPlus || Stages[stage].PositionBias != DeformablePositionBias.LogSpaced,
                Stages[stage].PositionBias, $"{name}.{nameof(DatarStageConfig.PositionBias)}",
                $"any other, for {nameof(DatVersion.Dat)} lacks it");
        }
    }

    private static DatarConfig Dat(
        int[] dims, int[] heads, int[] groups, int middleBlocks, double dropPath) => new()
    {
        StemDim = dims[0],
        DropPath = dropPath,
        Stages = DatStages(dims, heads, groups, middleBlocks),
    };

    private static DatarStageConfig[] DatStages(int[] dims, int[] heads, int[] groups, int middleBlocks)
    {
        DatarStageConfig first = new() { Dim = dims[0], Heads = heads[0], Blocks = "LS", OffsetKernel = 9 };
        DatarStageConfig second = new() { Dim = dims[1], Heads = heads[1], Blocks = "LS", OffsetKernel = 7 };
        DatarStageConfig third = new()
        {
            Dim = dims[2],
            Heads = heads[2],
            Groups = groups[0],
            Blocks = string.Concat(Enumerable.Repeat("LD", middleBlocks / 2)),
        };
        DatarStageConfig fourth = third with
        {
            Dim = dims[3],
            Heads = heads[3],
            Groups = groups[1],
            Blocks = "LD",
            WindowSize = 4,
            OffsetKernel = 3,
        };
        return [first, second, third, fourth];
    }
}

/// <summary>Version of the deformable attention transformer that DATAR builds on.</summary>
public enum DatVersion
{
    /// <summary>
    /// Z. Xia et al., "Vision Transformer with Deformable Attention", CVPR 2022: what DATAR's paper builds on.
    /// </summary>
    Dat,

    /// <summary>
    /// Z. Xia et al., "DAT++: Spatially Dynamic Vision Transformer with Deformable Attention", 2023: positions counted
    /// from border to border, clamped offsets.
    /// </summary>
    DatPlusPlus,
}

/// <summary>Input adaptor of DATAR: section 3.2 of the paper, and the ablations of its Table 4.</summary>
public enum DatarAdaptor
{
    /// <summary>No adaptor.</summary>
    None,

    /// <summary>x + alpha * conv2d(x), both learned: the paper's input adaptor.</summary>
    Learnable,

    /// <summary>x + alpha * noise of a standard normal distribution, drawn at each training step.</summary>
    Gaussian,

    /// <summary>x + alpha * noise of a Laplace distribution of scale 1, drawn at each training step.</summary>
    Laplacian,
}
