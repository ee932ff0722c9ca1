using Microsoft.ML.AudioTransformers;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>The words by which <c>model_peers.py</c> is told to make a plain model of a size.</summary>
internal static class PeerSizes
{
    /// <param name="sizes">The vision transformer.</param>
    /// <param name="tokens">Those of a training step.</param>
    public static string[] Of(VisionTransformerSizes sizes, int tokens) => Words(
        "vit", sizes.Frequency, sizes.Time, sizes.Patch, sizes.Stride, sizes.Dim, sizes.Depth, sizes.Heads,
        sizes.Classes, tokens);

    public static string[] Of(HtsAtConfig options) => Words(
        "swin",
        [
            options.MelBins, options.ImageSize, options.PatchSize, options.EmbedDim, options.WindowSize, options.Classes,
            .. options.Depths, .. options.Heads,
        ]);

    /// <summary>Of a DAT whose stages are pairs of a local and a shifted or deformable block, as those of its paper.</summary>
    public static string[] Of(DatarConfig options) => Words(
        "dat",
        [
            options.InputFrequency, options.InputTime, options.PatchSize, options.StemDim, options.Classes,
            .. options.Stages.SelectMany(Stage),
        ]);

    private static int[] Stage(DatarStageConfig stage)
    {
        bool isDeformable = stage.Blocks.Contains('D', StringComparison.Ordinal);
        return
        [
            stage.Dim, stage.Heads, stage.Groups, stage.Blocks.Length / 2, isDeformable ? 1 : 0, stage.WindowSize,
            stage.OffsetKernel,
        ];
    }

    private static string[] Words(string model, params IEnumerable<int> numbers) =>
        [model, .. numbers.Select(number => $"{number}")];
}
