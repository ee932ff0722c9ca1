using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// AudioSet: balanced_train_segments.csv, unbalanced_train_segments.csv and eval_segments.csv (YTID, start, end, MIDs after
/// three lines of comment), and wherever the recordings are.
/// </summary>
internal static class AudioSet
{
    private static readonly (string List, string Split)[] s_lists =
    [
        ("balanced_train_segments.csv", "balanced"),
        ("unbalanced_train_segments.csv", "unbalanced"),
        ("eval_segments.csv", "evaluation"),
    ];

    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("AudioSet", folder, options);
        AudioLabelSet labels = AudioLabelSets.AudioSet;
        var byId = labels.Ids!.Zip(labels.Labels).ToDictionary(pair => pair.First, pair => pair.Second);
        (string? Path, string Split)[] lists = [.. s_lists.Select(list => (builder.FindList(list.List), list.Split))];
        if (lists.All(list => list.Path is null))
        {
            throw builder.Folder.Layout([.. s_lists.Select(list => list.List)]);
        }

        AudioFiles files = builder.ListAudioFolder();
        var format = new TableFormat(',', ["YTID", "start", "end", "labels"], HasHeader: false)
        {
            Comment = '#',
            Trims = true,
        };
        foreach ((string? path, string split) in lists.Where(list => list.Path is not null))
        {
            foreach (TableRow row in Table.Read(path!, format))
            {
                var segment = new VideoSegment(row.Text("YTID"), row.Seconds("start"), row.Seconds("end"));
                segment.AddTo(builder, files, new Clip
                {
                    Split = split,
                    Labels = [.. row.Text("labels").Split(',').Select(id => byId.TryGetValue(id, out string? label)
                        ? label
                        : throw row.Wrong("labels", $"MIDs of {labels}, of which '{id}' is none"))],
                });
            }
        }

        return builder.Build(
            catalog,
            [ClipColumn.Tags(labels), ClipColumn.Split, ClipColumn.Video],
            new SplitRoles(["balanced", "unbalanced"], [], ["evaluation"]),
            files);
    }
}
