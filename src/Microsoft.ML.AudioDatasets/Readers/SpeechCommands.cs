using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// Speech Commands V2: a folder a word, validation_list.txt and testing_list.txt with a name a line; what is in neither is
/// to train on. The long recordings of _background_noise_ are no clips of a word.
/// </summary>
internal static class SpeechCommands
{
    private const string Noise = "_background_noise_";

    public static AudioDataset Read(DataOperationsCatalog catalog, string folder, AudioDatasetOptions? options)
    {
        var builder = new DatasetBuilder("Speech Commands V2", folder, options);
        AudioLabelSet labels = AudioLabelSets.SpeechCommands;
        Dictionary<string, string> splits = new(StringComparer.Ordinal);
        AddSplit(builder.RequireList("validation_list.txt"), "validation", labels, splits);
        AddSplit(builder.RequireList("testing_list.txt"), "test", labels, splits);

        string[] folders = [.. Directory.EnumerateDirectories(builder.Folder.Root)
            .Select(path => Path.GetFileName(path)).Where(name => name[0] != '.').Order(StringComparer.Ordinal)];
        string[] others = [.. folders.Where(name => name != Noise && !labels.Contains(name))];
        if (others.Length > 0)
        {
            throw new InvalidDataException(
                $"{builder.Folder.Dataset}: folders {NameList.Of(others)} in '{builder.Folder.Root}' are none of {labels}.");
        }

        string[] absent = [.. labels.Labels.Except(folders).Select(name => name + "/")];
        if (absent.Length == labels.Count)
        {
            throw builder.Folder.Layout(absent);
        }

        var files = new AudioFiles(builder.Folder.Root, folders);
        foreach (AudioFile file in files.All)
        {
            string word = file.Name.Split('/')[0];
            bool isNoise = word == Noise;
            string listed = Path.ChangeExtension(file.Name, ".wav");
            var clip = new Clip
            {
                Name = file.Name,
                Label = isNoise ? "" : word,
                Split = isNoise ? "background" : splits.GetValueOrDefault(listed, "train"),
                Participant = isNoise ? "" : Path.GetFileName(file.Name).Split("_nohash_")[0],
            };
            splits.Remove(listed);
            builder.Add(clip, [file]);
        }

        foreach (string missing in splits.Keys)
        {
            builder.Add(new Clip { Name = missing }, []);
        }

        return builder.Build(
            catalog,
            [ClipColumn.Label(labels), ClipColumn.Split, new(nameof(Clip.Participant), "Speaker")],
            new SplitRoles(["train"], ["validation"], ["test"]) { Aside = ["background"] },
            files);
    }

    private static void AddSplit(string list, string split, AudioLabelSet labels, Dictionary<string, string> splits)
    {
        foreach (
            TableRow row in Table.Read(list, new TableFormat('\t', ["file"], HasHeader: false) { HasPlainQuotes = true }))
        {
            string file = row.Text("file");
            if (!labels.Contains(file.Split('/')[0]))
            {
                throw row.Wrong("file", $"a file in the folder of one of {labels}");
            }

            if (!splits.TryAdd(file, split))
            {
                throw row.Wrong("file", $"a file that is in one list, once; it is in that of the {splits[file]} set");
            }
        }
    }
}
