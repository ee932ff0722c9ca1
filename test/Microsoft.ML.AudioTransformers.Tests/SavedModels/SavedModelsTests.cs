using System.Text.Json.Nodes;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Tests.WrongInput;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.SavedModels;

/// <summary>
/// Models that an earlier version saved load, give what they gave, and can be saved again; see README.md.
/// </summary>
[TestClass]
public sealed class SavedModelsTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "SavedModels");

    public static IEnumerable<object[]> Names => NamesOf("*.zip").Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void GivesWhatItGave(string name)
    {
        using var folder = new TemporaryFolder();
        JsonNode expected = Record(name);
        string again = folder.File("again.zip");

        AssertAlike(expected, Score(FileOf($"{name}.zip"), again), "loaded");
        AssertAlike(expected, Score(again), "saved again and loaded");
    }

    [TestMethod]
    public void EveryFileHasARecordAndEveryRecordAFile()
    {
        string[] names = NamesOf("*.zip");

        Assert.HasCount(34, names);
        CollectionAssert.AreEqual(names, NamesOf("*.json"));
    }

    /// <summary>Alters each leaf of a record, one at a time: none may go unseen.</summary>
    [TestMethod]
    [DataRow("classification-passt")]
    [DataRow("events-tuned")]
    public void AnyOtherRecordIsTold(string name)
    {
        JsonNode actual = Score(FileOf($"{name}.zip"));
        JsonNode altered = Record(name);
        JsonValue[] leaves = [.. Leaves(altered)];
        AssertAlike(altered, actual, "unaltered");

        foreach (JsonValue leaf in leaves)
        {
            JsonValue other = leaf.TryGetValue(out double number)
                ? JsonValue.Create(number + 1e-4)
                : JsonValue.Create($"{leaf.GetValue<string>()} ");
            string path = leaf.GetPath();
            leaf.ReplaceWith(other);

            Assert.HasCount(1, ViewRecord.Differences(altered, actual), path);
            other.ReplaceWith(leaf);
        }

        JsonArray columns = altered["output"]!.AsArray();
        columns.RemoveAt(columns.Count - 1);
        Assert.IsNotEmpty(ViewRecord.Differences(altered, actual), "without the last column");
    }

    /// <summary>Loads a model and records what it makes of the rows; saves it again where there is a path.</summary>
    private static JsonObject Score(string path, string? again = null)
    {
        MLContext mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView rows = mlContext.Data.LoadFromEnumerable(SavedModelRow.Make());
        ITransformer model = mlContext.Model.Load(path, out DataViewSchema schema);
        try
        {
            if (again is not null)
            {
                mlContext.Model.SaveAudioModel(model, schema, again);
            }

            return ViewRecord.Of(schema, rows, model.Transform(rows));
        }
        finally
        {
            (model as IDisposable)?.Dispose();
        }
    }

    private static void AssertAlike(JsonNode expected, JsonNode actual, string what)
    {
        IReadOnlyList<string> differences = ViewRecord.Differences(expected, actual);
        Assert.HasCount(0, differences, $"{what}: {string.Join("; ", differences.Take(5))}");
    }

    private static IEnumerable<JsonValue> Leaves(JsonNode? node) => node switch
    {
        JsonObject members => [.. members.SelectMany(member => Leaves(member.Value))],
        JsonArray items => [.. items.SelectMany(Leaves)],
        JsonValue leaf => [leaf],
        _ => [],
    };

    private static JsonNode Record(string name) => JsonNode.Parse(File.ReadAllText(FileOf($"{name}.json")))!;

    private static string[] NamesOf(string pattern) =>
    [
        .. Directory.EnumerateFiles(s_folder, pattern)
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal),
    ];

    private static string FileOf(string name) => Path.Combine(s_folder, name);
}
