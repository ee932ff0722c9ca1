namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class VggSoundTests
{
    private static readonly string[] s_rows =
    [
        "---g-f_I2yQ,1,people marching,test", "--0PQM4-hqg,30,waterfall burbling,train",
        "-0jeONf82dE,100,\"bird chirping, tweeting\",train",
    ];

    [TestMethod]
    public void Clips_have_label_video_and_split()
    {
        using DatasetTree tree = Tree();
        AudioDataset vgg = DatasetTree.Context.Data.LoadVggSound(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "--0PQM4-hqg|waterfall burbling", "-0jeONf82dE|bird chirping, tweeting" }, tree.Rows(
                vgg.Train, "Video", "Label"));
        CollectionAssert.AreEqual(new[] { "wav/---g-f_I2yQ_000001.wav" }, tree.Files(vgg.Test));
        Assert.AreEqual(309, vgg.Classes.Count);
    }

    [TestMethod]
    public void Clips_are_cut_from_whole_videos()
    {
        using DatasetTree tree = new DatasetTree().Text("vggsound.csv", s_rows[1]).Wav("--0PQM4-hqg.wav");
        AudioDataset vgg = DatasetTree.Context.Data.LoadVggSound(tree.Path, new() { HasWholeVideos = true });
        CollectionAssert.AreEqual(new[] { "30|10" }, tree.Rows(vgg.Train, "Start", "Duration"));
    }

    [TestMethod]
    public void Another_layout_is_named()
    {
        using DatasetTree tree = Tree().Delete("vggsound.csv");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadVggSound(tree.Path));
        StringAssert.Contains(error.Message, "'vggsound.csv' or 'data/vggsound.csv'");
    }

    [TestMethod]
    [DataRow("abc,1,people marching", "found 3 fields; expected 4: video, start, label, split")]
    [DataRow("abc,1,people marshing,test", "label is 'people marshing'; expected labels of VggSound, 309 classes")]
    [DataRow("abc,1,people marching,val", "split is 'val'; expected train or test")]
    public void A_wrong_row_is_named(string row, string message)
    {
        using DatasetTree tree = Tree().Text("vggsound.csv", row);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadVggSound(tree.Path));
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, "line 1");
    }

    [TestMethod]
    public void Missing_recordings_are_named()
    {
        using DatasetTree tree = Tree().Delete("wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => DatasetTree.Context.Data.LoadVggSound(tree.Path, DatasetTree.Skip));
        StringAssert.Contains(error.Message, "there is no clip that can be read");
        StringAssert.Contains(error.Message, "missing: 3 ('---g-f_I2yQ_1_11'");
    }

    private static DatasetTree Tree() => new DatasetTree().Text("vggsound.csv", s_rows)
        .Wav("wav/---g-f_I2yQ_000001.wav", "wav/--0PQM4-hqg_000030.wav", "wav/-0jeONf82dE_000100.wav");
}
