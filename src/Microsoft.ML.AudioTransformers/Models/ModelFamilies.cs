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

    /// <summary>The family of a name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static ModelFamily Named(string? name) => All.FirstOrDefault(family => family.Name == name)
        ?? throw new InvalidDataException(
            $"There is no model '{name}'; expected one of {string.Join(", ", All.Select(family => family.Name))}.");
}
