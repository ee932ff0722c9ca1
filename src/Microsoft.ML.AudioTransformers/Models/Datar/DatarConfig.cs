using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;

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
    /// <summary>The stages of a pyramid: the official code has four.</summary>
    internal const int StageCount = 4;

    /// <summary>Attention of DAT (CVPR 2022) or of DAT++. Default: DAT.</summary>
    public DatVersion Version { get; set; } = DatVersion.Dat;

    /// <summary>
    /// Input adaptor. What is done to the input before the patches are cut. Default: the learnable adaptor (section 3.2);
    /// the others are Table 4's ablations.
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

    /// <summary>Height and width of the map of each stage.</summary>
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

    /// <summary>Checks everything, the sizes of input and output too.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    internal void Validate()
    {
        OptionCheck.All(this);
        OptionCheck.AtLeast(1, InputChannels, nameof(InputChannels));
        OptionCheck.AtLeast(1, InputFrequency, nameof(InputFrequency));
        OptionCheck.AtLeast(1, InputTime, nameof(InputTime));
        OptionCheck.AtLeast(1, Classes, nameof(Classes));
        OptionCheck.AtLeast(0, NounClasses, nameof(NounClasses));
        ModelMemory.Check(this);
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

/// <summary>Configuration of one stage of DATAR: blocks over maps of one size.</summary>
public sealed record DatarStageConfig : IOptionGroup
{
    private const int LargestWindow = 128;

    /// <summary>Channels, a multiple of <see cref="Heads"/>. No default.</summary>
    [Whole(1)]
    public int Dim { get; set; }

    /// <summary>Attention heads of a block, 1 or more. Default: 1.</summary>
    [Whole(1)]
    public int Heads { get; set; } = 1;

    /// <summary>
    /// Blocks, a letter each as in the official code: L local windows, S shifted windows, D deformable attention,
    /// N neighbourhood attention of 7 x 7 points, E slide attention of 3 x 3 points, P attention to all points, X a ConvNeXt
    /// block. The official Q, query and attend, is not offered: none of the published models has it. No default.
    /// </summary>
    public string Blocks { get; set; } = "";

    /// <summary>
    /// Window size. Height and width of the windows of L and S, 1 or more (2 where they shift), at most 128, and the kernel
    /// of X; maps that are no multiple of it are padded and masked. Default: 8.
    /// </summary>
    [Whole(1)]
    public int WindowSize { get; set; } = 8;

    /// <summary>Offset groups of D. Groups of channels with points of their own, a divisor of <see cref="Heads"/>. Default: 1.</summary>
    public int Groups { get; set; } = 1;

    /// <summary>Stride of D. Map points from one reference point to the next, 1 or more (section 3.1's r). Default: 1.</summary>
    public int Stride { get; set; } = 1;

    /// <summary>
    /// Offset range of D. The furthest that a point moves, in reference points. 0 in DAT leaves offsets unbounded; below 0
    /// positions are kept within the map, in DAT by tanh and in DAT++ by clamping. Default: 2 (DAT); DAT++ has -1.
    /// </summary>
    public double OffsetRange { get; set; } = 2;

    /// <summary>Offset kernel of D. Kernel of the offset generator's depthwise convolution, 1 or more. Default: 5.</summary>
    public int OffsetKernel { get; set; } = 5;

    /// <summary>
    /// Whether points stay where they are: attention to a uniform grid, without deformation (Table 4). Default: false.
    /// </summary>
    public bool NoOffsets { get; set; }

    /// <summary>Convolutional MLP. Whether a depthwise convolution stands in each hidden layer. Default: false; true in DAT++.</summary>
    public bool ConvolutionalMlp { get; set; }

    /// <summary>
    /// Local perception unit. Whether a depthwise convolution stands before each block. Default: false; true in DAT++.
    /// </summary>
    public bool LocalPerception { get; set; }

    /// <summary>Position bias of D: what is added for the positions of queries and keys.</summary>
    [JsonInclude]
    internal DeformablePositionBias PositionBias { get; set; } = DeformablePositionBias.Interpolated;

    /// <summary>Kernel of N, an odd number; DAT++ has 7.</summary>
    [JsonInclude]
    internal int NeighborhoodKernel { get; set; } = 7;

    /// <summary>How far P reduces keys and values, in height and width.</summary>
    [JsonInclude]
    internal int ReductionRatio { get; set; } = 1;

    /// <summary>The first scale of each branch (Touvron et al. 2021); 0 or below for none.</summary>
    [JsonInclude]
    internal double LayerScale { get; set; }

    void IOptionGroup.CheckTogether(string prefix)
    {
        string blocks = Blocks ?? "";
        bool Has(char letter) => blocks.Contains(letter, StringComparison.Ordinal);
        OptionCheck.That(Dim % Heads == 0, Dim, prefix + nameof(Dim), $"a multiple of {nameof(Heads)}, {Heads}");
        OptionCheck.That(
            blocks.Length > 0 && blocks.All("LSDNPEX".Contains), $"'{Blocks}'",
            prefix + nameof(Blocks), "one of the letters L, S, D, N, P, E, X for each block");
        OptionCheck.That(
            WindowSize >= 2 || !Has('S'), WindowSize, prefix + nameof(WindowSize), "2 or more, for a window to shift");
        OptionCheck.That(
            WindowSize <= LargestWindow || !(Has('L') || Has('S')), WindowSize, prefix + nameof(WindowSize),
            $"at most {LargestWindow}, since each point of a window attends to each");
        OptionCheck.That(
            !Has('X') || WindowSize % 2 == 1, WindowSize, prefix + nameof(WindowSize), "an odd number where a block is X");
        OptionCheck.That(
            NeighborhoodKernel >= 1 && (!Has('N') || NeighborhoodKernel % 2 == 1), NeighborhoodKernel,
            prefix + nameof(NeighborhoodKernel), "an odd number above 0");
        OptionCheck.AtLeast(1, ReductionRatio, prefix + nameof(ReductionRatio));
        OptionCheck.That(
            !Has('E') || Dim % (4 * Heads) == 0, Dim, prefix + nameof(Dim),
            $"a multiple of 4 {nameof(Heads)}, {4 * Heads}, where a block is E");
        if (Has('D'))
        {
            OptionCheck.That(
                Groups > 0 && Heads % Groups == 0, Groups, prefix + nameof(Groups), $"a divisor of {nameof(Heads)}, {Heads}");
            OptionCheck.AtLeast(1, Stride, prefix + nameof(Stride));
            OptionCheck.AtLeast(1, OffsetKernel, prefix + nameof(OffsetKernel));
            OptionCheck.That(
                Math.Abs(OffsetRange) <= float.MaxValue, OffsetRange, prefix + nameof(OffsetRange),
                "a number that is finite in float32");
            OptionCheck.That(
                Enum.IsDefined(PositionBias), PositionBias, prefix + nameof(PositionBias), "a known position bias");
        }
    }
}

/// <summary>Height and width of a map.</summary>
internal readonly record struct MapSize(int Height, int Width)
{
    public int Points => Height * Width;

    /// <summary>What a convolution of this stride leaves: the part that it fills, or with overlap all of it.</summary>
    public MapSize Reduce(int stride, bool isOverlapping) => isOverlapping
        ? new MapSize(((Height - 1) / stride) + 1, ((Width - 1) / stride) + 1)
        : new MapSize(Math.Max(1, Height / stride), Math.Max(1, Width / stride));
}
