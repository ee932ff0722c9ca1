namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class DesedTests
{
    private const string Strong = "filename\tonset\toffset\tevent_label";

    [TestMethod]
    public void Weak_strong_and_unlabelled_clips_are_splits()
    {
        using DatasetTree tree = Tree();
        AudioDataset desed = DatasetTree.Context.Data.LoadDesed(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "YKK227gPpRn4_30.000_40.000.wav|Alarm_bell_ringing+Speech||" },
            tree.Rows(desed.Split("weak"), "Clip", "Label", "Onsets", "Offsets"));
        CollectionAssert.AreEqual(new[] { "u.wav|" }, tree.Rows(desed.Split("unlabelled"), "Clip", "Label"));
        CollectionAssert.AreEqual(
            new[] { "1.wav|Cat+Dog|0.5+1|2+1.5", "2.wav|||" },
            tree.Rows(desed.Split("synthetic2021"), "Clip", "Label", "Onsets", "Offsets"));
        CollectionAssert.AreEqual(
            new[] { "v.wav|Vacuum_cleaner|0|9.971" }, tree.Rows(desed.Validation, "Clip", "Label", "Onsets", "Offsets"));
        CollectionAssert.AreEqual(new[] { "audio/eval/public/1Ro0FgMWTUE_120_130.wav" }, tree.Files(desed.Test));
        Assert.HasCount(4, tree.Files(desed.Train));
        CollectionAssert.Contains(desed.Report.AbsentLists.ToArray(), "metadata/train/audioset_strong.tsv");
    }

    [TestMethod]
    public void Recordings_at_16_kHz_stand_for_those_that_are_not_there()
    {
        using DatasetTree tree = Tree().Delete("audio/train/weak").Wav(
            "audio/train/weak_16k/YKK227gPpRn4_30.000_40.000.wav");
        CollectionAssert.AreEqual(
            new[] { "audio/train/weak_16k/YKK227gPpRn4_30.000_40.000.wav" },
            tree.Files(DatasetTree.Context.Data.LoadDesed(tree.Path).Split("weak")));
    }

    [TestMethod]
    public void A_list_without_its_folder_is_another_layout()
    {
        using DatasetTree tree = Tree().Delete("audio/eval");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadDesed(tree.Path));
        StringAssert.Contains(error.Message, "'audio/eval/public/'");
        tree.Delete("metadata");
        error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadDesed(tree.Path));
        StringAssert.Contains(error.Message, "'metadata/train/weak.tsv'");
    }

    [TestMethod]
    [DataRow("v.wav\t0.0\t1.0\tPiano", "of which 'Piano' is none")]
    [DataRow("v.wav\t2.0\t1.0\tCat", "offset is '1.0'; expected seconds, not before the onset at 2")]
    [DataRow("v.wav\t2.0\t3.0\t", "event_label is ''")]
    public void A_wrong_row_is_named(string row, string message)
    {
        using DatasetTree tree = Tree().Text("metadata/validation/validation.tsv", Strong, row);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadDesed(tree.Path));
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, "line 2");
    }

    [TestMethod]
    public void Missing_recordings_are_named()
    {
        using DatasetTree tree = Tree().Delete("audio/train/unlabel_in_domain/u.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadDesed(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('u.wav')");
    }

    private static DatasetTree Tree() => new DatasetTree()
        .Text(
            "metadata/train/weak.tsv", "filename\tevent_labels", "YKK227gPpRn4_30.000_40.000.wav\tAlarm_bell_ringing,Speech")
        .Text("metadata/train/unlabel_in_domain.tsv", "filename", "u.wav")
        .Text(
            "metadata/train/synthetic21_train/soundscapes.tsv", Strong, "1.wav\t0.5\t2.0\tCat",
            "1.wav\t1.0\t1.5\tDog", "2.wav\t\t\t")
        .Text("metadata/validation/validation.tsv", Strong, "v.wav\t0.000\t9.971\tVacuum_cleaner")
        .Text("metadata/eval/public.tsv", Strong, "1Ro0FgMWTUE_120_130.wav\t0.000\t2.081\tSpeech")
        .Wav(
            "audio/train/weak/YKK227gPpRn4_30.000_40.000.wav", "audio/train/unlabel_in_domain/u.wav",
            "audio/train/synthetic21_train/soundscapes/1.wav", "audio/train/synthetic21_train/soundscapes/2.wav",
            "audio/validation/validation/v.wav", "audio/eval/public/1Ro0FgMWTUE_120_130.wav");
}
