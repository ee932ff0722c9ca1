using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// OpenMIC-2018: openmic-2018-aggregated-labels.csv (sample_key, instrument, relevance, num_responses), partitions with a
/// key a line, recordings in audio/000/000046_3840.ogg.
/// </summary>
/// <remarks>
/// The label of a clip has a slot an instrument: 1 where the relevance is 0.5 or more, 0 where it is less, NaN where nobody
/// was asked. These are Y_true and Y_mask of openmic-2018.npz, at the threshold of its authors' example.
/// </remarks>
internal static class OpenMic2018
{
    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("OpenMIC-2018", folder, options);
        AudioLabelSet labels = AudioLabelSets.OpenMic2018;
        string list = builder.RequireList("openmic-2018-aggregated-labels.csv");
        Dictionary<string, string> splits = new(StringComparer.Ordinal);
        AddSplit(builder.RequireList("partitions/split01_train.csv", "partitions/train01.txt"), "train", splits);
        AddSplit(builder.RequireList("partitions/split01_test.csv", "partitions/test01.txt"), "test", splits);
        var files = new AudioFiles(builder.Folder.Root, builder.Folder.RequireFolder("audio"));

        Dictionary<string, Clip> clips = new(StringComparer.Ordinal);
        foreach (TableRow row in Table.Read(list, TableFormat.Csv("sample_key", "instrument", "relevance")))
        {
            string key = row.Text("sample_key");
            if (!splits.TryGetValue(key, out string? split))
            {
                throw row.Wrong("sample_key", "a key that is in one of the partitions");
            }

            if (!clips.TryGetValue(key, out Clip? clip))
            {
                clip = new Clip { Name = key, Split = split, LabelMask = new float[labels.Count] };
                Array.Fill(clip.LabelMask, float.NaN);
                clips.Add(key, clip);
            }

            int instrument = labels.IndexOf(DatasetBuilder.LabelOf(row, "instrument", labels));
            if (!float.IsNaN(clip.LabelMask[instrument]))
            {
                throw row.Wrong("instrument", "each instrument once for a key");
            }

            clip.LabelMask[instrument] = row.Number("relevance", 0, 1) >= 0.5 ? 1 : 0;
        }

        string[] unlabelled = [.. splits.Keys.Where(key => !clips.ContainsKey(key))];
        if (unlabelled.Length > 0)
        {
            throw new InvalidDataException(
                $"{builder.Folder.Dataset}: '{list}' has no row of {NameList.Of(unlabelled)}, which its partitions name.");
        }

        foreach (Clip clip in clips.Values)
        {
            builder.Add(clip, files.Find($"audio/{clip.Name[..Math.Min(3, clip.Name.Length)]}/{clip.Name}.ogg"));
        }

        return builder.Build(
            catalog, [ClipColumn.Mask(labels), ClipColumn.Split], new SplitRoles(["train"], [], ["test"]), files);
    }

    private static void AddSplit(string list, string split, Dictionary<string, string> splits)
    {
        foreach (TableRow row in Table.Read(list, new TableFormat(',', ["key"], HasHeader: false)))
        {
            if (!splits.TryAdd(row.Text("key"), split))
            {
                throw row.Wrong(
                    "key", $"a key that is in one partition, once; it is in that of the {splits[row["key"]]} set");
            }
        }
    }
}
