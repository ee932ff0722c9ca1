using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.LabelSets;

/// <summary>
/// File of a label set in this assembly: lines "# key: value" with its origin, then a CSV with the column name, and id where
/// the classes have identifiers.
/// </summary>
internal static class LabelSetFile
{
    /// <summary>Reads the file of a label set.</summary>
    /// <param name="name">The name of the set, which is the file's.</param>
    public static AudioLabelSet Read(string name)
    {
        string file = $"LabelSets/{name}.csv";
        using Stream stream = typeof(LabelSetFile).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The assembly has no '{file}'.");
        ILookup<string, string> header = ReadHeader(stream);
        stream.Position = 0;

        List<string> labels = [];
        List<string> ids = [];
        foreach (TableRow row in Table.Read(stream, file, TableFormat.Csv("name") with { Comment = '#' }))
        {
            labels.Add(row.Text("name"));
            if (row.Has("id"))
            {
                ids.Add(row.Text("id"));
            }
        }

        var origin = new AudioLabelSetOrigin(
            header["title"].Single(),
            [.. header["source"]],
            header["order"].Single(),
            header["licence"].Single(),
            header["names-sha256"].Single());
        return new AudioLabelSet(name, origin, labels, ids.Count > 0 ? ids : null);
    }

    private static ILookup<string, string> ReadHeader(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        List<string[]> lines = [];
        while (reader.ReadLine() is { } line && line.StartsWith("# ", StringComparison.Ordinal))
        {
            lines.Add(line[2..].Split(": ", 2));
        }

        return lines.ToLookup(line => line[0], line => line[1]);
    }
}
