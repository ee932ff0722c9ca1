using static System.FormattableString;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Whether this machine's memory could hold a model: LibTorch reports memory that it does not get, but the system ends
/// processes that use more than there is. What is counted is less than what a model takes, so that none that fits is refused.
/// </summary>
internal static class ModelMemory
{
    // Modules, parameters and tensors of a block, beside their numbers.
    private const double BlockOverhead = 4096;

    /// <exception cref="ArgumentOutOfRangeException">The model does not fit.</exception>
    public static void Check(PasstConfig options)
    {
        double blocks = options.CutDepth switch
        {
            0 => options.Depth,
            > 0 => options.Depth - options.CutDepth,
            _ => options.Depth / -(double)options.CutDepth,
        };
        double positions = ((double)options.InputTime / options.StrideTime) + Square(options.PatchSize) + options.Classes;
        Check(
            (blocks * Block(options.EmbedDim, options.MlpRatio)) + (options.EmbedDim * positions),
            Invariant($"EmbedDim {options.EmbedDim}, Depth {options.Depth}, MlpRatio {options.MlpRatio} and ")
            + Invariant($"PatchSize {options.PatchSize} for {options.InputTime} frames"));
    }

    /// <inheritdoc cref="Check(PasstConfig)"/>
    public static void Check(AstConfig options)
    {
        double positions = ((double)options.FrequencyPatches * options.TimePatches) + Square(options.PatchSize)
            + options.Classes;
        Check(
            (options.Depth * Block(options.EmbedDim, options.MlpRatio)) + (options.EmbedDim * positions),
            Invariant($"EmbedDim {options.EmbedDim}, Depth {options.Depth}, MlpRatio {options.MlpRatio} and ")
            + Invariant($"PatchSize {options.PatchSize} for {options.InputTime} frames"));
    }

    /// <inheritdoc cref="Check(PasstConfig)"/>
    public static void Check(HtsAtConfig options)
    {
        double tokens = (double)(options.ImageSize / options.StrideFrequency) * (options.ImageSize / options.StrideTime);
        double numbers = Square(options.ImageSize) + (options.EmbedDim * (tokens + Square(options.PatchSize)));
        for (int stage = 0; stage < options.Depths.Count; stage++)
        {
            // A window's places, two float32 each; they are as many as a smaller map has, or fewer.
            double places = 2 * Square(Math.Min(Square(options.WindowSize), tokens));
            numbers += options.Depths[stage] * (Block(options.EmbedDim * Math.Pow(2, stage), options.MlpRatio) + places);
            tokens /= 4;
        }

        Check(
            numbers,
            Invariant($"ImageSize {options.ImageSize}, EmbedDim {options.EmbedDim}, ")
            + Invariant($"Depths {string.Join(", ", options.Depths)}, WindowSize {options.WindowSize} and ")
            + Invariant($"MlpRatio {options.MlpRatio}"));
    }

    /// <inheritdoc cref="Check(PasstConfig)"/>
    public static void Check(DatarConfig options)
    {
        double numbers = options.StemDim * (Square(options.ConvolutionalPatches ? 3 : options.PatchSize)
            + ((double)options.InputFrequency * options.InputTime / Square(options.PatchSize)));
        foreach (DatarStageConfig stage in options.Stages)
        {
            numbers += stage.Blocks.Length * Block(stage.Dim, options.Expansion);
            numbers += stage.Blocks.Count("LS".Contains) * 2 * Square(Square(stage.WindowSize));
            numbers += stage.Blocks.Count(block => block == 'X') * stage.Dim * Square(stage.WindowSize);
            numbers += stage.Blocks.Count(block => block == 'D') * Square(stage.OffsetKernel);
        }

        Check(
            numbers,
            Invariant($"PatchSize {options.PatchSize}, StemDim {options.StemDim}, the stages' Dim {List(stage => stage.Dim)}, ")
            + $"WindowSize {List(stage => stage.WindowSize)}, OffsetKernel {List(stage => stage.OffsetKernel)} and "
            + Invariant($"Expansion {options.Expansion} for {options.InputTime} frames"));

        string List(Func<DatarStageConfig, int> size) => string.Join(", ", options.Stages.Select(size));
    }

    /// <summary>Four matrices of attention, two of the hidden layer.</summary>
    private static double Block(double dim, double mlpRatio) => (Square(dim) * (4 + (2 * mlpRatio))) + BlockOverhead;

    private static double Square(double number) => number * number;

    /// <param name="numbers">How many float32 the model holds at least.</param>
    /// <param name="options">What that follows from.</param>
    private static void Check(double numbers, string options)
    {
        double bytes = numbers * sizeof(float);

        // The first is less where the managed heap has a limit, which LibTorch does not have; the second is a share of all.
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        double memory = Math.Max(info.TotalAvailableMemoryBytes, info.HighMemoryLoadThresholdBytes);
        if (!(bytes <= memory))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                Invariant($"Options {options} make a model of {bytes:0.0e0} bytes or more; expected at most ")
                + Invariant($"this machine's memory, {memory:0.0e0} bytes."));
        }
    }
}
