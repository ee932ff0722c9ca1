namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class Esc50Tests
{
    private const string Header = "filename,fold,target,category,esc10,src_file,take";

    [TestMethod]
    public void Clips_have_their_class_fold_and_source()
    {
        using DatasetTree tree = Tree();
        AudioDataset esc50 = DatasetTree.Context.Data.LoadEsc50(tree.Path);
        CollectionAssert.AreEqual(
            new[]
            {
                "1-100032-A-0.wav|dog|1|100032|0|0", "2-100038-A-14.wav|chirping_birds|2|100038|0|0",
                "3-100210-A-36.wav|vacuum_cleaner|3|100210|0|0", "4-1-A-49.wav|hand_saw|4|1|0|0", "5-2-A-0.wav|dog|5|2|0|0",
            },
            tree.Rows(esc50.All, "Clip", "Label", "Fold", "Source", "Start", "Duration"));
        CollectionAssert.AreEqual(new[] { "audio/3-100210-A-36.wav" }, tree.Files(esc50.Fold(3)));
        CollectionAssert.AreEqual(new[] { "1", "2", "4", "5" }, tree.Rows(esc50.FoldTraining(3), "Fold"));
        CollectionAssert.AreEqual(new[] { "1", "2", "3", "4", "5" }, esc50.Folds.ToArray());
        Assert.AreSame(AudioLabelSets.Esc50, esc50.Classes);
        Assert.AreEqual(5, esc50.Report.ClipCount);
        Assert.IsEmpty(esc50.Report.Extra);
    }

    [TestMethod]
    public void There_is_no_training_set_and_the_error_names_the_folds()
    {
        using DatasetTree tree = Tree();
        AudioDataset esc50 = DatasetTree.Context.Data.LoadEsc50(tree.Path);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => esc50.Train).Message, "use Fold and FoldTraining");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => esc50.Fold(6)).Message, "no fold 6; it has 1, 2, 3, 4, 5");
    }

    [TestMethod]
    public void A_folder_with_another_layout_says_what_was_looked_for_and_found()
    {
        using DatasetTree tree = new DatasetTree().Wav("ESC-50-master/audio/1.wav").Text(
            "ESC-50-master/meta/esc50.csv", Header);
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadEsc50(tree.Path));
        StringAssert.Contains(error.Message, "ESC-50: looked for 'meta/esc50.csv'");
        StringAssert.Contains(error.Message, "found 1 ('ESC-50-master/') instead");
        StringAssert.Contains(error.Message, "It is in 'ESC-50-master/'");
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => DatasetTree.Context.Data.LoadEsc50(tree.Path + "-no"));
    }

    [TestMethod]
    public void Missing_recordings_stop_loading_or_are_left_out()
    {
        using DatasetTree tree = Tree().Text(
            "meta/esc50.csv",
            [Header, .. Enumerable.Range(1, 12).Select(i => $"1-{i}-A-0.wav,1,0,dog,True,{i},A"), .. Lines])
            .Bytes("audio/1-1-A-0.wav").Wav("audio/extra.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadEsc50(tree.Path));
        StringAssert.Contains(error.Message, "missing: 11 ('1-2-A-0.wav'");
        StringAssert.Contains(error.Message, "and 1 more)");
        StringAssert.Contains(error.Message, "empty: 1 ('1-1-A-0.wav')");

        AudioDatasetReport report = DatasetTree.Context.Data.LoadEsc50(tree.Path, DatasetTree.Skip).Report;
        Assert.AreEqual(17, report.ListedCount);
        Assert.AreEqual(5, report.ClipCount);
        Assert.HasCount(11, report.Missing);
        CollectionAssert.AreEqual(new[] { "audio/extra.wav" }, report.Extra.ToArray());
        StringAssert.Contains(report.ToString(), "ESC-50: 5 of 17 clips");
    }

    [TestMethod]
    [DataRow("1-9-A-0.wav,1,0,dogs,True,9,A", "category is 'dogs'; expected labels of Esc50, 50 classes")]
    [DataRow("1-9-A-0.wav,1,1,dog,True,9,A", "target is '1'; expected 0 for category dog")]
    [DataRow("1-9-A-0.wav,6,0,dog,True,9,A", "fold is '6'; expected a whole number, 1 to 5")]
    [DataRow("1-9-A-0.wav,1,0,dog", "esc50.csv")]
    public void A_wrong_row_is_named_with_its_line(string row, string message)
    {
        using DatasetTree tree = Tree().Text("meta/esc50.csv", [Header, .. Lines, row]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadEsc50(tree.Path));
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, "7");
    }

    [TestMethod]
    public void A_fold_that_is_empty_is_an_error_even_where_missing_files_are_skipped()
    {
        using DatasetTree tree = Tree().Delete("audio/4-1-A-49.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => DatasetTree.Context.Data.LoadEsc50(tree.Path, DatasetTree.Skip));
        StringAssert.Contains(error.Message, "no clip of fold 4 can be read; expected all 5");
    }

    [TestMethod]
    public void A_name_that_leads_out_of_the_folder_finds_nothing()
    {
        using DatasetTree tree = Tree().Text("meta/esc50.csv", [Header, .. Lines, "../../x.wav,1,0,dog,True,9,A"]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadEsc50(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('../../x.wav')");
    }

    [TestMethod]
    public void Headers_find_unreadable_recordings_and_give_durations()
    {
        using DatasetTree tree = Tree().Text("meta/esc50.csv", [Header, .. Lines, "1-9-A-0.wav,1,0,dog,True,9,A"])
            .Bytes("audio/1-9-A-0.wav", 1, 2, 3, 4);
        AudioDataset esc50 = DatasetTree.Context.Data.LoadEsc50(
            tree.Path, new() { Problems = AudioFileProblems.Skip, Check = AudioFileCheck.Headers });
        StringAssert.StartsWith(esc50.Report.Unreadable.Single(), "1-9-A-0.wav: ");
        CollectionAssert.AreEqual(Enumerable.Repeat("0.1", 5).ToArray(), tree.Rows(esc50.All, "Duration"));
    }

    [TestMethod]
    public void A_converted_recording_is_found_unless_there_are_two()
    {
        using DatasetTree tree = Tree().Delete("audio/4-1-A-49.wav").Bytes("audio/4-1-A-49.flac", 1);
        AudioDataset esc50 = DatasetTree.Context.Data.LoadEsc50(tree.Path);
        CollectionAssert.AreEqual(new[] { "audio/4-1-A-49.flac" }, tree.Files(esc50.Fold(4)));
        tree.Bytes("audio/4-1-A-49.mp3", 1);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadEsc50(tree.Path));
        StringAssert.Contains(error.Message, "'4-1-A-49.wav' may be any of 2");
    }

    private static readonly string[] Lines =
    [
        "1-100032-A-0.wav,1,0,dog,True,100032,A", "2-100038-A-14.wav,2,14,chirping_birds,False,100038,A",
        "3-100210-A-36.wav,3,36,vacuum_cleaner,False,100210,A", "4-1-A-49.wav,4,49,hand_saw,False,1,A",
        "5-2-A-0.wav,5,0,dog,True,2,A",
    ];

    private static DatasetTree Tree() => new DatasetTree()
        .Text("meta/esc50.csv", [Header, .. Lines])
        .Wav([.. Lines.Select(line => "audio/" + line.Split(',')[0])]);
}
