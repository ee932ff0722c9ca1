using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// The architecture of a <see cref="Datar"/>. The defaults are the tiny DAT of CVPR 2022 over one channel of 128 mel bins
/// x 1024 frames, with windows that divide its maps, and the paper's learnable input adaptor.
/// </summary>
internal sealed record DatarConfig
{
    /// <summary>The stages of a pyramid: the official code has four.</summary>
    public const int StageCount = 4;

    /// <summary>Whose attention it is: that of DAT (CVPR 2022) or of DAT++.</summary>
    public DatVersion Version { get; init; } = DatVersion.Dat;

    /// <summary>Channels of the input.</summary>
    public int InputChannels { get; init; } = 1;

    /// <summary>Mel bins of the input, the height of its maps.</summary>
    public int InputFrequency { get; init; } = 128;

    /// <summary>Frames of the input, the width of its maps.</summary>
    public int InputTime { get; init; } = 1024;

    /// <summary>Height and width of a patch.</summary>
    public int PatchSize { get; init; } = 4;

    /// <summary>Channels that the patches are projected to.</summary>
    public int StemDim { get; init; } = 96;

    /// <summary>Width of a block's hidden layer, in channels of its stage.</summary>
    public int Expansion { get; init; } = 4;

    /// <summary>
    /// Whether patches and the maps between stages overlap: 3 x 3 convolutions, and a stem of 7 x 7 (DAT) or twice
    /// 3 x 3 (DAT++).
    /// </summary>
    public bool ConvolutionalPatches { get; init; }

    /// <summary>The four stages, finest map first.</summary>
    public IReadOnlyList<DatarStageConfig> Stages { get; init; } =
        DatStages([96, 192, 384, 768], [3, 6, 12, 24], [3, 6], 6);

    /// <summary>Classes; the verbs where there are nouns, too.</summary>
    public int Classes { get; init; } = 527;

    /// <summary>Classes of a second head, the nouns of EPIC-Kitchens (section 4); 0 for one head.</summary>
    public int NounClasses { get; init; }

    /// <summary>Stochastic depth of the last block, growing from 0 at the first.</summary>
    public double DropPath { get; init; }

    /// <summary>What is done to the input before the patches are cut (section 3.2, and Table 4 for the ablations).</summary>
    public DatarAdaptor Adaptor { get; init; } = DatarAdaptor.Learnable;

    /// <summary>Equation 5's alpha: the strength of the adaptor, or of the perturbation in its place.</summary>
    public double AdaptorStrength { get; init; } = 0.005;

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
    public IReadOnlyList<MapSize> Maps()
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

    /// <summary>Checks all but what depends on the input's and the output's size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    public void ValidateSizes()
    {
        OptionCheck.That(Enum.IsDefined(Version), Version, nameof(Version), "a known version");
        OptionCheck.That(Enum.IsDefined(Adaptor), Adaptor, nameof(Adaptor), "a known adaptor");
        OptionCheck.NotNegative(AdaptorStrength, nameof(AdaptorStrength));
        OptionCheck.AtLeast(1, InputChannels, nameof(InputChannels));
        OptionCheck.AtLeast(1, StemDim, nameof(StemDim));
        OptionCheck.AtLeast(1, Expansion, nameof(Expansion));
        bool isHalved = ConvolutionalPatches && Version == DatVersion.DatPlusPlus;
        OptionCheck.That(PatchSize >= 1 && (!isHalved || PatchSize % 2 == 0), PatchSize, nameof(PatchSize),
            isHalved ? "an even number above 0, for the stem takes two steps" : "1 or more");
        OptionCheck.That(!isHalved || StemDim >= 2, StemDim, nameof(StemDim), "2 or more");
        OptionCheck.That(DropPath is >= 0 and < 1, DropPath, nameof(DropPath), "from 0 to less than 1");
        OptionCheck.That(Stages.Count == StageCount, Stages.Count, nameof(Stages), $"{StageCount} stages");
        for (int stage = 0; stage < Stages.Count; stage++)
        {
            Stages[stage].Validate(Version, stage);
        }
    }

    /// <summary>Checks everything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    public void Validate()
    {
        ValidateSizes();
        OptionCheck.AtLeast(1, InputFrequency, nameof(InputFrequency));
        OptionCheck.AtLeast(1, InputTime, nameof(InputTime));
        OptionCheck.AtLeast(1, Classes, nameof(Classes));
        OptionCheck.AtLeast(0, NounClasses, nameof(NounClasses));
        ModelMemory.Check(this);
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
            PositionBias = DeformablePositionBias.Interpolated,
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

/// <summary>One stage of a <see cref="Datar"/>: blocks over maps of one size.</summary>
internal sealed record DatarStageConfig
{
    private const int LargestWindow = 128;

    /// <summary>Channels, a multiple of <see cref="Heads"/>.</summary>
    public int Dim { get; init; }

    /// <summary>Attention heads of a block.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>
    /// The attention of each block, a letter each as in the official code: L local windows, S shifted windows,
    /// D deformable, N neighbourhood, P pyramid, E slide; X stands for a ConvNeXt block. Its Q, query and attend, is not
    /// offered: none of the published models has it.
    /// </summary>
    public string Blocks { get; init; } = "";

    /// <summary>Height and width of a window, of L and S; the kernel of X. The map need not be a multiple of it.</summary>
    public int WindowSize { get; init; } = 8;

    /// <summary>Groups of channels with offsets of their own, of D: a divisor of <see cref="Heads"/>.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Map points between reference points, of D (section 3.1's r).</summary>
    public int Stride { get; init; } = 1;

    /// <summary>
    /// The furthest that a reference point moves, in reference points, of D. In DAT 0 leaves offsets as they are and a
    /// number below 0 draws the positions into the map by tanh; in DAT++ a number below 0 clamps them.
    /// </summary>
    public double OffsetRange { get; init; } = 2;

    /// <summary>Kernel of the offset generator's depthwise convolution, of D.</summary>
    public int OffsetKernel { get; init; } = 5;

    /// <summary>Whether the points stay where they are: the deformable attention switched off (Table 4).</summary>
    public bool NoOffsets { get; init; }

    /// <summary>What D adds for the positions of queries and keys.</summary>
    public DeformablePositionBias PositionBias { get; init; }

    /// <summary>Kernel of N, an odd number; it has DAT++'s 7 by default.</summary>
    public int NeighborhoodKernel { get; init; } = 7;

    /// <summary>How far P reduces keys and values, in height and width.</summary>
    public int ReductionRatio { get; init; } = 1;

    /// <summary>Whether a depthwise convolution stands in the hidden layer of each block.</summary>
    public bool ConvolutionalMlp { get; init; }

    /// <summary>Whether a depthwise convolution goes before each block (DAT++'s local perception unit).</summary>
    public bool LocalPerception { get; init; }

    /// <summary>The first scale of each branch (Touvron et al. 2021); 0 or below for none.</summary>
    public double LayerScale { get; init; }

    /// <param name="version">Whose attention it is.</param>
    /// <param name="stage">Which stage it is, for messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or does not fit another.</exception>
    public void Validate(DatVersion version, int stage)
    {
        OptionCheck.AtLeast(1, Heads, $"Heads[{stage}]");
        OptionCheck.That(Dim > 0 && Dim % Heads == 0, Dim, $"Dims[{stage}]", $"a multiple of {nameof(Heads)}, {Heads}");
        OptionCheck.That(Blocks.Length > 0 && Blocks.All("LSDNPEX".Contains), $"'{Blocks}'", $"Blocks[{stage}]",
            "one of the letters L, S, D, N, P, E, X for each block");
        bool Has(char letter) => Blocks.Contains(letter, StringComparison.Ordinal);
        OptionCheck.That(
            WindowSize >= (Has('S') ? 2 : 1), WindowSize, $"WindowSizes[{stage}]",
            Has('S') ? "2 or more, for a window to shift" : "1 or more");
        OptionCheck.That(
            WindowSize <= LargestWindow || !(Has('L') || Has('S')), WindowSize, $"WindowSizes[{stage}]",
            $"at most {LargestWindow}, since each point of a window attends to each");
        OptionCheck.That(
            !Has('X') || WindowSize % 2 == 1, WindowSize, $"WindowSizes[{stage}]", "an odd number where a block is X");
        OptionCheck.That(
            !Has('N') || NeighborhoodKernel % 2 == 1, NeighborhoodKernel, $"NeighborhoodKernels[{stage}]",
            "an odd number");
        OptionCheck.AtLeast(1, NeighborhoodKernel, $"NeighborhoodKernels[{stage}]");
        OptionCheck.AtLeast(1, ReductionRatio, $"ReductionRatios[{stage}]");
        OptionCheck.That(
            !Has('E') || Dim % (4 * Heads) == 0, Dim, $"Dims[{stage}]",
            $"a multiple of 4 {nameof(Heads)}, {4 * Heads}, where a block is E");
        if (Has('D'))
        {
            OptionCheck.That(
                Groups > 0 && Heads % Groups == 0, Groups, $"Groups[{stage}]",
                $"a divisor of {nameof(Heads)}, {Heads}");
            OptionCheck.AtLeast(1, Stride, $"Strides[{stage}]");
            OptionCheck.AtLeast(1, OffsetKernel, $"OffsetKernels[{stage}]");
            OptionCheck.That(
                Math.Abs(OffsetRange) <= float.MaxValue, OffsetRange, $"OffsetRanges[{stage}]", "a number that is finite in float32");
            OptionCheck.That(
                Enum.IsDefined(PositionBias), PositionBias, $"PositionBiases[{stage}]", "a known position bias");
        }

        OptionCheck.That(version == DatVersion.DatPlusPlus || PositionBias != DeformablePositionBias.LogSpaced,
            PositionBias, $"PositionBiases[{stage}]", $"any other, for {nameof(DatVersion.Dat)} lacks it");
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
