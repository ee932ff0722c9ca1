using System.Globalization;
using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// UrbanSound8K: metadata/UrbanSound8K.csv (slice_file_name, fsID, start, end, salience, fold, classID, class), recordings
/// in audio/fold1 to audio/fold10.
/// </summary>
internal static class UrbanSound8K
{
    private const int FoldCount = 10;

    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("UrbanSound8K", folder, options);
        AudioLabelSet labels = AudioLabelSets.UrbanSound8K;
        string list = builder.RequireList("metadata/UrbanSound8K.csv");
        var files = new AudioFiles(builder.Folder.Root, builder.Folder.RequireFolder("audio"));
        foreach (TableRow row in Table.Read(
            list, TableFormat.Csv("slice_file_name", "fsID", "fold", "classID", "class")))
        {
            string label = DatasetBuilder.LabelOf(row, "class", labels);
            if (row.Whole("classID", 0, labels.Count - 1) != labels.IndexOf(label))
            {
                throw row.Wrong("classID", $"{labels.IndexOf(label)} for class {label}");
            }

            var clip = new Clip
            {
                Name = row.Text("slice_file_name"),
                Label = label,
                Fold = row.Whole("fold", 1, FoldCount).ToString(CultureInfo.InvariantCulture),
                Video = row.Text("fsID"),
            };
            builder.Add(clip, files.Find($"audio/fold{clip.Fold}/{clip.Name}"));
        }

        return builder.Build(
            catalog,
            [ClipColumn.Label(labels), ClipColumn.Fold, new(nameof(Clip.Video), "Source")],
            SplitRoles.None,
            files,
            [.. Enumerable.Range(1, FoldCount).Select(fold => fold.ToString(CultureInfo.InvariantCulture))]);
    }
}
