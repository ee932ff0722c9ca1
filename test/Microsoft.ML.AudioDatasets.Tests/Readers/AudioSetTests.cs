namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class AudioSetTests
{
    // The first lines of the official file, and two of its rows.
    private static readonly string[] s_balanced =
    [
        "# Segments csv created Sun Mar  5 10:54:25 2017",
        "# num_ytids=22160, num_segs=22160, num_unique_labels=527, num_positive_labels=52882",
        "# YTID, start_seconds, end_seconds, positive_labels",
        "--PJHxphWEs, 30.000, 40.000, \"/m/09x0r,/t/dd00088\"", "--ZhevVpy1s, 50.000, 60.000, \"/m/012xff\"",
    ];

    private static readonly string[] s_evaluation =
        ["# a", "# b", "# YTID, start_seconds", "--4gqARaEJE, 0.000, 10.000, \"/m/068hy,/m/07q6cd_\""];

    [TestMethod]
    public void Segments_have_their_display_names_and_the_lists_that_are_there()
    {
        using DatasetTree tree = Tree();
        AudioDataset audioSet = DatasetTree.Context.Data.LoadAudioSet(tree.Path);
        // As class_labels_indices.csv says: /m/09x0r, /t/dd00088 and /m/012xff.
        CollectionAssert.AreEqual(
            new[] { "--PJHxphWEs|Speech+Gush|0|0", "--ZhevVpy1s|Toothbrush|0|0" },
            tree.Rows(audioSet.Train, "Video", "Label", "Start", "Duration"));
        CollectionAssert.AreEqual(new[] { "evaluation" }, tree.Rows(audioSet.Test, "Split"));
        CollectionAssert.AreEqual(new[] { "unbalanced_train_segments.csv" }, audioSet.Report.AbsentLists.ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => audioSet.Split("unbalanced")).Message,
            "it has balanced, evaluation");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => audioSet.Validation).Message,
            "no official validation set");
    }

    [TestMethod]
    [DataRow("Y--4gqARaEJE.wav")]
    [DataRow("--4gqARaEJE.wav")]
    [DataRow("--4gqARaEJE_0.flac")]
    [DataRow("--4gqARaEJE_000000.wav")]
    [DataRow("Y--4gqARaEJE_0.000_10.000.wav")]
    [DataRow("--4gqARaEJE_0_10000.mp3")]
    [DataRow("--4gqARaEJE_0_10.wav")]
    public void Recordings_are_found_by_the_names_that_download_tools_give(string name)
    {
        using DatasetTree tree = Tree().Delete("eval").Bytes("audio/eval/" + name, 1);
        AudioDataset audioSet = DatasetTree.Context.Data.LoadAudioSet(tree.Path);
        CollectionAssert.AreEqual(new[] { "audio/eval/" + name }, tree.Files(audioSet.Test));
    }

    [TestMethod]
    public void Segments_are_cut_from_whole_videos_in_another_folder()
    {
        using DatasetTree tree = Tree();
        using DatasetTree videos = new DatasetTree().Wav("--PJHxphWEs.wav", "Y--ZhevVpy1s.wav", "--4gqARaEJE.wav");
        AudioDataset audioSet = DatasetTree.Context.Data.LoadAudioSet(
            tree.Path, new() { AudioFolder = videos.Path, HasWholeVideos = true });
        CollectionAssert.AreEqual(new[] { "30|10", "50|10" }, tree.Rows(audioSet.Train, "Start", "Duration"));
        CollectionAssert.AreEqual(new[] { "--PJHxphWEs.wav", "Y--ZhevVpy1s.wav" }, videos.Files(audioSet.Train));
    }

    [TestMethod]
    public void Videos_that_are_gone_are_left_out_and_counted()
    {
        using DatasetTree tree = Tree().Delete("balanced/Y--ZhevVpy1s.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioSet(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('--ZhevVpy1s_50_60')");
        AudioDataset audioSet = DatasetTree.Context.Data.LoadAudioSet(tree.Path, DatasetTree.Skip);
        Assert.AreEqual("balanced: 1, evaluation: 1", string.Join(
            ", ", audioSet.Report.Splits.Select(item => $"{item.Key}: {item.Value}")));
    }

    [TestMethod]
    public void Two_files_of_a_segment_are_an_error()
    {
        using DatasetTree tree = Tree().Wav("again/--4gqARaEJE.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioSet(tree.Path));
        StringAssert.Contains(error.Message, "'--4gqARaEJE_0_10' may be any of 2");
    }

    [TestMethod]
    public void A_folder_without_lists_names_all_three()
    {
        using DatasetTree tree = new DatasetTree().Text("balanced_train.csv", "x");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadAudioSet(tree.Path));
        StringAssert.Contains(
            error.Message, "'balanced_train_segments.csv' or 'unbalanced_train_segments.csv' or 'eval_segments.csv'");
        StringAssert.Contains(error.Message, "1 ('balanced_train.csv')");
    }

    [TestMethod]
    [DataRow("abc, 0.000, 10.000, \"/m/09x0r,/m/nothing\"", "of which '/m/nothing' is none")]
    [DataRow("abc, zero, 10.000, \"/m/09x0r\"", "start is 'zero'; expected seconds")]
    [DataRow("abc, 0.000, 10.000", "eval_segments.csv")]
    public void A_wrong_row_is_named(string row, string message)
    {
        using DatasetTree tree = Tree().Text("eval_segments.csv", [.. s_evaluation, row]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioSet(tree.Path));
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, "5");
    }

    private static DatasetTree Tree() => new DatasetTree()
        .Text("balanced_train_segments.csv", s_balanced)
        .Text("eval_segments.csv", s_evaluation)
        .Wav("balanced/Y--PJHxphWEs.wav", "balanced/Y--ZhevVpy1s.wav", "eval/Y--4gqARaEJE.wav");
}
