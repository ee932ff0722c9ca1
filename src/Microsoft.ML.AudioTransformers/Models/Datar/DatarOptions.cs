using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// What the trainer can be told. Options of four numbers have one for each stage, that of the finest map first.
/// </summary>
public sealed partial class DatarOptions : AudioTrainerOptions
{
    /// <summary>Options with the values of DATAR's paper on the tiny DAT.</summary>
    public DatarOptions()
        : this(DatarSize.Tiny)
    {
    }

    /// <summary>Options with the paper's values on a DAT of some size.</summary>
    /// <param name="size">The size.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such size.</exception>
    public DatarOptions(DatarSize size)
    {
        DatarConfig preset = size switch
        {
            DatarSize.Tiny => DatarConfig.Tiny,
            DatarSize.Small => DatarConfig.Small,
            DatarSize.Base => DatarConfig.Base,
            _ => throw new ArgumentOutOfRangeException(nameof(size), size, "There is no such size."),
        };
        LearningRate = 1e-5;
        WeightDecay = 0.05;
        Epochs = 50;
        StemDim = preset.StemDim;
        DropPath = preset.DropPath;
        Dims = [.. preset.Stages.Select(stage => stage.Dim)];
        Blocks = [.. preset.Stages.Select(stage => stage.Blocks)];
        Heads = [.. preset.Stages.Select(stage => stage.Heads)];
        WindowSizes = [.. preset.Stages.Select(stage => stage.WindowSize)];
        Groups = [.. preset.Stages.Select(stage => stage.Groups)];
        Strides = [.. preset.Stages.Select(stage => stage.Stride)];
        OffsetRanges = [.. preset.Stages.Select(stage => stage.OffsetRange)];
        OffsetKernels = [.. preset.Stages.Select(stage => stage.OffsetKernel)];
    }

    /// <summary>What is done to the input. Default: the learnable adaptor (section 3.2).</summary>
    public DatarAdaptor Adaptor = DatarAdaptor.Learnable;

    /// <summary>
    /// Alpha, the strength of the adaptor at the start of training, or of the noise in its place, 0 or more.
    /// Default: 0.005; the paper also has 0.2 (Table 4).
    /// </summary>
    public double AdaptorStrength = 0.005;

    /// <summary>
    /// Whether points move. Default: true; false is the attention without deformation, to points of a uniform grid
    /// (Table 4).
    /// </summary>
    public bool Deformable = true;

    /// <summary>Whose attention: that of DAT, or of DAT++. Default: DAT.</summary>
    public DatVersion Version = DatVersion.Dat;

    /// <summary>Height and width of a patch, in mel bins and frames, 1 or more. Default: 4 (DAT).</summary>
    public int PatchSize = 4;

    /// <summary>Channels that patches are projected to, 1 or more. Default: 96, base 128 (DAT).</summary>
    public int StemDim;

    /// <summary>Width of a block's hidden layer, in channels, 1 or more. Default: 4 (DAT).</summary>
    public int Expansion = 4;

    /// <summary>Whether patches, and points of the maps after them, overlap. Default: false; true in DAT++.</summary>
    public bool ConvolutionalPatches;

    /// <summary>Whether hidden layers hold a depthwise convolution. Default: false; true in DAT++.</summary>
    public bool ConvolutionalMlps;

    /// <summary>Whether a depthwise convolution stands before each block. Default: false; true in DAT++.</summary>
    public bool LocalPerception;

    /// <summary>Channels of each stage, multiples of <see cref="Heads"/>. Default: 96, 192, 384, 768; base from 128 on.
    /// </summary>
    public int[] Dims;

    /// <summary>
    /// The blocks of each stage, a letter each: L local windows, S shifted windows, D deformable attention,
    /// N neighbourhood attention of 7 x 7 points, E slide attention of 3 x 3 points, P attention to all points, X a
    /// ConvNeXt block. Default: LS, LS, LD three times (small and base nine times), LD (DAT).
    /// </summary>
    public string[] Blocks;

    /// <summary>Attention heads of each stage, 1 or more. Default: 3, 6, 12, 24; base 4, 8, 16, 32 (DAT).</summary>
    public int[] Heads;

    /// <summary>
    /// Height and width of windows in each stage, 1 or more, 2 where they shift. Default: 8, 8, 8, 4, which divide the
    /// maps of 128 x 1024; others are filled up and masked.
    /// </summary>
    public int[] WindowSizes;

    /// <summary>
    /// Groups of channels that have points of their own, in each stage with D blocks; divisors of
    /// <see cref="Heads"/>. Default: 3 and 6 in the last two stages, base 4 and 8 (DAT).
    /// </summary>
    public int[] Groups;

    /// <summary>Map points from one reference point to the next in each stage, 1 or more. Default: 1 (DAT).</summary>
    public int[] Strides;

    /// <summary>
    /// The furthest that points move in each stage, in reference points. 0 in DAT leaves them unbounded; below 0 they
    /// are kept within the map, in DAT by tanh and in DAT++ by clamping. Default: 2 (DAT); DAT++ has -1.
    /// </summary>
    public double[] OffsetRanges;

    /// <summary>Kernels of the offset generator's depthwise convolution, 1 or more. Default: 9, 7, 5, 3 (DAT).</summary>
    public int[] OffsetKernels;

    /// <summary>
    /// Stochastic depth: the share of clips that skip the last block's branches in training, growing from 0 at the
    /// first block; 0 to less than 1. Default: 0.2, small 0.3, base 0.5 (DAT).
    /// </summary>
    public double DropPath;

    internal override ModelArchitecture CreateArchitecture() => new DatarArchitecture { Sizes = Sizes() };

    // DAT warms up for 20 of 300 epochs.
    internal override LearningRateSchedule CreateDefaultSchedule() =>
        new CosineSchedule(warmupEpochs: Epochs / 15.0);

    internal override void Check()
    {
        base.Check();
        OfEachStage(Dims, nameof(Dims));
        OfEachStage(Blocks, nameof(Blocks));
        OfEachStage(Heads, nameof(Heads));
        OfEachStage(WindowSizes, nameof(WindowSizes));
        OfEachStage(Groups, nameof(Groups));
        OfEachStage(Strides, nameof(Strides));
        OfEachStage(OffsetRanges, nameof(OffsetRanges));
        OfEachStage(OffsetKernels, nameof(OffsetKernels));
        OptionCheck.That(
            Array.TrueForAll(Blocks, blocks => blocks is not null), "with a null", nameof(Blocks), "text");
        Sizes().ValidateSizes();
    }

    /// <summary>The model's sizes, but for those of input and output.</summary>
    internal DatarConfig Sizes() => new()
    {
        Version = Version,
        PatchSize = PatchSize,
        StemDim = StemDim,
        Expansion = Expansion,
        ConvolutionalPatches = ConvolutionalPatches,
        DropPath = DropPath,
        Adaptor = Adaptor,
        AdaptorStrength = AdaptorStrength,
        Stages = [.. Enumerable.Range(0, DatarConfig.StageCount).Select(Stage)],
    };

    private DatarStageConfig Stage(int stage) => new()
    {
        Dim = Dims[stage],
        Blocks = Blocks[stage],
        Heads = Heads[stage],
        WindowSize = WindowSizes[stage],
        Groups = Groups[stage],
        Stride = Strides[stage],
        OffsetRange = OffsetRanges[stage],
        OffsetKernel = OffsetKernels[stage],
        NoOffsets = !Deformable,
        PositionBias = DeformablePositionBias.Interpolated,
        ConvolutionalMlp = ConvolutionalMlps,
        LocalPerception = LocalPerception,
    };

    private static void OfEachStage<T>(T[]? values, string name) => OptionCheck.That(
        values is { Length: DatarConfig.StageCount },
        values is null ? "null" : $"of {values.Length} values",
        name,
        $"{DatarConfig.StageCount}, one for each stage");
}
