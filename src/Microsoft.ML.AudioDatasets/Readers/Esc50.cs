using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// ESC-50: meta/esc50.csv (filename, fold, target, category, esc10, src_file, take), recordings in audio.
/// </summary>
internal static class Esc50
{
    private static readonly string[] s_folds = ["1", "2", "3", "4", "5"];

    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("ESC-50", folder, options);
        AudioLabelSet labels = AudioLabelSets.Esc50;
        string list = builder.RequireList("meta/esc50.csv");
        var files = new AudioFiles(builder.Folder.Root, builder.Folder.RequireFolder("audio"));
        foreach (TableRow row in Table.Read(list, TableFormat.Csv("filename", "fold", "target", "category", "src_file")))
        {
            string label = DatasetBuilder.LabelOf(row, "category", labels);
            if (row.Whole("target", 0, labels.Count - 1) != labels.IndexOf(label))
            {
                throw row.Wrong("target", $"{labels.IndexOf(label)} for category {label}");
            }

            var clip = new Clip
            {
                Name = row.Text("filename"),
                Label = label,
                Fold = s_folds[row.Whole("fold", 1, s_folds.Length) - 1],
                Video = row.Text("src_file"),
            };
            builder.Add(clip, files.Find($"audio/{clip.Name}"));
        }

        return builder.Build(
            catalog,
            [ClipColumn.Label(labels), ClipColumn.Fold, new(nameof(Clip.Video), "Source")],
            SplitRoles.None,
            files,
            s_folds);
    }
}
