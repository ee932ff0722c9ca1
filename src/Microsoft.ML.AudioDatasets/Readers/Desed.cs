using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// DESED: metadata and audio, each with train, validation and eval. Weak labels are in one column event_labels, strong ones
/// a row an event (filename, onset, offset, event_label); a row with a file alone is a clip without events, or an unlabelled
/// one.
/// </summary>
internal static class Desed
{
    /// <summary>
    /// The official lists: the split, the list below metadata, and the folders below audio that may have its recordings.
    /// </summary>
    private static readonly (string Split, string List, string[] Folders)[] s_lists =
    [
        ("weak", "train/weak.tsv", ["train/weak", "train/weak_16k"]),
        ("unlabelled", "train/unlabel_in_domain.tsv", ["train/unlabel_in_domain", "train/unlabel_in_domain_16k"]),
        ("strong", "train/audioset_strong.tsv", ["train/strong_label_real", "train/strong_label_real_16k"]),
        ("synthetic2019", "train/synthetic.tsv", ["train/synthetic"]),
        ("synthetic2020", "train/synthetic20/soundscapes.tsv", Soundscapes("train/synthetic20")),
        ("synthetic2021", "train/synthetic21_train/soundscapes.tsv", Soundscapes("train/synthetic21_train")),
        ("validation", "validation/validation.tsv", ["validation/validation", "validation/validation_16k", "validation"]),
        ("synthetic2021_validation", "validation/synthetic21_validation/soundscapes.tsv",
            Soundscapes("validation/synthetic21_validation")),
        ("public", "eval/public.tsv", ["eval/public", "eval/public_16k"]),
    ];

    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("DESED", folder, options);
        AudioLabelSet labels = AudioLabelSets.Desed;
        List<(string Split, string Path, string Folder)> lists = [];
        foreach ((string split, string list, string[] folders) in s_lists)
        {
            if (builder.FindList("metadata/" + list) is { } path)
            {
                lists.Add((split, path, builder.Folder.RequireFolder([.. folders.Select(name => "audio/" + name)])));
            }
        }

        if (lists.Count == 0)
        {
            throw builder.Folder.Layout([.. s_lists.Select(list => "metadata/" + list.List)]);
        }

        var files = new AudioFiles(builder.Folder.Root, [.. lists.Select(list => list.Folder)]);
        foreach ((string split, string path, string audio) in lists)
        {
            foreach (Clip clip in ReadList(path, split, labels))
            {
                builder.Add(clip, files.Find($"{audio}/{clip.Name}"));
            }
        }

        return builder.Build(
            catalog,
            [.. ClipColumn.Events(labels), ClipColumn.Split],
            new SplitRoles([.. s_lists.Take(6).Select(list => list.Split)], ["validation"], ["public"]),
            files);
    }

    private static IEnumerable<Clip> ReadList(string path, string split, AudioLabelSet labels)
    {
        var clips = new EventClips();
        List<Clip> weak = [];
        foreach (TableRow row in Table.Read(path, TableFormat.Tsv("filename")))
        {
            string name = row.Text("filename");
            if (split == "weak")
            {
                weak.Add(new Clip
                {
                    Name = name,
                    Split = split,
                    Labels = [.. row.Text("event_labels").Split(',')
                        .Select(label => DatasetBuilder.LabelOf(row, "event_labels", label, labels))],
                });
            }
            else if (row.Has("event_label") && row["event_label"].Length > 0)
            {
                clips.Add(row, name, DatasetBuilder.LabelOf(row, "event_label", labels), "onset", "offset");
            }
            else if (split == "unlabelled" || row["onset"].Length + row["offset"].Length == 0)
            {
                clips.Add(name);
            }
            else
            {
                throw row.Wrong("event_label", $"one of {labels} beside onset and offset");
            }
        }

        return weak.Concat(clips.ToClips(split));
    }

    private static string[] Soundscapes(string folder) => [folder + "/soundscapes", folder + "/soundscapes_16k"];
}
