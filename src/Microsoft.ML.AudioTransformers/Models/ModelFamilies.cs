namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>The models of this library. A new one is a folder beside this file, and a line here.</summary>
internal static class ModelFamilies
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new AstFamily(),
        new DatarFamily(),
        new HtsAtFamily(),
        new PasstFamily(),
    ];

    /// <summary>The family that a configuration is of.</summary>
    public static ModelFamily Of(AudioModelConfig config) => All.Single(family => family.ConfigType == config.GetType());
}
