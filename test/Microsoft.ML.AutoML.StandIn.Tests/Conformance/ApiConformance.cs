namespace AudioMLNet.AutoML.StandIn.Tests;

/// <summary>Whether one API is an honest part of another: it holds less, but nothing that the other lacks.</summary>
public static class ApiConformance
{
    /// <summary>What of <paramref name="part"/> the whole lacks or spells differently, one message each.</summary>
    /// <remarks>
    /// A type of the part may have fewer interfaces and a nearer base type, and it may override where the whole
    /// introduces a virtual member, or the other way round. All else is equal, letter by letter.
    /// </remarks>
    public static IEnumerable<string> Extras(
        IEnumerable<KeyValuePair<string, string>> part, IReadOnlyDictionary<string, string> whole)
    {
        foreach ((string id, string signature) in part)
        {
            if (!whole.TryGetValue(id, out string? real))
            {
                yield return $"{id} is not in the real API: {signature}";
            }
            else if (!(id.StartsWith("T:", StringComparison.Ordinal) ? IsPartOf(signature, real) : IsSame(signature, real)))
            {
                yield return $"{id} differs:\n    here {signature}\n    real {real}";
            }
        }
    }

    /// <summary>
    /// What must be implemented by whoever derives from a type of the whole, and need not be by whoever derives from the
    /// part's type of the same name: code written against the part would not compile against the whole.
    /// </summary>
    public static IEnumerable<string> MissingAbstractMembers(
        IReadOnlyDictionary<string, string> part, IEnumerable<KeyValuePair<string, string>> whole) =>
        from entry in whole
        where entry.Value.StartsWith("public abstract ", StringComparison.Ordinal) ||
            entry.Value.StartsWith("protected abstract ", StringComparison.Ordinal)
        where entry.Key[0] != 'T' && part.ContainsKey($"T:{DeclaringType(entry.Key)}") && !part.ContainsKey(entry.Key)
        select $"{entry.Key} is abstract in the real API and missing here: {entry.Value}";

    private static string DeclaringType(string id)
    {
        int parameters = id.IndexOf('(', StringComparison.Ordinal);
        string name = parameters < 0 ? id : id[..parameters];
        return name[2..name.LastIndexOf('.')];
    }

    private static bool IsSame(string signature, string real) =>
        signature == real || signature.Replace(" virtual ", " override ", StringComparison.Ordinal) ==
            real.Replace(" virtual ", " override ", StringComparison.Ordinal);

    private static bool IsPartOf(string signature, string real)
    {
        (string head, string[] inherited, string constraints) = Split(signature);
        (string realHead, string[] realInherited, string realConstraints) = Split(real);
        return head == realHead && constraints == realConstraints && inherited.All(realInherited.Contains);
    }

    // "public class Name<T> : Base<A, B>, IInterface where T : class"
    private static (string Head, string[] Inherited, string Constraints) Split(string signature)
    {
        int where = signature.IndexOf(" where ", StringComparison.Ordinal);
        string constraints = where < 0 ? "" : signature[where..];
        string rest = where < 0 ? signature : signature[..where];
        int colon = rest.IndexOf(" : ", StringComparison.Ordinal);
        return colon < 0 ? (rest, [], constraints) : (rest[..colon], [.. TopLevel(rest[(colon + 3)..])], constraints);
    }

    private static IEnumerable<string> TopLevel(string list)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i < list.Length; i++)
        {
            depth += list[i] switch { '<' => 1, '>' => -1, _ => 0 };
            if (list[i] == ',' && depth == 0)
            {
                yield return list[start..i];
                start = i + 2;
            }
        }

        yield return list[start..];
    }
}
