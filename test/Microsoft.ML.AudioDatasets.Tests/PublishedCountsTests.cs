using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Readers;

namespace Microsoft.ML.AudioDatasets.Tests;

/// <summary>Lists of official size agree with the published counts, and others are told.</summary>
[TestClass]
public sealed class PublishedCountsTests
{
    [TestMethod]
    // Published totals, by the data sets' papers: of all splits or folds together, and of single ones.
    [DataRow("Speech Commands V2", 105_829, "train 84843, validation 9981, test 11005")]
    [DataRow("EPIC-KITCHENS-100", 67_217 + 9_668, "train 67217, validation 9668")]
    [DataRow("ESC-50", 2_000, "1 400, 2 400, 3 400, 4 400, 5 400")]
    [DataRow("OpenMIC-2018", 20_000, "train 14915, test 5085")]
    [DataRow("FSD50K", 40_966 + 10_231, "train 36796, validation 4170, test 10231")]
    [DataRow("UrbanSound8K", 8_732, "1 873, 2 888, 3 925, 4 990, 5 936, 6 823, 7 838, 8 806, 9 816, 10 837")]
    public void Published_counts_add_up_to_published_totals(string dataset, int total, string groups)
    {
        PublishedCounts published = PublishedCounts.All[dataset];
        Assert.AreEqual(total, published.Clips.Values.Sum());
        Assert.AreEqual(groups, string.Join(", ", published.Clips.Select(group => $"{group.Key} {group.Value}")));
        Assert.IsGreaterThan(10, published.Source.Length);
    }

    [TestMethod]
    public void All_of_ESC_50_is_what_is_published_and_a_clip_less_is_told()
    {
        using var tree = new DatasetTree();
        string[] lines = [.. Enumerable.Range(0, 2_000).Select(i =>
        {
            (int fold, int target) = (1 + (i / 400), i % 50);
            return $"{fold}-{i}-A-{target}.wav,{fold},{target},{AudioLabelSets.Esc50.Labels[target]},False,{i},A";
        })];
        tree.Bytes("audio/x.txt");
        foreach (string line in lines)
        {
            File.WriteAllBytes(Path.Combine(tree.Path, "audio", line.Split(',')[0]), [0]);
        }

        const string header = "filename,fold,target,category,esc10,src_file,take";
        AudioDatasetReport report = DatasetTree.Context.Data.LoadEsc50(tree.Text("meta/esc50.csv", [header, .. lines]).Path)
            .Report;
        Assert.IsEmpty(report.Differences);
        Assert.AreEqual(2_000, report.ClipCount);
        CollectionAssert.AreEqual(new[] { 400, 400, 400, 400, 400 }, report.Listed.Values.ToArray());

        report = DatasetTree.Context.Data.LoadEsc50(tree.Text("meta/esc50.csv", [header, .. lines[..1999]]).Path).Report;
        StringAssert.StartsWith(report.Differences.Single(), "399 of 400 clips listed in 5 (Piczak");
        StringAssert.Contains(report.ToString(), "published otherwise: 399 of 400");
    }

    [TestMethod]
    public void EPIC_KITCHENS_of_published_size_is_read_and_missing_recordings_are_no_difference()
    {
        using var tree = new DatasetTree();
        tree.Wav("P01/P01_01.wav");
        foreach ((string list, int count) in new[] { ("train", 67_217), ("validation", 9_668) })
        {
            // All but the first rows are of a video that is not there, as for many who download.
            tree.Text($"EPIC_100_{list}.csv",
            [
                "narration_id,participant_id,video_id,start_timestamp,stop_timestamp,verb_class,noun_class",
                .. Enumerable.Range(0, count).Select(
                    i => $"P01_{i},P01,P01_0{(i < 5 ? 1 : 2)},00:00:00.00,00:00:01.00,{i % 97},{i % 300}"),
            ]);
        }

        AudioDatasetReport report = DatasetTree.Context.Data.LoadEpicKitchens(tree.Path, DatasetTree.Skip).Report;
        Assert.IsEmpty(report.Differences);
        Assert.AreEqual(67_217, report.Listed["train"]);
        Assert.AreEqual(9_668, report.Listed["validation"]);
        Assert.AreEqual(5, report.Splits["validation"]);
        Assert.HasCount(67_217 + 9_668 - 10, report.Missing);
    }

    [TestMethod]
    // From the official lists: the speakers nearest to the borders, one of each list; and one that is in neither.
    [DataRow("1942abd7", "validation")]
    [DataRow("3bdf05d3", "validation")]
    [DataRow("beb458a4", "test")]
    [DataRow("5f449e17", "test")]
    [DataRow("00f0204f", "train")]
    public void Speech_Commands_are_split_by_the_hash_of_the_speaker(string speaker, string split) =>
        Assert.AreEqual(split, SpeechCommands.SplitOf(speaker));

    [TestMethod]
    public void A_list_of_Speech_Commands_that_was_cut_short_is_told()
    {
        using DatasetTree tree = new DatasetTree()
            .Wav("bed/099d52ad_nohash_0.wav", "bed/0c40e715_nohash_0.wav", "bed/00f0204f_nohash_0.wav")
            .Text("validation_list.txt", "bed/099d52ad_nohash_0.wav")
            .Text("testing_list.txt", "bed/0c40e715_nohash_0.wav");
        Assert.DoesNotContain("by the hash", DatasetTree.Context.Data.LoadSpeechCommands(tree.Path).ToString());
        tree.Text("testing_list.txt");
        string told = DatasetTree.Context.Data.LoadSpeechCommands(tree.Path).ToString();
        StringAssert.Contains(told, "in another split: 1 ('bed/0c40e715_nohash_0.wav')");
        StringAssert.Contains(told, "1 of 9981 clips listed in validation");
    }
}
