using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// TAU Urban Acoustic Scenes 2020 Mobile, development set: meta.csv (filename, scene_label, identifier, source_label, by
/// tabs), evaluation_setup/fold1_train.csv and fold1_evaluate.csv (filename, scene_label), recordings in audio.
/// </summary>
/// <remarks>Segments that the one fold uses neither to train nor to test have the split "unused".</remarks>
internal static class TauUrban2020
{
    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("TAU Urban Acoustic Scenes 2020 Mobile", folder, options);
        AudioLabelSet labels = AudioLabelSets.TauUrban2020;
        string list = builder.RequireList("meta.csv");
        Dictionary<string, (string Split, string Label)> splits = new(StringComparer.Ordinal);
        AddSplit(builder.RequireList("evaluation_setup/fold1_train.csv"), "train", splits);
        AddSplit(
            builder.RequireList("evaluation_setup/fold1_evaluate.csv", "evaluation_setup/fold1_test.csv"), "test", splits);
        var files = new AudioFiles(builder.Folder.Root, builder.Folder.RequireFolder("audio"));

        foreach (TableRow row in Table.Read(list, TableFormat.Tsv("filename", "scene_label", "identifier", "source_label")))
        {
            var clip = new Clip
            {
                Name = row.Text("filename"),
                Label = DatasetBuilder.LabelOf(row, "scene_label", labels),
                Split = "unused",
                Device = row.Text("source_label"),
                Video = row.Text("identifier"),
                City = row.Text("identifier").Split('-')[0],
            };
            if (splits.Remove(clip.Name, out (string Split, string Label) listed))
            {
                clip.Split = listed.Split;
                if (listed.Label.Length > 0 && listed.Label != clip.Label)
                {
                    throw row.Wrong("scene_label", $"{listed.Label}, as in the list of the {listed.Split} set");
                }
            }

            builder.Add(clip, files.Find(clip.Name));
        }

        if (splits.Count > 0)
        {
            throw new InvalidDataException(
                $"{builder.Folder.Dataset}: '{list}' has no row of {NameList.Of(splits.Keys)}, which "
                + "evaluation_setup names.");
        }

        return builder.Build(
            catalog,
            [
                ClipColumn.Label(labels), ClipColumn.Split, ClipColumn.Plain(nameof(Clip.Device)),
                ClipColumn.Plain(nameof(Clip.City)), new(nameof(Clip.Video), "Location"),
            ],
            new SplitRoles(["train"], [], ["test"]),
            files);
    }

    private static void AddSplit(string list, string split, Dictionary<string, (string Split, string Label)> splits)
    {
        foreach (TableRow row in Table.Read(list, TableFormat.Tsv("filename")))
        {
            if (!splits.TryAdd(row.Text("filename"), (split, row.Has("scene_label") ? row["scene_label"] : "")))
            {
                throw row.Wrong("filename", "a file that is in one list, once");
            }
        }
    }
}
