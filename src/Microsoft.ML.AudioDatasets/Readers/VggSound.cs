using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>VGGSound: vggsound.csv (video, start in seconds, label, train or test, without a header), and wherever the
/// recordings are.
/// </summary>
internal static class VggSound
{
    /// <summary>The length of a segment in seconds.</summary>
    private const double SegmentSeconds = 10;

    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("VGGSound", folder, options);
        AudioLabelSet labels = AudioLabelSets.VggSound;
        string list = builder.RequireList("vggsound.csv", "data/vggsound.csv");
        AudioFiles files = builder.ListAudioFolder();
        foreach (TableRow row in Table.Read(
            list, new TableFormat(',', ["video", "start", "label", "split"], HasHeader: false) { Trims = true }))
        {
            double start = row.Seconds("start");
            var segment = new VideoSegment(row.Text("video"), start, start + SegmentSeconds);
            segment.AddTo(builder, files, new Clip
            {
                Label = DatasetBuilder.LabelOf(row, "label", labels),
                Split = row["split"] is "train" or "test" ? row["split"] : throw row.Wrong("split", "train or test"),
            });
        }

        return builder.Build(
            catalog,
            [ClipColumn.Label(labels), ClipColumn.Split, ClipColumn.Video],
            new SplitRoles(["train"], [], ["test"]),
            files);
    }
}
