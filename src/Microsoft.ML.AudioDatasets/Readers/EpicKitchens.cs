using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// EPIC-KITCHENS-100 and EPIC-SOUNDS: lists of segments of the same videos, with times of day, and the recordings of the
/// whole videos, called as the videos are.
/// </summary>
internal static class EpicKitchens
{
    private static readonly SplitRoles s_roles = new(["train"], ["validation"], []);

    /// <summary>EPIC_100_train.csv and EPIC_100_validation.csv, with verb_class and noun_class.</summary>
    public static AudioDataset ReadActions(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("EPIC-KITCHENS-100", folder, options);
        AudioLabelSet verbs = AudioLabelSets.EpicKitchensVerbs;
        AudioLabelSet nouns = AudioLabelSets.EpicKitchensNouns;
        AudioFiles files = Read(
            builder,
            "EPIC_100_train.csv",
            "EPIC_100_validation.csv",
            "narration_id",
            ["verb_class", "noun_class"],
            (row, clip) =>
            {
                clip.Verb = verbs.Labels[row.Whole("verb_class", 0, verbs.Count - 1)];
                clip.Noun = nouns.Labels[row.Whole("noun_class", 0, nouns.Count - 1)];
            });
        return builder.Build(
            catalog,
            [
                new(nameof(Clip.Verb), "Verb", verbs), new(nameof(Clip.Noun), "Noun", nouns), ClipColumn.Split,
                ClipColumn.Video, ClipColumn.Participant,
            ],
            s_roles,
            files);
    }

    /// <summary>EPIC_Sounds_train.csv and EPIC_Sounds_validation.csv, with class and class_id.</summary>
    public static AudioDataset ReadSounds(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("EPIC-SOUNDS", folder, options);
        AudioLabelSet labels = AudioLabelSets.EpicSounds;
        AudioFiles files = Read(
            builder,
            "EPIC_Sounds_train.csv",
            "EPIC_Sounds_validation.csv",
            "annotation_id",
            ["class", "class_id"],
            (row, clip) =>
            {
                clip.Label = DatasetBuilder.LabelOf(row, "class", labels);
                if (row.Whole("class_id", 0, labels.Count - 1) != labels.IndexOf(clip.Label))
                {
                    throw row.Wrong("class_id", $"{labels.IndexOf(clip.Label)} for class {clip.Label}");
                }
            });
        return builder.Build(
            catalog,
            [ClipColumn.Label(labels), ClipColumn.Split, ClipColumn.Video, ClipColumn.Participant],
            s_roles,
            files);
    }

    private static AudioFiles Read(
        DatasetBuilder builder,
        string training,
        string validation,
        string name,
        string[] labels,
        Action<TableRow, Clip> setLabels)
    {
        (string Path, string Split)[] lists =
            [(builder.RequireList(training), "train"), (builder.RequireList(validation), "validation")];
        AudioFiles files = builder.ListAudioFolder();
        TableFormat format = TableFormat.Csv(
            [name, "participant_id", "video_id", "start_timestamp", "stop_timestamp", .. labels]);
        foreach ((string path, string split) in lists)
        {
            foreach (TableRow row in Table.Read(path, format))
            {
                TimeSpan start = row.Time("start_timestamp");
                TimeSpan stop = row.Time("stop_timestamp");
                if (stop <= start)
                {
                    throw row.Wrong("stop_timestamp", $"a time after {row["start_timestamp"]}");
                }

                var clip = new Clip
                {
                    Name = row.Text(name),
                    Start = start.TotalSeconds,
                    Duration = (stop - start).TotalSeconds,
                    Split = split,
                    Video = row.Text("video_id"),
                    Participant = row.Text("participant_id"),
                };
                setLabels(row, clip);
                builder.Add(clip, files.FindStems([clip.Video]));
            }
        }

        return files;
    }
}
