namespace AudioMLNet.AutoML.StandIn.Tests;

/// <summary>A list of an API as a text file: a line <c>ID&lt;tab&gt;signature</c> for each entry, sorted by ID.</summary>
public static class ApiList
{
    private static readonly string[] s_kinds = ["T:", "M:", "P:", "F:", "E:"];

    /// <summary>Reads a list: signature by ID.</summary>
    /// <remarks>A default value may hold a line break; what starts with no kind of entry goes on the one before.</remarks>
    public static Dictionary<string, string> Read(string path)
    {
        Dictionary<string, string> entries = new(StringComparer.Ordinal);
        string id = "";
        foreach (string line in File.ReadLines(path))
        {
            int tab = line.IndexOf('\t');
            if (tab > 0 && s_kinds.Contains(line[..2]))
            {
                id = line[..tab];
                entries.Add(id, line[(tab + 1)..]);
            }
            else
            {
                entries[id] += "\n" + line;
            }
        }

        return entries;
    }

    /// <summary>The text of a list.</summary>
    public static string Write(IEnumerable<KeyValuePair<string, string>> entries) =>
        string.Concat(entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}\t{entry.Value}\n"));
}
