using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>Arguments by which <c>model_peers.py</c> makes a plain PyTorch model of a size.</summary>
internal static class PeerSizes
{
    // By the family's name: the configuration and the number of classes to arguments.
    private static readonly Dictionary<string, Func<AudioModelConfig, int, string[]>> s_peers = new()
    {
        ["PaSST"] = (config, classes) => Passt((PasstConfig)config, classes),
        ["AST"] = (config, classes) => Ast((AstConfig)config, classes),
        ["HTS-AT"] = (config, classes) => HtsAt((HtsAtConfig)config, classes),
        ["DATAR"] = (config, classes) => Datar((DatarConfig)config, classes),
    };

    /// <summary>Arguments of the peer of a model; null for a family that has none, which is benchmarked alone.</summary>
    public static string[]? Of(AudioModelConfig config, int classes) =>
        s_peers.GetValueOrDefault(ModelFamilies.Of(config).Name)?.Invoke(config, classes);

    /// <summary>A vision transformer over as many tokens and blocks as patchout and lightening leave.</summary>
    private static string[] Passt(PasstConfig config, int classes) => Arguments(
        "vit", config.InputFrequency, config.InputTime, config.PatchSize, config.StrideTime, config.EmbedDim,
        config.KeptBlocks().Count, config.Heads, classes, config.TrainingSequenceLength);

    private static string[] Ast(AstConfig config, int classes) => Arguments(
        "vit", config.InputFrequency, config.InputTime, config.PatchSize, config.StrideTime, config.EmbedDim, config.Depth,
        config.Heads, classes, config.SequenceLength);

    private static string[] HtsAt(HtsAtConfig config, int classes) => Arguments(
        "swin",
        [
            config.MelBins, config.ImageSize, config.PatchSize, config.EmbedDim, config.WindowSize, classes,
            .. config.Depths, .. config.Heads,
        ]);

    /// <summary>A DAT whose stages are pairs of a local and a shifted or deformable block, as those of its paper.</summary>
    private static string[] Datar(DatarConfig config, int classes) => Arguments(
        "dat",
        [
            config.InputFrequency, config.InputTime, config.PatchSize, config.StemDim, classes,
            .. config.Stages.SelectMany(Stage),
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

    private static string[] Arguments(string model, params IEnumerable<int> numbers) =>
        [model, .. numbers.Select(number => $"{number}")];
}
