using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// Kinetics-Sounds, the clips of Kinetics-400 of some classes: its lists (label, youtube_id, time_start, time_end, split)
/// and wherever the recordings are; or, without lists, folders train, val and test with a folder a class.
/// </summary>
internal static class KineticsSounds
{
    private static readonly (string Split, string[] Names)[] s_splits =
    [
        ("train", ["train"]), ("validation", ["validate", "val", "validation"]), ("test", ["test"]),
    ];

    /// <param name="catalog">The catalog that makes data views.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="labels">The classes; clips of others are left out.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    public static AudioDataset Read(
        DataOperationsCatalog catalog, string folder, AudioLabelSet labels, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("Kinetics-Sounds", folder, options);
        (string? Path, string Split)[] lists =
        [
            .. s_splits.Select(split => (builder.FindList(ListNames(split.Names)), split.Split)),
        ];
        AudioFiles files = lists.Any(list => list.Path is not null)
            ? ReadLists(builder, lists, labels)
            : ReadFolders(builder, labels);
        return builder.Build(
            catalog,
            [ClipColumn.Label(labels), ClipColumn.Split, ClipColumn.Video],
            new SplitRoles(["train"], ["validation"], ["test"]),
            files);
    }

    private static string[] ListNames(string[] names) =>
        [.. names.Select(name => name + ".csv"), .. names.Select(name => $"annotations/{name}.csv")];

    private static AudioFiles ReadLists(DatasetBuilder builder, (string? Path, string Split)[] lists, AudioLabelSet labels)
    {
        AudioFiles files = builder.ListAudioFolder();
        foreach ((string? path, string split) in lists.Where(list => list.Path is not null))
        {
            foreach (TableRow row in Table.Read(path!, TableFormat.Csv("label", "youtube_id", "time_start", "time_end")))
            {
                if (labels.Contains(row["label"]))
                {
                    var segment = new VideoSegment(
                        row.Text("youtube_id"), row.Seconds("time_start"), row.Seconds("time_end"));
                    segment.AddTo(builder, files, new Clip { Label = row["label"], Split = split });
                }
            }
        }

        return files;
    }

    private static AudioFiles ReadFolders(DatasetBuilder builder, AudioLabelSet labels)
    {
        (string Split, string Name)[] folders =
        [
            .. s_splits.SelectMany(split => split.Names.Select(name => (split.Split, name)))
                .Where(split => Directory.Exists(builder.Folder.PathOf(split.name))),
        ];
        if (folders.Length == 0)
        {
            throw builder.Folder.Layout("train.csv", "annotations/train.csv", "train/");
        }

        var files = new AudioFiles(builder.Folder.Root, [.. folders.Select(folder => folder.Name)]);
        foreach (AudioFile file in files.All)
        {
            // Folders cannot always have spaces, so tools write the classes' with _.
            string[] parts = file.Name.Split('/');
            string label = parts.Length > 2 ? parts[1].Replace('_', ' ') : "";
            if (labels.Contains(label))
            {
                string video = Path.GetFileNameWithoutExtension(file.Name);
                string split = folders.Single(folder => folder.Name == parts[0]).Split;
                builder.Add(new Clip { Name = file.Name, Label = label, Split = split, Video = video }, [file]);
            }
        }

        return files;
    }
}
