namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Changes stages of DATAR one option at a time, for tests that have a value of it for each stage.</summary>
internal static class DatarStages
{
    public static IReadOnlyList<DatarStageConfig> With(
        this IReadOnlyList<DatarStageConfig> stages,
        string[]? blocks = null,
        int[]? dims = null,
        int[]? heads = null,
        int[]? windowSizes = null,
        int[]? groups = null,
        int[]? offsetKernels = null) =>
    [
        .. stages.Select((stage, i) => stage with
        {
            Blocks = blocks?[i] ?? stage.Blocks,
            Dim = dims?[i] ?? stage.Dim,
            Heads = heads?[i] ?? stage.Heads,
            WindowSize = windowSizes?[i] ?? stage.WindowSize,
            Groups = groups?[i] ?? stage.Groups,
            OffsetKernel = offsetKernels?[i] ?? stage.OffsetKernel,
        }),
    ];
}
