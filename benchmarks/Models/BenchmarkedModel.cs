using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>Benchmarked model: one of <see cref="ModelFamilies"/> at a size of its paper, for clips of ten seconds.</summary>
/// <param name="Family">Family.</param>
/// <param name="Size">Name of the size; empty for a family of one size.</param>
/// <param name="Config">Configuration.</param>
internal sealed record BenchmarkedModel(ModelFamily Family, string Size, AudioModelConfig Config)
{
    /// <summary>Classes, AudioSet's.</summary>
    public const int Classes = 527;

    private const string Untimed = " small";

    // Sizes by the family's name, of families that have more than that of their default configuration.
    private static readonly Dictionary<string, (string Name, AudioModelConfig Config)[]> s_sizes = new()
    {
        ["DATAR"] = [(" tiny", DatarConfig.Tiny), (Untimed, DatarConfig.Small), (" base", DatarConfig.Base)],
    };

    // Features of ten seconds by the family's name, where they are not of AST's front end.
    private static readonly Dictionary<string, FeatureShape> s_shapes = new()
    {
        ["PaSST"] = new FeatureShape(998, 128),
        ["HTS-AT"] = new FeatureShape(1024, 64),
    };

    private static readonly FeatureShape s_usualShape = new(1024, 128);

    /// <summary>Names of the families on the command line.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ModelFamilies.All.Select(CommandName)];

    /// <summary>Name in reports.</summary>
    public string Name => CommandName(Family) + Size;

    /// <summary>Name in the table of sizes.</summary>
    public string Title => Family.Name + Size;

    /// <summary>Shape of the features of a clip.</summary>
    public FeatureShape Shape => s_shapes.TryGetValue(Family.Name, out FeatureShape shape) ? shape : s_usualShape;

    /// <summary>Family of a name on the command line.</summary>
    public static ModelFamily FamilyOf(string command) => ModelFamilies.All.First(family => CommandName(family) == command);

    /// <summary>All sizes of a family.</summary>
    public static IEnumerable<BenchmarkedModel> SizesOf(ModelFamily family) =>
        s_sizes.TryGetValue(family.Name, out (string Name, AudioModelConfig Config)[]? sizes)
            ? sizes.Select(size => new BenchmarkedModel(family, size.Name, size.Config))
            : [new BenchmarkedModel(family, "", family.CreateOptions().ModelConfig)];

    /// <summary>Sizes of a family that are timed; of three the smallest and the largest.</summary>
    /// <param name="command">Name of the family on the command line.</param>
    public static IEnumerable<BenchmarkedModel> Of(string command) =>
        SizesOf(FamilyOf(command)).Where(model => model.Size != Untimed);

    /// <summary>Model of a name in reports.</summary>
    public static BenchmarkedModel Named(string name) => Names.SelectMany(Of).First(model => model.Name == name);

    /// <summary>Builds the network.</summary>
    public AudioModel Build() => Family.Build(Config, Shape, [Classes], seed: 1);

    private static string CommandName(ModelFamily family) =>
        family.Name.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
