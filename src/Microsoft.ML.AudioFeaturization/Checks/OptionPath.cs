namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>
/// One option in a group of options, or in a group within: where it is, how it is declared, and its value, to read and to set.
/// </summary>
internal sealed class OptionPath
{
    private readonly object _group;

    private OptionPath(object group, OptionDeclaration declaration, string prefix, bool isSwept)
    {
        _group = group;
        Declaration = declaration;
        Path = prefix + declaration.Name;
        IsSwept = isSwept;
    }

    /// <summary>Names of the groups and of the option: "BatchSize", "Augmentation.MixupAlpha", "Config.Stages[0].Dim".</summary>
    public string Path { get; }

    /// <summary>The option as its type declares it.</summary>
    public OptionDeclaration Declaration { get; }

    /// <summary>
    /// Whether sweeps vary it unless they say otherwise: it has a <see cref="SweptRangeAttribute"/> or a
    /// <see cref="SweptChoiceAttribute"/>, and no group that it is in has a <see cref="NotSweptAttribute"/>.
    /// </summary>
    public bool IsSwept { get; }

    /// <summary>Its value.</summary>
    /// <exception cref="ArgumentException">A value of another type is set.</exception>
    public object? Value
    {
        get => Declaration.Get(_group);
        set => Declaration.Set(_group, value);
    }

    /// <summary>
    /// All options of a group, in the order in which they are declared; in the place of a group within, and of a list of
    /// groups, their options.
    /// </summary>
    public static IReadOnlyList<OptionPath> All(IOptionGroup options)
    {
        List<OptionPath> all = [];
        Add(all, options, "", isSwept: true);
        return all;
    }

    /// <summary>
    /// Those of some options that a name means: the one with this path, or else all whose path ends with it, such as
    /// "Config.EmbedDim" by "EmbedDim".
    /// </summary>
    public static IReadOnlyList<OptionPath> Named(IReadOnlyList<OptionPath> options, string name) =>
        options.FirstOrDefault(option => option.Path == name) is { } exact
            ? [exact]
            : [.. options.Where(option => option.Path.EndsWith("." + name, StringComparison.Ordinal))];

    private static void Add(List<OptionPath> all, IOptionGroup group, string prefix, bool isSwept)
    {
        foreach (OptionDeclaration declaration in OptionDeclaration.Of(group.GetType()))
        {
            bool isWithinSwept = isSwept && declaration.Attribute<NotSweptAttribute>() is null;
            switch (declaration.Get(group))
            {
                case IOptionGroup inner:
                    Add(all, inner, $"{prefix}{declaration.Name}.", isWithinSwept);
                    break;
                case IEnumerable<IOptionGroup> groups:
                    int place = 0;
                    foreach (IOptionGroup inner in groups)
                    {
                        Add(all, inner, FormattableString.Invariant($"{prefix}{declaration.Name}[{place++}]."), isWithinSwept);
                    }

                    break;
                default:
                    all.Add(new OptionPath(group, declaration, prefix, isWithinSwept
                        && (declaration.Attribute<SweptRangeAttribute>() is not null
                            || declaration.Attribute<SweptChoiceAttribute>() is not null)));
                    break;
            }
        }
    }
}
