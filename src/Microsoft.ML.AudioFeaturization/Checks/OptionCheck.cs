using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>Checks and copies of options. A message names the option, its value and what was expected.</summary>
internal static class OptionCheck
{
    private static readonly MethodInfo s_memberwiseClone =
        typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    /// <summary>
    /// Checks every option of a group: against the <see cref="OptionRuleAttribute"/>s beside it, enumerations against their
    /// members, references that are not nullable against null, the groups within, and how options fit each other.
    /// </summary>
    /// <param name="group">The options: public fields and properties that can be set, those of base classes first.</param>
    /// <param name="prefix">Prefix of their names in messages, such as "Augmentation.".</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static void All(IOptionGroup group, string prefix = "") => Check(group, prefix, together: true);

    /// <summary>Checks every option of a group as <see cref="All(IOptionGroup, string)"/> does, but not how they fit each other.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static void Ranges(IOptionGroup group) => Check(group, "", together: false);

    private static void Check(IOptionGroup group, string prefix, bool together)
    {
        foreach (OptionDeclaration option in OptionDeclaration.Of(group.GetType()))
        {
            Value(option, option.Get(group), prefix + option.Name, together);
        }

        if (together)
        {
            group.CheckTogether(prefix);
        }
    }

    /// <summary>
    /// The options by name, with those of groups as "Group.Option", and their values as text in the invariant culture; without
    /// those that are null or someone's object.
    /// </summary>
    /// <param name="group">The options.</param>
    public static IEnumerable<(string Name, string Value)> Values(IOptionGroup group)
    {
        foreach (OptionPath option in OptionPath.All(group).Where(option => option.Declaration.IsPlain))
        {
            if (option.Value is { } value)
            {
                yield return (option.Path, value is IEnumerable list and not string
                    ? string.Join(", ", list.Cast<object?>().Select(Text))
                    : Text(value));
            }
        }
    }

    /// <summary>Requires a whole number of <paramref name="minimum"/> or more.</summary>
    public static void AtLeast(int minimum, int value, string name) => That(value >= minimum, value, name, $"{minimum} or more");

    /// <summary>Requires a number above 0 that is finite in float32.</summary>
    public static void Positive(double value, string name) => Rule(new PositiveAttribute(), value, name);

    /// <summary>Requires a number from a minimum to a maximum, both included.</summary>
    public static void Between(double minimum, double maximum, double value, string name) =>
        Rule(new BetweenAttribute(minimum, maximum), value, name);

    /// <summary>Requires a number, 0 or more, that is finite in float32.</summary>
    public static void NotNegative(double value, string name) => Rule(new NotNegativeAttribute(), value, name);

    /// <summary>Requires text that is not blank.</summary>
    public static void ColumnName(string value, string name) => Rule(new TextAttribute(), value, name);

    /// <summary>Throws unless a condition of an option holds.</summary>
    /// <param name="isValid">Whether the value is in its range.</param>
    /// <param name="value">The value, for the message.</param>
    /// <param name="name">The option's name.</param>
    /// <param name="expected">The range in words, as it stands after "expected".</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in its range.</exception>
    public static void That<T>([DoesNotReturnIf(false)] bool isValid, T value, string name, string expected)
    {
        if (!isValid)
        {
            throw new ArgumentOutOfRangeException(
                name, FormattableString.Invariant($"Option {name} is {value}; expected {expected}."));
        }
    }

    /// <summary>
    /// A deep copy of options: groups, arrays, lists (<see cref="List{T}"/>, <see cref="IReadOnlyList{T}"/>) and dictionaries
    /// are copied with what they hold, so that later changes of one do not reach the other.
    /// </summary>
    /// <remarks>
    /// All other objects (a data view, a callback, a schedule) are shared.
    /// </remarks>
    public static T Copy<T>(T group)
        where T : class, IOptionGroup => (T)CopyGroup(group);

    private static object CopyGroup(object group)
    {
        object copy = s_memberwiseClone.Invoke(group, null)!;
        for (Type? type = group.GetType(); type is not null; type = type.BaseType)
        {
            // Private fields too: that is where properties keep their values.
            foreach (FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.GetValue(group) is { } value && CopyValue(value) is var copied && !ReferenceEquals(value, copied)
                    && field.FieldType.IsInstanceOfType(copied))
                {
                    field.SetValue(copy, copied);
                }
            }
        }

        return copy;
    }

    private static object CopyValue(object value)
    {
        Type type = value.GetType();
        if (value is IOptionGroup)
        {
            return CopyGroup(value);
        }

        if (value is Array array)
        {
            return CopyArray(array);
        }

        if (!type.IsGenericType || type.IsValueType)
        {
            return value;
        }

        Type definition = type.GetGenericTypeDefinition();
        if (definition == typeof(List<>))
        {
            var list = (IList)Activator.CreateInstance(type)!;
            foreach (object? item in (IList)value)
            {
                list.Add(CopyItem(item));
            }

            return list;
        }

        if (definition == typeof(Dictionary<,>))
        {
            // The constructor that takes a dictionary and a comparer keeps how keys are compared.
            object comparer = type.GetProperty(nameof(Dictionary<,>.Comparer))!.GetValue(value)!;
            var dictionary = (IDictionary)Activator.CreateInstance(type, value, comparer)!;
            foreach (DictionaryEntry entry in (IDictionary)value)
            {
                dictionary[entry.Key] = CopyItem(entry.Value);
            }

            return dictionary;
        }

        // A list of another kind, such as a collection expression makes: an array stands for it.
        return ItemTypeOf(type) is { } itemType ? CopyList((IEnumerable)value, itemType) : value;
    }

    private static object? CopyItem(object? item) => item is null ? null : CopyValue(item);

    private static Array CopyArray(Array array)
    {
        var copy = (Array)array.Clone();
        Type itemType = array.GetType().GetElementType()!;
        if (array.Rank == 1 && !itemType.IsPrimitive && itemType != typeof(string))
        {
            for (int i = 0; i < copy.Length; i++)
            {
                copy.SetValue(CopyItem(copy.GetValue(i)), i);
            }
        }

        return copy;
    }

    private static Array CopyList(IEnumerable list, Type itemType)
    {
        object?[] items = [.. list.Cast<object?>().Select(CopyItem)];
        Array array = Array.CreateInstance(itemType, items.Length);
        for (int i = 0; i < items.Length; i++)
        {
            array.SetValue(items[i], i);
        }

        return array;
    }

    private static Type? ItemTypeOf(Type type) => type.GetInterfaces().FirstOrDefault(
        face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))?.GenericTypeArguments[0];

    private static void Value(OptionDeclaration option, object? value, string name, bool together)
    {
        if (value is not null)
        {
            Part(option, value, name, together);
        }
        else if (option.Rules is [var rule, ..] && !option.IsList)
        {
            That(option.IsNullable || rule.Holds(value), "null", name, rule.Expected);
        }
        else
        {
            That(option.IsNullable, "null", name, Article(option.Type));
        }
    }

    // An option's value, or one item of it.
    private static void Part(OptionDeclaration option, object? value, string name, bool together)
    {
        switch (value)
        {
            case IOptionGroup group:
                Check(group, name + ".", together);
                break;
            case IList list:
                for (int i = 0; i < list.Count; i++)
                {
                    Part(option, list[i], FormattableString.Invariant($"{name}[{i}]"), together);
                }

                break;
            case IDictionary dictionary:
                foreach (DictionaryEntry entry in dictionary)
                {
                    Part(option, entry.Value, FormattableString.Invariant($"{name}[{entry.Key}]"), together);
                }

                break;
            case Enum member when !IsDefined(member, out bool isFlags):
                string names = string.Join(", ", Enum.GetNames(member.GetType()));
                That(false, member, name, $"{(isFlags ? "any" : "one")} of {names}");
                break;
            default:
                foreach (OptionRuleAttribute rule in option.Rules)
                {
                    Rule(rule, value, name);
                }

                break;
        }
    }

    private static string Article(Type type)
    {
        string name = type.IsNested ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name.Split('`')[0];
        return $"{("AEIOU".Contains(name[0]) ? "an" : "a")} {name}";
    }

    private static void Rule(OptionRuleAttribute rule, object? value, string name) =>
        That(rule.Holds(value), Show(value), name, rule.Expected);

    private static object? Show(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        _ => value,
    };

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static bool IsDefined(Enum member, out bool isFlags)
    {
        Type type = member.GetType();
        isFlags = type.IsDefined(typeof(FlagsAttribute));
        if (!isFlags)
        {
            return Enum.IsDefined(type, member);
        }

        ulong all = Enum.GetValues(type).Cast<Enum>().Aggregate(0UL, (bits, flag) => bits | Bits(flag));
        return (Bits(member) & ~all) == 0;
    }

    private static ulong Bits(Enum member) => member.GetTypeCode() == TypeCode.UInt64
        ? Convert.ToUInt64(member, CultureInfo.InvariantCulture)
        : unchecked((ulong)Convert.ToInt64(member, CultureInfo.InvariantCulture));
}
