using System.Runtime.Versioning;
using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class AudioTableTests
{
    [TestMethod]
    public void A_row_is_a_clip_with_the_columns_that_are_named()
    {
        using DatasetTree tree = new DatasetTree()
            .Text("clips.csv", "file,class,set,k,from,len,mic", "a.wav,dog,train,1,0.5,0.25,x", "in/b.wav,cat,test,2,0,0,y")
            .Wav("a.wav", "in/b.wav");
        var columns = new AudioTableColumns
        {
            Path = "file", Label = "class", Split = "set", Fold = "k", Start = "from", Duration = "len", Device = "mic",
        };
        AudioDataset table = DatasetTree.Context.Data.LoadAudioTable(Path.Combine(tree.Path, "clips.csv"), columns);
        CollectionAssert.AreEqual(
            new[] { "dog|train|1|0.5|0.25|x", "cat|test|2|0|0|y" },
            tree.Rows(table.All, "Label", "Split", "Fold", "Start", "Duration", "Device"));
        CollectionAssert.AreEqual(new[] { "in/b.wav" }, tree.Files(table.Test));
        CollectionAssert.AreEqual(new[] { "a.wav" }, tree.Files(table.Fold(1)));
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, table.Classes.Labels.ToArray());
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void What_is_no_file_is_refused_by_its_name()
    {
        using DatasetTree tree = new();
        string path = Path.Combine(tree.Path, "clips.csv");
        SpecialFile.AssertRefused(path, () => DatasetTree.Context.Data.LoadAudioTable(path), isFolderLeftOut: true);
    }

    [TestMethod]
    public void Several_labels_are_a_vector_and_paths_can_be_elsewhere()
    {
        using DatasetTree audio = new DatasetTree().Wav("a.wav", "deep/b.wav");
        using DatasetTree tree = new DatasetTree().Text(
            "t.tsv", "path\tlabel", Path.Combine(audio.Path, "a.wav") + "\tdog; cat",
            Path.Combine(audio.Path, "deep/b.wav") + "\t");
        AudioDataset table = DatasetTree.Context.Data.LoadAudioTable(
            Path.Combine(tree.Path, "t.tsv"), new AudioTableColumns { LabelSeparator = ";" });
        CollectionAssert.AreEqual(new[] { "dog+cat", "" }, tree.Rows(table.All, "Label"));
        CollectionAssert.AreEqual(new[] { "a.wav", "deep/b.wav" }, audio.Files(table.All));
    }

    [TestMethod]
    public void A_row_is_an_event_where_onsets_are_named()
    {
        using DatasetTree tree = new DatasetTree()
            .Text("e.csv", "path,label,onset,offset", "a.wav,dog,0.1,0.2", "b.wav,,,", "a.wav,cat,0.3,0.4")
            .Wav("a.wav", "b.wav");
        AudioDataset table = DatasetTree.Context.Data.LoadAudioTable(
            Path.Combine(tree.Path, "e.csv"), new AudioTableColumns { Onset = "onset", Offset = "offset" });
        CollectionAssert.AreEqual(
            new[] { "a.wav|dog+cat|0.1+0.3|0.2+0.4", "b.wav|||" }, tree.Rows(table.All, "Clip", "Label", "Onsets", "Offsets"));
    }

    [TestMethod]
    [DataRow("a.wav,cat,0.3,0.4,test,1,x,p", "line 4: set is 'test'; expected 'train', as in the first row of 'a.wav'")]
    [DataRow("a.wav,cat,0.3,0.4,train,2,x,p", "line 4: k is '2'; expected '1'")]
    [DataRow("a.wav,cat,0.3,0.4,train,1,y,p", "line 4: mic is 'y'; expected 'x'")]
    [DataRow("a.wav,cat,0.3,0.4,train,1,x,q", "line 4: who is 'q'; expected 'p'")]
    public void Events_of_a_recording_agree_on_its_split_fold_device_and_participant(string row, string message)
    {
        using DatasetTree tree = new DatasetTree()
            .Text(
                "e.csv", "path,label,onset,offset,set,k,mic,who", "a.wav,dog,0.1,0.2,train,1,x,p", "b.wav,dog,0,1,test,2,y,q", row)
            .Wav("a.wav", "b.wav");
        var columns = new AudioTableColumns
        {
            Onset = "onset", Offset = "offset", Split = "set", Fold = "k", Device = "mic", Participant = "who",
        };
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => DatasetTree.Context.Data.LoadAudioTable(Path.Combine(tree.Path, "e.csv"), columns));
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    public void Each_clip_of_an_unreadable_recording_is_reported()
    {
        using DatasetTree tree = new DatasetTree()
            .Text("t.csv", "path,label,from", "a.wav,dog,0", "a.wav,cat,1", "a.wav,dog,2", "b.wav,cat,0")
            .Bytes("a.wav", 1, 2, 3, 4).Wav("b.wav");
        AudioDatasetReport report = DatasetTree.Context.Data.LoadAudioTable(
            Path.Combine(tree.Path, "t.csv"), new AudioTableColumns { Start = "from" },
            options: new() { Problems = AudioFileProblems.Skip, Check = AudioFileCheck.Headers }).Report;
        Assert.AreEqual((4, 1), (report.ListedCount, report.ClipCount));
        Assert.HasCount(3, report.Unreadable);
        Assert.IsTrue(report.Unreadable.All(line => line.StartsWith("a.wav: ", StringComparison.Ordinal)));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public void A_recording_that_may_not_be_read_is_left_out()
    {
        RequiredTool.Check(!Environment.IsPrivilegedProcess, "a user who may not read all files");
        using DatasetTree tree = new DatasetTree().Text("t.csv", "path,label", "a.wav,dog", "b.wav,cat").Wav("a.wav", "b.wav");
        File.SetUnixFileMode(Path.Combine(tree.Path, "a.wav"), UnixFileMode.None);
        AudioDatasetReport report = DatasetTree.Context.Data.LoadAudioTable(
            Path.Combine(tree.Path, "t.csv"),
            options: new() { Problems = AudioFileProblems.Skip, Check = AudioFileCheck.Headers }).Report;
        Assert.AreEqual((2, 1), (report.ListedCount, report.ClipCount));
        StringAssert.StartsWith(report.Unreadable.Single(), "a.wav: ");
    }

    [TestMethod]
    public void A_column_that_is_not_there_a_label_outside_and_a_missing_file_are_named()
    {
        using DatasetTree tree = new DatasetTree().Text("t.csv", "path,label", "a.wav,dog", "b.wav,cat").Wav("a.wav");
        string file = Path.Combine(tree.Path, "t.csv");
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => DatasetTree.Context.Data.LoadAudioTable(file, new AudioTableColumns { Split = "set" }));
        StringAssert.Contains(error.Message, "has no column set; found path, label");
        error = Assert.ThrowsExactly<InvalidDataException>(
            () => DatasetTree.Context.Data.LoadAudioTable(file, classes: new AudioLabelSet("dogs", ["dog"])));
        StringAssert.Contains(error.Message, "line 3: label is 'cat'");
        error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioTable(file));
        StringAssert.Contains(error.Message, "missing: 1 ('b.wav')");
        Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadAudioTable(file + "x"));
    }

    [TestMethod]
    public void Onset_and_offset_belong_together()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => DatasetTree.Context.Data.LoadAudioTable("t.csv", new AudioTableColumns { Onset = "onset" }));
        StringAssert.Contains(error.Message, "Label, Onset and Offset together");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => DatasetTree.Context.Data.LoadAudioTable("t.csv", new AudioTableColumns { Path = " " }));
    }
}
