using AudioMLNet.Reproduce.Synthetic;
using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioDatasets.Tables;
using Microsoft.ML.AudioDatasets.Tests;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>Tables, and the lists of data sets.</summary>
internal static class Lists
{
    private static readonly MLContext s_context = new(seed: 1);

    private static readonly TableFormat[] s_formats =
    [
        TableFormat.Csv("filename", "fold", "target"),
        TableFormat.Tsv("filename", "fold"),
        new(',', ["id", "start", "end", "labels"], HasHeader: false) { Comment = '#', Trims = true },
        new('\t', ["filename", "onset", "offset", "event_label"]) { HasPlainQuotes = true },
    ];

    private static readonly Lazy<IReadOnlyList<(string Set, string Path, byte[] Whole)>> s_lists = new(Make);

    /// <summary>The kinds of inputs of <see cref="ReadLists"/>, each with its first byte.</summary>
    public static IEnumerable<(string Name, byte[] Input)> Whole => s_lists.Value.Select((list, i) =>
        ($"{list.Set}-{Path.GetFileName(list.Path)}", (byte[])[(byte)i, .. list.Whole]));

    /// <summary>The number of kinds of inputs of <see cref="ReadTable"/>.</summary>
    public static int Formats => s_formats.Length;

    /// <summary>Reads a table of the format that the first byte chooses.</summary>
    public static void ReadTable(byte[] bytes)
    {
        TableFormat format = s_formats[bytes.Length == 0 ? 0 : bytes[0] % s_formats.Length];
        Guard.Read(bytes.Length, 3, () =>
        {
            using var stream = new MemoryStream(bytes, Math.Min(1, bytes.Length), Math.Max(0, bytes.Length - 1));
            foreach (TableRow row in Table.Read(stream, Guard.Name, format))
            {
                _ = row.Text(format.Columns[0]);
                _ = format.Columns[1] == "fold" ? row.Whole("fold", 1, 5) : row.Seconds(format.Columns[1]);
                _ = row[format.Columns[^1]];
            }
        });
    }

    /// <summary>Reads a data set, a list of which, as the first byte chooses, the bytes are.</summary>
    public static void ReadLists(byte[] bytes)
    {
        (string set, string path, byte[] whole) = s_lists.Value[bytes.Length == 0 ? 0 : bytes[0] % s_lists.Value.Count];
        File.WriteAllBytes(path, bytes.Length == 0 ? bytes : bytes[1..]);
        try
        {
            Guard.Read(bytes.Length, 4, () => SyntheticLoaders.Load(
                s_context.Data, set, Path.Combine(Guard.Folder("lists"), set),
                new AudioDatasetOptions { Problems = AudioFileProblems.Skip }));
        }
        finally
        {
            File.WriteAllBytes(path, whole);
        }
    }

    private static IReadOnlyList<(string Set, string Path, byte[] Whole)> Make()
    {
        List<(string Set, string Path, byte[] Whole)> lists = [];
        foreach ((string set, Action<string, int> make) in SyntheticDatasets.Makers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            string folder = Directory.CreateDirectory(Path.Combine(Guard.Folder("lists"), set)).FullName;
            make(folder, 1);
            lists.AddRange(Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                .Where(path => !path.EndsWith(".wav", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(path => (set, path, File.ReadAllBytes(path))));
        }

        return lists;
    }
}
