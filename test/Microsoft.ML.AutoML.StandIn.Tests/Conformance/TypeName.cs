namespace AudioMLNet.AutoML.StandIn.Tests;

/// <summary>A type's name in a C# signature.</summary>
internal static class TypeName
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(sbyte)] = "sbyte",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(Type type) => type switch
    {
        _ when s_keywords.TryGetValue(type, out string? keyword) => keyword,
        { IsGenericParameter: true } => type.Name,
        { IsArray: true } => $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]",
        { IsByRef: true } => $"ref {Of(type.GetElementType()!)}",
        { IsPointer: true } => $"{Of(type.GetElementType()!)}*",
        _ when Nullable.GetUnderlyingType(type) is Type value => $"{Of(value)}?",
        _ => Named(type, type.GetGenericArguments()),
    };

    // A nested type has its declaring types' arguments before its own.
    private static string Named(Type type, Type[] arguments)
    {
        string prefix = type.IsNested
            ? Named(type.DeclaringType!, arguments) + "."
            : type.Namespace is null or "System" or "System.Collections.Generic" ? "" : type.Namespace + ".";
        int tick = type.Name.IndexOf('`');
        if (tick < 0)
        {
            return prefix + type.Name;
        }

        int outer = type.IsNested ? type.DeclaringType!.GetGenericArguments().Length : 0;
        Type[] own = arguments[outer..type.GetGenericArguments().Length];
        return $"{prefix}{type.Name[..tick]}<{string.Join(", ", own.Select(Of))}>";
    }
}
