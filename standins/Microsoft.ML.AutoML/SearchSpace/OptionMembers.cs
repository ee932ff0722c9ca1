using System.Reflection;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.SearchSpace;

/// <summary>Reads the options of a class from the attributes of its public fields and properties.</summary>
internal static class OptionMembers
{
    public static Dictionary<string, OptionBase> Read(Type type)
    {
        Dictionary<string, OptionBase> options = [];
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            Add(options, field, field.FieldType);
        }

        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            Add(options, property, property.PropertyType);
        }

        return options;
    }

    private static void Add(Dictionary<string, OptionBase> options, MemberInfo member, Type type)
    {
        OptionBase option = member.GetCustomAttributes(inherit: false)
            .Select(attribute => Create(attribute, type))
            .FirstOrDefault(found => found is not null);
        if (option is not null)
        {
            options.Add(member.Name, option);
        }
    }

    private static OptionBase Create(object attribute, Type type) => attribute switch
    {
        ChoiceAttribute choice => new ChoiceOption(choice.Candidates, choice.DefaultValue),
        BooleanChoiceAttribute choice => new ChoiceOption([true, false], choice.DefaultValue),
        RangeAttribute { Min: double min, Max: double max } range =>
            new UniformDoubleOption(min, max, range.LogBase, (double?)range.Init),
        RangeAttribute { Min: float min, Max: float max } range =>
            new UniformSingleOption(min, max, range.LogBase, (float?)range.Init),
        RangeAttribute { Min: int min, Max: int max } range =>
            new UniformIntOption(min, max, range.LogBase, (int?)range.Init),
        NestOptionAttribute => Nested(type),
        _ => null,
    };

    private static SearchSpace Nested(Type type)
    {
        var space = new SearchSpace();
        foreach ((string key, OptionBase option) in Read(type))
        {
            space.Add(key, option);
        }

        return space;
    }
}
