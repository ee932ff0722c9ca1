using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
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
        List<string> moved = [];
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
            if (!isNoise && clip.Split != SplitOf(clip.Participant))
            {
                moved.Add(file.Name);
            }

            splits.Remove(listed);
            builder.Add(clip, [file]);
        }

        foreach ((string missing, string split) in splits)
        {
            builder.Add(new Clip { Name = missing, Split = split }, []);
        }

        if (moved.Count > 0)
        {
            builder.AddDifference(
                "by the hash of their speakers, which made the official lists, these are in another split: "
                + NameList.Of(moved));
        }

        return builder.Build(
            catalog,
            [ClipColumn.Label(labels), ClipColumn.Split, new(nameof(Clip.Participant), "Speaker")],
            new SplitRoles(["train"], ["validation"], ["test"]) { Aside = ["background"] },
            files);
    }

    /// <summary>
    /// The split of a speaker by the rule that made the official lists: SHA-1 of the speaker's name modulo 2^27, in percent;
    /// the first tenth validates, the second tests. A speaker is so in one split alone, whatever is recorded later.
    /// </summary>
    /// <remarks>
    /// Source: which_set in the data set's README.md. All 9,981 and 11,005 entries of the official lists follow it.
    /// </remarks>
    [SuppressMessage("Security", "CA5350", Justification = "It guards nothing: the data set's authors split by it.")]
    internal static string SplitOf(string speaker)
    {
        const int modulus = 1 << 27;
        byte[] hash = SHA1.HashData(Encoding.UTF8.GetBytes(speaker));
        uint last = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash.Length - 4)) % modulus;
        double percentage = last * (100.0 / (modulus - 1));
        return percentage < 10 ? "validation" : percentage < 20 ? "test" : "train";
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
