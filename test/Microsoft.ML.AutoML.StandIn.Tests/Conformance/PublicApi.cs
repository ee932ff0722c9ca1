using System.Reflection;
using System.Runtime.CompilerServices;

namespace AudioMLNet.AutoML.StandIn.Tests;

/// <summary>
/// What an assembly shows to other assemblies: every public type, and every public or protected member of one, under its
/// documentation comment ID (C# standard, annex on documentation comments) with its C# signature.
/// </summary>
/// <remarks>
/// The form of the signatures: names in full but for <c>System</c> and <c>System.Collections.Generic</c>; keywords for
/// the built-in types; <c>.ctor</c> for a constructor; accessors that can be reached; <c>default</c> for a default value
/// of null or default; an enum's default value as its number; base type and all interfaces, sorted; constraints last.
/// </remarks>
public static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>All entries of an assembly: signature by documentation comment ID, in ordinal order.</summary>
    /// <param name="assembly">The assembly.</param>
    public static SortedDictionary<string, string> Of(Assembly assembly) => Of(assembly.GetTypes());

    /// <summary>As above, of some types of an assembly.</summary>
    public static SortedDictionary<string, string> Of(IEnumerable<Type> types)
    {
        SortedDictionary<string, string> entries = new(StringComparer.Ordinal);
        foreach (Type type in types.Where(IsVisible))
        {
            entries.Add(DocumentationId.Of(type), Signature(type));
            foreach (MemberInfo member in type.GetMembers(Declared))
            {
                // The compiler's own names, such as a record's <Clone>$, cannot be written in C#.
                if (!member.Name.Contains('<', StringComparison.Ordinal) && SignatureIfVisible(member) is string signature)
                {
                    entries.Add(DocumentationId.Of(member), signature);
                }
            }
        }

        return entries;
    }

    private static bool IsVisible(Type type) => type.IsNested
        ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)
        : type.IsPublic;

    private static bool IsVisible(MethodBase? method) =>
        method != null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static string Signature(Type type)
    {
        string kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => "struct",
            _ when IsDelegate(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        string head = $"public {kind} {TypeName.Of(type)}";
        if (type.IsEnum || IsDelegate(type))
        {
            return head;
        }

        IEnumerable<Type> interfaces = type.GetInterfaces().Where(IsVisibleHereOrElsewhere);
        List<string> inherited = [.. interfaces.Select(TypeName.Of).Order(StringComparer.Ordinal)];
        if (type.BaseType is Type parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            inherited.Insert(0, TypeName.Of(parent));
        }

        return head + (inherited.Count > 0 ? $" : {string.Join(", ", inherited)}" : "") + Constraints(type.GetGenericArguments());
    }

    // An internal interface is no outsider's business, whatever it is made of.
    private static bool IsVisibleHereOrElsewhere(Type type) =>
        IsVisible(type.IsGenericType ? type.GetGenericTypeDefinition() : type) &&
        type.GetGenericArguments().All(argument => argument.IsGenericParameter || IsVisibleHereOrElsewhere(argument));

    private static bool IsDelegate(Type type) => type.BaseType == typeof(MulticastDelegate);

    private static string? SignatureIfVisible(MemberInfo member) => member switch
    {
        FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName
            ? Signature(field)
            : null,
        PropertyInfo property => IsVisible(property.GetMethod) || IsVisible(property.SetMethod) ? Signature(property) : null,
        EventInfo added => IsVisible(added.AddMethod)
            ? $"{Modifiers(added.AddMethod!)}event {TypeName.Of(added.EventHandlerType!)} {added.Name}"
            : null,
        ConstructorInfo constructor => IsVisible(constructor) && !constructor.IsStatic && !IsDelegate(constructor.DeclaringType!)
            ? $"{Access(constructor)} .ctor({Parameters(constructor)})"
            : null,
        MethodInfo method when IsDelegate(method.DeclaringType!) => method.Name == "Invoke" ? Signature(method) : null,
        MethodInfo method => IsVisible(method) && !IsAccessor(method) ? Signature(method) : null,
        _ => null,
    };

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string Signature(FieldInfo field)
    {
        if (field.DeclaringType!.IsEnum)
        {
            return $"{field.Name} = {Value(field.GetRawConstantValue())}";
        }

        string access = field.IsPublic ? "public" : "protected";
        string kind = field.IsLiteral ? " const" : (field.IsStatic ? " static" : "") + (field.IsInitOnly ? " readonly" : "");
        string value = field.IsLiteral ? $" = {Value(field.GetRawConstantValue())}" : "";
        return $"{access}{kind} {TypeName.Of(field.FieldType)} {field.Name}{value}";
    }

    private static string Signature(PropertyInfo property)
    {
        MethodInfo accessor = IsVisible(property.GetMethod) ? property.GetMethod! : property.SetMethod!;
        ParameterInfo[] indices = property.GetIndexParameters();
        string name = indices.Length > 0 ? $"this[{Parameters(indices)}]" : property.Name;
        string get = IsVisible(property.GetMethod) ? "get; " : "";
        string set = IsVisible(property.SetMethod) ? "set; " : "";
        return $"{Modifiers(accessor)}{TypeName.Of(property.PropertyType)} {name} {{ {get}{set}}}";
    }

    private static string Signature(MethodInfo method)
    {
        Type[] generic = method.GetGenericArguments();
        string name = generic.Length > 0 ? $"{method.Name}<{string.Join(", ", generic.Select(TypeName.Of))}>" : method.Name;
        string modifiers = IsDelegate(method.DeclaringType!) ? "" : Modifiers(method);
        return $"{modifiers}{TypeName.Of(method.ReturnType)} {name}({Parameters(method)}){Constraints(generic)}";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static string Modifiers(MethodInfo method)
    {
        bool isOverride = method.GetBaseDefinition() != method;
        string kind = method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            // The real packages' lists leave the word out where an override is sealed.
            { IsVirtual: true, IsFinal: false } when isOverride => "override ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return $"{Access(method)} {kind}";
    }

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute), inherit: false) ? "this " : "") + Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter =>
    {
        bool isParams = parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false);
        string passing = parameter switch
        {
            { ParameterType.IsByRef: true, IsOut: true } => "out ",
            { ParameterType.IsByRef: true, IsIn: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ => isParams ? "params " : "",
        };
        Type type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        string value = parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : "";
        return $"{passing}{TypeName.Of(type)} {parameter.Name}{value}";
    }));

    private static string Value(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        char letter => $"'{letter}'",
        bool truth => truth ? "true" : "false",
        _ => FormattableString.Invariant($"{value}"),
    };

    private static string Constraints(Type[] generic) => string.Concat(generic.Where(type => type.IsGenericParameter).Select(type =>
    {
        GenericParameterAttributes attributes = type.GenericParameterAttributes;
        bool isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        List<string> constraints =
        [
            .. type.GetGenericParameterConstraints().Where(constraint => constraint != typeof(ValueType)).Select(TypeName.Of),
        ];
        if (isStruct)
        {
            constraints.Insert(0, "struct");
        }
        else if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            constraints.Insert(0, "class");
        }

        if (attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct)
        {
            constraints.Add("new()");
        }

        return constraints.Count > 0 ? $" where {type.Name} : {string.Join(", ", constraints)}" : "";
    }));
}
