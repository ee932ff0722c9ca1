using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers;

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

    /// <summary>
    /// Offset groups of D. Groups of channels with points of their own, a divisor of <see cref="Heads"/>. Default: 1.
    /// </summary>
    public int Groups { get; set; } = 1;

    /// <summary>
    /// Stride of D. Map points from one reference point to the next, 1 or more (section 3.1's r). Default: 1.
    /// </summary>
    public int Stride { get; set; } = 1;

    /// <summary>
    /// Offset range of D. The furthest that a point moves, in reference points. 0 in DAT leaves offsets unbounded; below 0
    /// positions are kept within the map, in DAT by tanh and in DAT++ by clamping. Default: 2 (DAT); DAT++ has -1.
    /// </summary>
    public double OffsetRange { get; set; } = 2;

    /// <summary>Offset kernel of D. Kernel of the offset generator's depthwise convolution, 1 or more. Default: 5.</summary>
    public int OffsetKernel { get; set; } = 5;

    /// <summary>
    /// No offsets. Whether D attends to a uniform grid, without deformation (Table 4). Default: false.
    /// </summary>
    public bool NoOffsets { get; set; }

    /// <summary>
    /// Convolutional MLP. Whether a depthwise convolution stands in each hidden layer. Default: false; true in DAT++.
    /// </summary>
    public bool ConvolutionalMlp { get; set; }

    /// <summary>
    /// Local perception unit. Whether a depthwise convolution stands before each block. Default: false; true in DAT++.
    /// </summary>
    public bool LocalPerception { get; set; }

    /// <summary>Position bias of D, which depends on the positions of queries and keys.</summary>
    [JsonInclude]
    internal DeformablePositionBias PositionBias { get; set; } = DeformablePositionBias.Interpolated;

    /// <summary>Neighbourhood kernel of N, an odd number; DAT++ has 7.</summary>
    [JsonInclude]
    internal int NeighborhoodKernel { get; set; } = 7;

    /// <summary>Reduction ratio of P, by which the map of keys and values is lower and narrower.</summary>
    [JsonInclude]
    internal int ReductionRatio { get; set; } = 1;

    /// <summary>Layer scale, its initial value in each branch (Touvron et al. 2021); 0 or below for none.</summary>
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
