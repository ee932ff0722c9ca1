using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>An option as its type declares it: name, type, rules and what else stands beside it.</summary>
internal sealed class OptionDeclaration
{
    private static readonly ConditionalWeakTable<Type, OptionDeclaration[]> s_declarations = [];
    private static readonly NullabilityInfoContext s_nullability = new();

    private readonly MemberInfo _member;

    private OptionDeclaration(MemberInfo member)
    {
        _member = member;
        Type = member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;
        Rules = [.. member.GetCustomAttributes<OptionRuleAttribute>(inherit: true)];
        IsNullable = Nullability(member) == NullabilityState.Nullable;
    }

    /// <summary>Name of the field or property.</summary>
    public string Name => _member.Name;

    /// <summary>Type of the field or property.</summary>
    public Type Type { get; }

    /// <summary>Ranges declared beside it.</summary>
    public IReadOnlyList<OptionRuleAttribute> Rules { get; }

    /// <summary>Whether its type allows null.</summary>
    public bool IsNullable { get; }

    /// <summary>Whether it has several values.</summary>
    public bool IsList => Type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(Type);

    /// <summary>
    /// Whether its value is a number, text, a Boolean, a member of an enumeration or a list of them, and no object of its own.
    /// </summary>
    public bool IsPlain => IsScalar(Type) || (ItemType(Type) is { } item && IsScalar(item));

    /// <summary>Whether everyone may set it.</summary>
    public bool CanSet => _member is FieldInfo { IsInitOnly: false } or PropertyInfo { SetMethod.IsPublic: true };

    /// <summary>The options of a type: public fields and properties, those of base classes first.</summary>
    public static IReadOnlyList<OptionDeclaration> Of(Type type) => s_declarations.GetValue(type, Read);

    /// <summary>The value in a group.</summary>
    public object? Get(object group) =>
        _member is FieldInfo field ? field.GetValue(group) : ((PropertyInfo)_member).GetValue(group);

    /// <summary>Sets the value in a group.</summary>
    /// <exception cref="ArgumentException">It is of another type.</exception>
    public void Set(object group, object? value)
    {
        if (_member is FieldInfo field)
        {
            field.SetValue(group, value);
        }
        else
        {
            ((PropertyInfo)_member).SetValue(group, value);
        }
    }

    /// <summary>An attribute beside it, or null.</summary>
    public T? Attribute<T>()
        where T : Attribute => _member.GetCustomAttribute<T>(inherit: true);

    private static bool IsScalar(Type type)
    {
        Type value = Nullable.GetUnderlyingType(type) ?? type;
        return value.IsEnum || value == typeof(string) || value == typeof(bool) || value == typeof(int) || value == typeof(long)
            || value == typeof(float) || value == typeof(double);
    }

    private static Type? ItemType(Type type) => type.IsArray
        ? type.GetElementType()
        : type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type)
            && type.GenericTypeArguments is [var item] ? item : null;

    private static OptionDeclaration[] Read(Type type)
    {
        // Those of a base class come first, then in the order in which they are declared. One that a derived class
        // overrides or hides counts once, as the derived class has it.
        Dictionary<string, MemberInfo> members = [];
        List<string> order = [];
        foreach (Type declaring in BasesOf(type))
        {
            const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly;
            foreach (MemberInfo member in declaring.GetMembers(Declared).OrderBy(member => member.MetadataToken))
            {
                if (member is FieldInfo || (member is PropertyInfo property && IsOption(property)))
                {
                    if (!members.ContainsKey(member.Name))
                    {
                        order.Add(member.Name);
                    }

                    members[member.Name] = member;
                }
            }
        }

        return [.. order.Select(name => new OptionDeclaration(members[name]))];
    }

    private static IEnumerable<Type> BasesOf(Type type)
    {
        Stack<Type> types = [];
        for (Type? current = type; current is not null && current != typeof(object); current = current.BaseType)
        {
            types.Push(current);
        }

        return types;
    }

    // A property that is computed from other options is none. One without a setter can still hold a group of options.
    private static bool IsOption(PropertyInfo property) => property.CanRead && property.GetIndexParameters().Length == 0
        && (property.SetMethod is not null || property.DeclaringType!.GetField(
            $"<{property.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic) is not null);

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
