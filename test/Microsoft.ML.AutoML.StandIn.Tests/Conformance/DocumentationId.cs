using System.Reflection;

namespace AudioMLNet.AutoML.StandIn.Tests;

/// <summary>Documentation comment IDs, as the C# standard's annex on documentation comments forms them.</summary>
internal static class DocumentationId
{
    public static string Of(Type type) => $"T:{Definition(type)}";

    public static string Of(MemberInfo member)
    {
        string type = Definition(member.DeclaringType!);
        string name = member.Name.Replace('.', '#');
        return member switch
        {
            FieldInfo => $"F:{type}.{name}",
            EventInfo => $"E:{type}.{name}",
            PropertyInfo property => $"P:{type}.{name}{Parameters(property.GetIndexParameters())}",
            MethodInfo { IsGenericMethod: true } method =>
                $"M:{type}.{name}``{method.GetGenericArguments().Length}{Parameters(method.GetParameters())}",
            MethodInfo { Name: "op_Implicit" or "op_Explicit" } conversion =>
                $"M:{type}.{name}{Parameters(conversion.GetParameters())}~{Reference(conversion.ReturnType)}",
            MethodBase method => $"M:{type}.{name}{Parameters(method.GetParameters())}",
            _ => throw new ArgumentException($"{member} has no documentation comment ID.", nameof(member)),
        };
    }

    private static string Parameters(ParameterInfo[] parameters) => parameters.Length > 0
        ? $"({string.Join(',', parameters.Select(parameter => Reference(parameter.ParameterType)))})"
        : "";

    // Generic types by their number of parameters: Namespace.Outer`1.Inner
    private static string Definition(Type type) => (type.IsNested, type.Namespace) switch
    {
        (true, _) => $"{Definition(type.DeclaringType!)}.{type.Name}",
        (_, null) => type.Name,
        _ => $"{type.Namespace}.{type.Name}",
    };

    // Generic types by their arguments: Namespace.Outer{System.Int32}.Inner
    private static string Reference(Type type) => type switch
    {
        { IsByRef: true } => Reference(type.GetElementType()!) + "@",
        { IsPointer: true } => Reference(type.GetElementType()!) + "*",
        { IsArray: true } => Reference(type.GetElementType()!) + Dimensions(type.GetArrayRank()),
        { IsGenericMethodParameter: true } => $"``{type.GenericParameterPosition}",
        { IsGenericParameter: true } => $"`{type.GenericParameterPosition}",
        _ => Named(type, type.GetGenericArguments()),
    };

    private static string Dimensions(int rank) => rank == 1 ? "[]" : $"[{string.Join(',', Enumerable.Repeat("0:", rank))}]";

    private static string Named(Type type, Type[] arguments)
    {
        string prefix = type.IsNested
            ? Named(type.DeclaringType!, arguments) + "."
            : type.Namespace == null ? "" : type.Namespace + ".";
        int tick = type.Name.IndexOf('`');
        if (tick < 0)
        {
            return prefix + type.Name;
        }

        int outer = type.IsNested ? type.DeclaringType!.GetGenericArguments().Length : 0;
        Type[] own = arguments[outer..type.GetGenericArguments().Length];
        return $"{prefix}{type.Name[..tick]}{{{string.Join(',', own.Select(Reference))}}}";
    }
}
