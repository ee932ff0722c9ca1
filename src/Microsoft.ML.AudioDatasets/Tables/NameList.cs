namespace Microsoft.ML.AudioDatasets.Tables;

/// <summary>Lists of names in messages: how many there are, and the first ten.</summary>
internal static class NameList
{
    private const int Shown = 10;

    /// <summary>As in "3 (a, b, c)", or "12 (a, b, ... and 2 more)".</summary>
    public static string Of(IReadOnlyCollection<string> names)
    {
        string shown = string.Join(", ", names.Take(Shown).Select(name => $"'{name}'"));
        string more = names.Count > Shown ? FormattableString.Invariant($" and {names.Count - Shown} more") : "";
        return FormattableString.Invariant($"{names.Count} ({shown}{more})");
    }
}
