namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class KineticsSoundsTests
{
    private const string Header = "label,youtube_id,time_start,time_end,split,is_cc";

    [TestMethod]
    public void Clips_of_the_classes_are_taken_from_the_lists_of_Kinetics()
    {
        using DatasetTree tree = Tree();
        AudioDataset sounds = DatasetTree.Context.Data.LoadKineticsSounds(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "---QUuC4vJs|tap dancing", "--07WQ2iBlw|strumming guitar" }, tree.Rows(sounds.Train, "Video", "Label"));
        CollectionAssert.AreEqual(new[] { "clips/--c_000010_000020.wav" }, tree.Files(sounds.Validation));
        Assert.AreEqual(3, sounds.Report.ListedCount);
        Assert.AreEqual(32, sounds.Classes.Count);
        CollectionAssert.AreEqual(new[] { "clips/--x_000001_000011.wav" }, sounds.Report.Extra.ToArray());
        CollectionAssert.AreEqual(new[] { "test.csv" }, sounds.Report.AbsentLists.ToArray());
    }

    [TestMethod]
    public void The_list_of_31_leaves_strumming_out()
    {
        using DatasetTree tree = Tree();
        AudioDataset sounds = DatasetTree.Context.Data.LoadKineticsSounds(tree.Path, AudioLabelSets.KineticsSounds31);
        CollectionAssert.AreEqual(new[] { "tap dancing" }, tree.Rows(sounds.Train, "Label"));
    }

    [TestMethod]
    public void Without_lists_folders_are_the_classes()
    {
        using DatasetTree tree = new DatasetTree().Wav(
            "train/tap_dancing/a.wav", "train/playing organ/b.wav", "train/abseiling/c.wav", "val/tap_dancing/d.wav");
        AudioDataset sounds = DatasetTree.Context.Data.LoadKineticsSounds(tree.Path);
        CollectionAssert.AreEqual(new[] { "playing organ|b", "tap dancing|a" }, tree.Rows(sounds.Train, "Label", "Video"));
        CollectionAssert.AreEqual(new[] { "val/tap_dancing/d.wav" }, tree.Files(sounds.Validation));
    }

    [TestMethod]
    public void Another_layout_is_named()
    {
        using DatasetTree tree = new DatasetTree().Text("k400.csv", Header);
        var error = Assert.ThrowsExactly<FileNotFoundException>(
            () => DatasetTree.Context.Data.LoadKineticsSounds(tree.Path));
        StringAssert.Contains(error.Message, "'train.csv' or 'annotations/train.csv' or 'train/'");
    }

    [TestMethod]
    public void A_wrong_row_is_named()
    {
        using DatasetTree tree = Tree().Text("train.csv", Header, "tap dancing,abc,ten,20,train,0");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadKineticsSounds(tree.Path));
        StringAssert.Contains(error.Message, "line 2: time_start is 'ten'");
        tree.Text("train.csv", "label,id", "tap dancing,abc");
        error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadKineticsSounds(tree.Path));
        StringAssert.Contains(error.Message, "has no column youtube_id, time_start, time_end; found label, id");
    }

    [TestMethod]
    public void Missing_recordings_are_named()
    {
        using DatasetTree tree = Tree().Delete("clips/--c_000010_000020.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadKineticsSounds(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('--c_10_20')");
    }

    private static DatasetTree Tree() => new DatasetTree()
        .Text(
            "train.csv", Header, "tap dancing,---QUuC4vJs,84,94,train,0", "abseiling,--x,1,11,train,0",
            "strumming guitar,--07WQ2iBlw,1,11,train,0")
        .Text("validate.csv", Header, "bowling,--c,10,20,val,0")
        .Wav(
            "clips/---QUuC4vJs_000084_000094.wav", "clips/--x_000001_000011.wav", "clips/--07WQ2iBlw_000001_000011.wav",
            "clips/--c_000010_000020.wav");
}
