using System.Globalization;
using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// AudioSet's strong labels: audioset_train_strong.tsv and audioset_eval_strong.tsv (segment_id, start_time_seconds,
/// end_time_seconds, label: a MID), and mid_to_display_name.tsv, which has more classes than the 527.
/// </summary>
internal static class AudioSetStrong
{
    /// <summary>The length of AudioSet's segments in seconds.</summary>
    private const double SegmentSeconds = 10;

    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("AudioSet with strong labels", folder, options);
        string? training = builder.FindList("audioset_train_strong.tsv");
        string? evaluation = builder.FindList("audioset_eval_strong.tsv");
        if (training is null && evaluation is null)
        {
            throw builder.Folder.Layout("audioset_train_strong.tsv", "audioset_eval_strong.tsv");
        }

        Dictionary<string, string> names = ReadNames(builder.RequireList("mid_to_display_name.tsv"));
        var labels = new AudioLabelSet("AudioSet's classes with strong labels", names.Values);
        AudioFiles files = builder.ListAudioFolder();
        foreach ((string? list, string split) in new[] { (training, "train"), (evaluation, "evaluation") })
        {
            if (list is not null)
            {
                Read(builder, files, list, split, names);
            }
        }

        return builder.Build(
            catalog,
            [.. ClipColumn.Events(labels), ClipColumn.Split, ClipColumn.Video],
            new SplitRoles(["train"], [], ["evaluation"]),
            files);
    }

    private static void Read(
        DatasetBuilder builder, AudioFiles files, string list, string split, Dictionary<string, string> names)
    {
        var clips = new EventClips();
        Dictionary<string, VideoSegment> segments = new(StringComparer.Ordinal);
        foreach (TableRow row in Table.Read(
            list, TableFormat.Tsv("segment_id", "start_time_seconds", "end_time_seconds", "label")))
        {
            string id = row.Text("segment_id");
            segments.TryAdd(id, SegmentOf(row, id));
            string label = names.TryGetValue(row.Text("label"), out string? name)
                ? name
                : throw row.Wrong("label", "a MID of mid_to_display_name.tsv");
            clips.Add(row, id, label, "start_time_seconds", "end_time_seconds");
        }

        foreach (Clip clip in clips.ToClips(split))
        {
            segments[clip.Name].AddTo(builder, files, clip);
        }
    }

    private static VideoSegment SegmentOf(TableRow row, string id)
    {
        int end = id.LastIndexOf('_');
        return end > 0 && int.TryParse(id[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int start)
            ? new VideoSegment(id[..end], start / 1000.0, (start / 1000.0) + SegmentSeconds)
            : throw row.Wrong("segment_id", "a video's identifier, '_', and its start in milliseconds");
    }

    private static Dictionary<string, string> ReadNames(string path)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (TableRow row in Table.Read(
            path, new TableFormat('\t', ["mid", "display_name"], HasHeader: false) { HasPlainQuotes = true }))
        {
            if (!names.TryAdd(row.Text("mid"), row.Text("display_name")))
            {
                throw row.Wrong("mid", "each MID once");
            }
        }

        return names;
    }
}
