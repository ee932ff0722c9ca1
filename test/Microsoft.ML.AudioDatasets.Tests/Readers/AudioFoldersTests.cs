namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class AudioFoldersTests
{
    [TestMethod]
    public void A_folder_is_a_class()
    {
        using DatasetTree tree = Tree();
        AudioDataset pets = DatasetTree.Context.Data.LoadAudioFolders(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "cat/a.wav|cat", "dog/b.wav|dog", "dog/deep/c.wav|dog" }, tree.Rows(pets.All, "Clip", "Label"));
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, pets.Classes.Labels.ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => pets.Train).Message, "no official training set.");
    }

    [TestMethod]
    public void Classes_can_be_given_in_their_order()
    {
        using DatasetTree tree = Tree();
        var labels = new AudioLabelSet("pets", ["hen", "dog", "cat"]);
        AudioDataset pets = DatasetTree.Context.Data.LoadAudioFolders(tree.Path, labels);
        Assert.AreSame(labels, pets.Classes);
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => DatasetTree.Context.Data.LoadAudioFolders(tree.Path, new AudioLabelSet("pets", ["hen", "dog"])));
        StringAssert.Contains(error.Message, "folders 1 ('cat')");
    }

    [TestMethod]
    public void A_folder_without_folders_or_recordings_is_refused()
    {
        using DatasetTree tree = new DatasetTree().Wav("a.wav");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadAudioFolders(tree.Path));
        StringAssert.Contains(error.Message, "1 ('a.wav')");
        tree.Text("cat/notes.txt", "none");
        Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioFolders(tree.Path));
    }

    [TestMethod]
    public void An_empty_recording_is_named()
    {
        using DatasetTree tree = Tree().Bytes("cat/a.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioFolders(tree.Path));
        StringAssert.Contains(error.Message, "empty: 1 ('cat/a.wav')");
    }

    [TestMethod]
    public void Attribute_files_of_macOS_are_no_recordings()
    {
        using DatasetTree tree = Tree().Bytes("cat/._a.wav", 0, 5, 22, 7).Wav("cat/.b.wav");
        AudioDataset pets = DatasetTree.Context.Data.LoadAudioFolders(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "cat/.b.wav|cat", "cat/a.wav|cat", "dog/b.wav|dog", "dog/deep/c.wav|dog" },
            tree.Rows(pets.All, "Clip", "Label"));
    }

    [TestMethod]
    public void Recordings_of_all_formats_are_found()
    {
        string[] names = ["a.aifc", "b.au", "c.caf", "d.W64", "e.mp2", "f.amr", "g.mkv"];
        using var tree = new DatasetTree();
        Array.ForEach(names, name => tree.Wav($"cat/{name}"));
        AudioDataset pets = DatasetTree.Context.Data.LoadAudioFolders(tree.Path);
        CollectionAssert.AreEqual(names.Select(name => $"cat/{name}").ToArray(), tree.Rows(pets.All, "Clip"));
    }

    private static DatasetTree Tree() =>
        new DatasetTree().Wav("cat/a.wav", "dog/b.wav", "dog/deep/c.wav").Text("dog/notes.txt", "x");
}
