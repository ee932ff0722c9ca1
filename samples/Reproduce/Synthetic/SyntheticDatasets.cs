using System.Globalization;
using Microsoft.ML.AudioDatasets;

namespace AudioMLNet.Reproduce.Synthetic;

/// <summary>
/// Makes small data in the layouts of the official downloads: the first classes of each label set as tones, with the
/// official names of files, lists, splits and folds, so that the same code reads them.
/// </summary>
internal static class SyntheticDatasets
{
    private const int Classes = 4;
    private const double EventSeconds = 2;

    /// <summary>The data sets that can be made, each by the name of its folder.</summary>
    public static IReadOnlyDictionary<string, Action<string, int>> Makers { get; } =
        new Dictionary<string, Action<string, int>>
    {
        ["audioset"] = AudioSet,
        ["esc50"] = Esc50,
        ["speechcommands"] = SpeechCommands,
        ["openmic"] = OpenMic2018,
        ["tau2020"] = TauUrban2020,
        ["fsd50k"] = Fsd50k,
        ["desed"] = Desed,
        ["kinetics"] = KineticsSounds,
        ["vggsound"] = VggSound,
        ["epic"] = EpicKitchens,
    };

    /// <summary>AudioSet: every third clip has two classes.</summary>
    private static void AudioSet(string folder, int count)
    {
        var tones = new Tones(folder, seed: 1);
        AudioLabelSet labels = AudioLabelSets.AudioSet;
        foreach ((string list, string place) in new[]
        {
            ("balanced_train_segments", "balanced"), ("unbalanced_train_segments", "unbalanced"), ("eval_segments", "eval"),
        })
        {
            List<string> lines = ["# Segments csv", "# num_ytids", "# YTID, start_seconds, end_seconds, positive_labels"];
            for (int i = 0; i < count * Classes; i++)
            {
                int[] pitches = i % 3 == 0 ? [i % Classes, (i + 1) % Classes] : [i % Classes];
                string id = $"{place[0]}{Text(i, "0000000000")}";
                lines.Add($"{id}, 30.000, 40.000, \"{string.Join(',', pitches.Select(pitch => labels.Ids![pitch]))}\"");
                tones.Write($"{place}/Y{id}.wav", pitches);
            }

            Lines(folder, list + ".csv", lines);
        }
    }

    private static void Esc50(string folder, int count)
    {
        var tones = new Tones(folder, seed: 2);
        List<string> lines = ["filename,fold,target,category,esc10,src_file,take"];
        for (int fold = 1; fold <= 5; fold++)
        {
            for (int i = 0; i < count * Classes; i++)
            {
                int target = i % Classes;
                string name = $"{fold}-{Text(i, "00000")}-A-{target}.wav";
                lines.Add($"{name},{fold},{target},{AudioLabelSets.Esc50.Labels[target]},False,{Text(i, "00000")},A");
                tones.Write("audio/" + name, target);
            }
        }

        Lines(folder, "meta/esc50.csv", lines);
    }

    private static void SpeechCommands(string folder, int count)
    {
        var tones = new Tones(folder, seed: 3);
        Dictionary<string, List<string>> lists = new() { ["train"] = [], ["validation"] = [], ["testing"] = [] };
        foreach ((string split, List<string> names) in lists)
        {
            for (int i = 0; i < count * Classes; i++)
            {
                string word = AudioLabelSets.SpeechCommands.Labels[i % Classes];
                names.Add($"{word}/{split[..2]}{Text(i, "000000")}_nohash_0.wav");
                tones.Write(names[^1], i % Classes);
            }
        }

        tones.Write("_background_noise_/white_noise.wav", Array.Empty<int>());
        Lines(folder, "validation_list.txt", lists["validation"]);
        Lines(folder, "testing_list.txt", lists["testing"]);
    }

    /// <summary>OpenMIC: two instruments of four are labelled in each clip.</summary>
    private static void OpenMic2018(string folder, int count)
    {
        var tones = new Tones(folder, seed: 4);
        List<string> labels = ["sample_key,instrument,relevance,num_responses"];
        foreach ((string split, int first) in new[] { ("train", 0), ("test", 500) })
        {
            List<string> keys = [];
            for (int i = 0; i < count * Classes; i++)
            {
                string key = $"{Text(first + i, "000000")}_3840";
                int present = i % Classes;
                keys.Add(key);
                labels.Add($"{key},{AudioLabelSets.OpenMic2018.Labels[present]},0.9,3");
                labels.Add($"{key},{AudioLabelSets.OpenMic2018.Labels[(present + 1) % Classes]},0.1,3");
                tones.Write($"audio/{key[..3]}/{key}.wav", present);
            }

            Lines(folder, $"partitions/split01_{split}.csv", keys);
        }

        Lines(folder, "openmic-2018-aggregated-labels.csv", labels);
    }

    /// <summary>TAU 2020: devices a to s3 in training, a to s6 in the test set, as in the official fold.</summary>
    private static void TauUrban2020(string folder, int count)
    {
        var tones = new Tones(folder, seed: 5);
        string[] devices = ["a", "b", "c", "s1", "s2", "s3", "s4", "s5", "s6"];
        List<string> meta = ["filename\tscene_label\tidentifier\tsource_label"];
        foreach ((string list, string city, int known) in new[] { ("train", "lyon", 6), ("evaluate", "paris", 9) })
        {
            List<string> lines = ["filename\tscene_label"];
            for (int i = 0; i < count * Classes; i++)
            {
                string scene = AudioLabelSets.TauUrban2020.Labels[i % Classes];
                string device = devices[i % known];
                string name = $"audio/{scene}-{city}-{i}-{i}-{device}.wav";
                meta.Add($"{name}\t{scene}\t{city}-{i}\t{device}");
                lines.Add($"{name}\t{scene}");
                tones.Write(name, i % Classes);
            }

            Lines(folder, $"evaluation_setup/fold1_{list}.csv", lines);
        }

        Lines(folder, "meta.csv", meta);
    }

    private static void Fsd50k(string folder, int count)
    {
        var tones = new Tones(folder, seed: 6);
        IReadOnlyList<string> labels = AudioLabelSets.Fsd50k.Labels;
        List<string> development = ["fname,labels,mids,split"];
        List<string> evaluation = ["fname,labels,mids"];
        for (int i = 0; i < 3 * count * Classes; i++)
        {
            string row = $"{1000 + i},\"{labels[i % Classes]},{labels[Classes]}\",\"/m/a,/m/b\"";
            bool isTest = i % 3 == 2;
            (isTest ? evaluation : development).Add(isTest ? row : row + (i % 3 == 0 ? ",train" : ",val"));
            tones.Write($"FSD50K.{(isTest ? "eval" : "dev")}_audio/{1000 + i}.wav", i % Classes);
        }

        Lines(folder, "FSD50K.ground_truth/dev.csv", development);
        Lines(folder, "FSD50K.ground_truth/eval.csv", evaluation);
        Lines(folder, "FSD50K.ground_truth/vocabulary.csv", labels.Select((label, index) => $"{index},{label},/m/{index}"));
    }

    private static void Desed(string folder, int count)
    {
        var tones = new Tones(folder, seed: 7, EventSeconds);
        var random = new Random(7);
        foreach ((string list, string place) in new[]
        {
            ("train/weak", "train/weak"), ("train/synthetic21_train/soundscapes", "train/synthetic21_train/soundscapes"),
            ("validation/validation", "validation/validation"), ("eval/public", "eval/public"),
        })
        {
            bool isWeak = list == "train/weak";
            List<string> lines = [isWeak ? "filename\tevent_labels" : "filename\tonset\toffset\tevent_label"];
            for (int i = 0; i < count * Classes; i++)
            {
                int pitch = i % Classes;
                string label = AudioLabelSets.Desed.Labels[pitch];
                double onset = Math.Round(random.NextDouble(), 3);
                double offset = Math.Round(onset + 0.6, 3);
                string name = $"Y{Text(i, "00000000000")}_0.000_10.000.wav";
                lines.Add(isWeak ? $"{name}\t{label}" : $"{name}\t{Text(onset, "0.000")}\t{Text(offset, "0.000")}\t{label}");
                tones.Write($"audio/{place}/{name}", (pitch, onset, offset));
            }

            Lines(folder, $"metadata/{list}.tsv", lines);
        }
    }

    private static void KineticsSounds(string folder, int count)
    {
        var tones = new Tones(folder, seed: 8);
        foreach (string split in new[] { "train", "validate" })
        {
            List<string> lines = ["label,youtube_id,time_start,time_end,split"];
            for (int i = 0; i < count * Classes; i++)
            {
                string id = $"{split[0]}{Text(i, "0000000000")}";
                lines.Add($"{AudioLabelSets.KineticsSounds.Labels[i % Classes]},{id},10,20,{split}");
                tones.Write($"clips/{id}_000010_000020.wav", i % Classes);
            }

            Lines(folder, split + ".csv", lines);
        }
    }

    private static void VggSound(string folder, int count)
    {
        var tones = new Tones(folder, seed: 9);
        List<string> lines = [];
        foreach (string split in new[] { "train", "test" })
        {
            for (int i = 0; i < count * Classes; i++)
            {
                string id = $"{split[1]}{Text(i, "0000000000")}";
                lines.Add($"{id},30,\"{AudioLabelSets.VggSound.Labels[i % Classes]}\",{split}");
                tones.Write($"clips/{id}_000030.wav", i % Classes);
            }
        }

        Lines(folder, "vggsound.csv", lines);
    }

    /// <summary>
    /// EPIC-KITCHENS-100: a video a split, with a segment a second; the pitch is of the verb, and a second one of the noun.
    /// </summary>
    private static void EpicKitchens(string folder, int count)
    {
        int segments = count * Classes;
        var tones = new Tones(folder, seed: 10, segments);
        foreach ((string list, string video) in new[] { ("train", "P01_01"), ("validation", "P02_01") })
        {
            List<string> lines =
            [
                "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,"
                + "stop_frame,narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes",
            ];
            List<(int, double, double)> events = [];
            for (int i = 0; i < segments; i++)
            {
                (int verb, int noun) = (i % 2, i / 2 % 2);
                lines.Add(
                    $"{video}_{i},{video[..3]},{video},00:00:00.00,{Time(i)},{Time(i + 1)},0,0,x,x,{verb},x,{noun},['x'],"
                    + $"[{noun}]");
                events.Add((verb, i, i + 1));
                events.Add((4 + noun, i, i + 1));
            }

            Lines(folder, $"EPIC_100_{list}.csv", lines);
            tones.Write($"{video[..3]}/{video}.wav", [.. events]);
        }
    }

    private static string Time(int seconds) =>
        TimeSpan.FromSeconds(seconds).ToString(@"hh\:mm\:ss\.ff", CultureInfo.InvariantCulture);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Lines(string folder, string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
    }
}
