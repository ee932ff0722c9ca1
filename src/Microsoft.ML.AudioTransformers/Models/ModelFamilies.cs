namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Model families of the library. A new one is a folder beside this file, and a line here.</summary>
internal static class ModelFamilies
{
    /// <summary>All families.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new AstFamily(),
        new DatarFamily(),
        new HtsAtFamily(),
        new PasstFamily(),
    ];

    /// <summary>Family of a configuration.</summary>
    public static ModelFamily Of(AudioModelConfig config) => All.Single(family => family.ConfigType == config.GetType());
}
