using System.Text.Json;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// List of the files of weights that the models' authors publish. It is data of this library, read from the authors'
/// repositories; docs/model-card.md shows it. No file comes with the library, and it downloads none.
/// </summary>
public static class PublishedCheckpoints
{
    private const string Resource = "PublishedCheckpoints.json";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly Lazy<IReadOnlyList<PublishedCheckpoint>> s_all = new(Read);

    /// <summary>All files, those of an architecture together.</summary>
    public static IReadOnlyList<PublishedCheckpoint> All => s_all.Value;

    /// <summary>The file of a name; null if there is none. Upper and lower case do not matter.</summary>
    /// <param name="path">Name, or path, of a file.</param>
    public static PublishedCheckpoint? Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string name = Path.GetFileName(path);
        return All.FirstOrDefault(each => string.Equals(each.File, name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Where to get a file that is not there: the page of a published one, else the list of all.</summary>
    internal static string WhereToGet(string path) => Find(path) is { } published
        ? $"'{published.File}' is {published.Architecture}'s, for {published.Purpose}; its authors link it from "
            + $"{published.Page}. This library downloads nothing."
        : "This library downloads nothing; docs/model-card.md lists the published files.";

    private static List<PublishedCheckpoint> Read()
    {
        using Stream stream = typeof(PublishedCheckpoints).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly has no '{Resource}'.");
        return JsonSerializer.Deserialize<List<PublishedCheckpoint>>(stream, s_json)!;
    }
}
