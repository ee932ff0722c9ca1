using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>Checks options; the message names the option, its value and what was expected.</summary>
internal static class OptionCheck
{
    private static readonly ConditionalWeakTable<Type, Option[]> s_options = [];

    /// <summary>
    /// Checks every option against the <see cref="OptionRuleAttribute"/> beside it, enumerations against their values, the
    /// groups within, and how options fit each other.
    /// </summary>
    /// <param name="group">The options.</param>
    /// <param name="prefix">What stands before their names in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static void All(IOptionGroup group, string prefix = "")
    {
        foreach (Option option in s_options.GetValue(group.GetType(), OptionsOf))
        {
            object? value = option.Get(group);
            string name = prefix + option.Name;
            if (option.IsGroup)
            {
                That(value is not null || option.IsNullable, "null", name, $"a {option.Type.Name}");
                if (value is IOptionGroup inner)
                {
                    All(inner, name + ".");
                }
            }
            else if (option.Rule is { } rule && value is IEnumerable and not string)
            {
                int place = 0;
                foreach (object? item in (IEnumerable)value)
                {
                    That(rule.Holds(item), Show(item), $"{name}[{place++}]", rule.Expected);
                }
            }
            else if (option.Rule is { } single)
            {
                That((value is null && option.IsNullable) || single.Holds(value), Show(value), name, single.Expected);
            }
            else if (value is Enum member && !IsDefined(member))
            {
                That(false, member, name, $"one of {string.Join(", ", Enum.GetNames(member.GetType()))}");
            }
        }

        group.CheckTogether(prefix);
    }

    /// <summary>
    /// The options by name, with those of groups as "Group.Option", and their values as text in the invariant culture; without
    /// those that are null or someone's object.
    /// </summary>
    /// <param name="group">The options.</param>
    /// <param name="prefix">What stands before their names.</param>
    public static IEnumerable<(string Name, string Value)> Values(IOptionGroup group, string prefix = "")
    {
        foreach (Option option in s_options.GetValue(group.GetType(), OptionsOf))
        {
            object? value = option.Get(group);
            if (value is IOptionGroup inner)
            {
                foreach ((string, string) item in Values(inner, $"{prefix}{option.Name}."))
                {
                    yield return item;
                }
            }
            else if (value is IEnumerable<IOptionGroup> groups)
            {
                int place = 0;
                foreach ((string, string) item in groups.SelectMany(each => Values(each, $"{prefix}{option.Name}[{place++}].")))
                {
                    yield return item;
                }
            }
            else if (value is string or bool or Enum or IFormattable)
            {
                yield return (prefix + option.Name, Text(value));
            }
            else if (value is IEnumerable<int> or IEnumerable<double> or IEnumerable<float> or IEnumerable<string>)
            {
                yield return (prefix + option.Name, string.Join(", ", ((IEnumerable)value).Cast<object?>().Select(Text)));
            }
        }

        static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Requires a whole number of <paramref name="minimum"/> or more.</summary>
    public static void AtLeast(int minimum, int value, string name) => That(value >= minimum, value, name, $"{minimum} or more");

    /// <summary>Requires a number above 0 that float32 holds.</summary>
    public static void Positive(double value, string name) => Rule(new PositiveAttribute(), value, name);

    /// <summary>Requires a number, 0 or more, that float32 holds.</summary>
    public static void NotNegative(double value, string name) => Rule(new NotNegativeAttribute(), value, name);

    /// <summary>Requires text that is not blank.</summary>
    public static void ColumnName(string value, string name) => Rule(new TextAttribute(), value, name);

    /// <summary>Requires what a caller has found out.</summary>
    /// <param name="isValid">Whether the value is in its range.</param>
    /// <param name="value">The value, for the message.</param>
    /// <param name="name">The option's name.</param>
    /// <param name="expected">What it may be.</param>
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
    /// A copy of options whose changes do not reach the original, nor those of the original the copy: groups, arrays and
    /// lists are copied with what they hold. What is no option's value but someone's object (a data view, a callback, a
    /// schedule) is shared.
    /// </summary>
    public static T Copy<T>(T group)
        where T : class, IOptionGroup => (T)CopyGroup(group);

    private static object CopyGroup(object group)
    {
        object copy = Method(nameof(MemberwiseClone)).Invoke(group, null)!;
        for (Type? type = group.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.GetValue(group) is { } value && CopyValue(value) is var copied && field.FieldType.IsInstanceOfType(copied))
                {
                    field.SetValue(copy, copied);
                }
            }
        }

        return copy;
    }

    private static object CopyValue(object value)
    {
        switch (value)
        {
            case IOptionGroup:
                return CopyGroup(value);
            case Array array:
                return CopyItems(array, array.GetType().GetElementType()!);
            case IEnumerable items when ItemTypeOf(value.GetType()) is { } item:
                return CopyItems(items, item);
            default:
                return value;
        }
    }

    /// <summary>The type of a list's items; null where a value is no list, or one that an array cannot stand for.</summary>
    private static Type? ItemTypeOf(Type type) => type.IsGenericType && !typeof(IDictionary).IsAssignableFrom(type)
        ? type.GetInterfaces().FirstOrDefault(
            face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))?.GenericTypeArguments[0]
        : null;

    private static Array CopyItems(IEnumerable items, Type type)
    {
        object?[] copies = [.. items.Cast<object?>().Select(item => item is null ? null : CopyValue(item))];
        Array array = Array.CreateInstance(type, copies.Length);
        for (int i = 0; i < copies.Length; i++)
        {
            array.SetValue(copies[i], i);
        }

        return array;
    }

    private static MethodInfo Method(string name) =>
        typeof(object).GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)!;

    private static void Rule(OptionRuleAttribute rule, object? value, string name) =>
        That(rule.Holds(value), Show(value), name, rule.Expected);

    private static object? Show(object? value) => value is null or string ? value is null ? "null" : $"'{value}'" : value;

    private static bool IsDefined(Enum member)
    {
        Type type = member.GetType();
        if (!type.IsDefined(typeof(FlagsAttribute)))
        {
            return Enum.IsDefined(type, member);
        }

        long all = Enum.GetValues(type).Cast<object>().Aggregate(0L, (bits, flag) => bits | Convert.ToInt64(flag));
        return (Convert.ToInt64(member) & ~all) == 0;
    }

    private static Option[] OptionsOf(Type type)
    {
        // What a base declares comes first, and each type's options in their order.
        List<Type> types = [];
        for (Type? t = type; t is not null && t != typeof(object); t = t.BaseType)
        {
            types.Insert(0, t);
        }

        const BindingFlags declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly;
        return
        [
            .. types.SelectMany(t => t.GetMembers(declared).OrderBy(member => member.MetadataToken)).Select(
                member => member switch
                {
                    FieldInfo field => new Option(field, field.FieldType, field.GetValue),
                    PropertyInfo { SetMethod: not null } property when property.GetIndexParameters().Length == 0 =>
                        new Option(property, property.PropertyType, property.GetValue),
                    _ => null,
                }).OfType<Option>(),
        ];
    }

    /// <summary>One option of a type.</summary>
    private sealed class Option(MemberInfo member, Type type, Func<object, object?> get)
    {
        private static readonly NullabilityInfoContext s_nullability = new();

        public string Name => member.Name;

        public Type Type => type;

        public Func<object, object?> Get => get;

        public bool IsGroup { get; } = typeof(IOptionGroup).IsAssignableFrom(type);

        public OptionRuleAttribute? Rule { get; } = member.GetCustomAttribute<OptionRuleAttribute>();

        public bool IsNullable { get; } = Nullability(member) == NullabilityState.Nullable;

        private static NullabilityState Nullability(MemberInfo member)
        {
            lock (s_nullability)
            {
                return (member is FieldInfo field
                    ? s_nullability.Create(field)
                    : s_nullability.Create((PropertyInfo)member)).ReadState;
            }
        }
    }
}
