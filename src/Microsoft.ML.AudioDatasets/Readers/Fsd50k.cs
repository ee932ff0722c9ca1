using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// FSD50K: FSD50K.ground_truth with dev.csv (fname, labels, mids, split), eval.csv and vocabulary.csv (index, label, mid
/// without a header), recordings in FSD50K.dev_audio and FSD50K.eval_audio.
/// </summary>
internal static class Fsd50k
{
    private const string Lists = "FSD50K.ground_truth/";

    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("FSD50K", folder, options);
        AudioLabelSet labels = AudioLabelSets.Fsd50k;
        string development = builder.RequireList(Lists + "dev.csv");
        string evaluation = builder.RequireList(Lists + "eval.csv");
        CheckVocabulary(builder.RequireList(Lists + "vocabulary.csv"), labels);
        const string developmentAudio = "FSD50K.dev_audio";
        const string evaluationAudio = "FSD50K.eval_audio";
        var files = new AudioFiles(
            builder.Folder.Root, builder.Folder.RequireFolder(developmentAudio), builder.Folder.RequireFolder(
                evaluationAudio));

        foreach (TableRow row in Table.Read(development, TableFormat.Csv("fname", "labels", "split")))
        {
            Clip clip = ClipOf(row, labels);
            clip.Split = row["split"] switch
            {
                "train" => "train",
                "val" => "validation",
                _ => throw row.Wrong("split", "train or val"),
            };
            builder.Add(clip, files.Find($"{developmentAudio}/{clip.Name}.wav"));
        }

        foreach (TableRow row in Table.Read(evaluation, TableFormat.Csv("fname", "labels")))
        {
            Clip clip = ClipOf(row, labels);
            clip.Split = "test";
            builder.Add(clip, files.Find($"{evaluationAudio}/{clip.Name}.wav"));
        }

        return builder.Build(
            catalog,
            [ClipColumn.Tags(labels), ClipColumn.Split],
            new SplitRoles(["train"], ["validation"], ["test"]),
            files);
    }

    private static Clip ClipOf(TableRow row, AudioLabelSet labels) => new()
    {
        Name = row.Text("fname"),
        Labels = [.. row.Text("labels").Split(',').Select(label => DatasetBuilder.LabelOf(row, "labels", label, labels))],
    };

    private static void CheckVocabulary(string path, AudioLabelSet labels)
    {
        int count = 0;
        foreach (TableRow row in Table.Read(path, new TableFormat(',', ["index", "label", "mid"], HasHeader: false)))
        {
            if (row.Whole("index", 0, labels.Count - 1) != count)
            {
                throw row.Wrong("index", "0, 1, 2 and so on");
            }

            if (row["label"] != labels.Labels[count])
            {
                throw row.Wrong("label", $"'{labels.Labels[count]}', which is class {count} of the official vocabulary");
            }

            count++;
        }

        if (count != labels.Count)
        {
            throw new InvalidDataException($"'{path}' has {count} classes; expected {labels}.");
        }
    }
}
