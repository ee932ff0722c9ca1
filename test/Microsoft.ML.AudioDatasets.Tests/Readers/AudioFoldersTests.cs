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

    [TestMethod]
    public void Deep_folders_are_read_and_deeper_ones_refused()
    {
        string deep = string.Join('/', Enumerable.Repeat("d", 40));
        using DatasetTree tree = Tree().Wav($"cat/{deep}/e.wav");
        AudioDataset pets = DatasetTree.Context.Data.LoadAudioFolders(tree.Path);
        CollectionAssert.Contains(tree.Rows(pets.All, "Clip"), $"cat/{deep}/e.wav");

        tree.Wav($"cat/{deep}/{deep}/f.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioFolders(tree.Path));
        StringAssert.Contains(error.Message, "more than 64 folders deep");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void A_link_to_a_folder_around_it_is_refused()
    {
        using DatasetTree tree = Tree();
        using DatasetTree other = new DatasetTree().Wav("g.wav");
        Directory.CreateSymbolicLink(Path.Combine(tree.Path, "cat", "linked"), other.Path);
        AudioDataset pets = DatasetTree.Context.Data.LoadAudioFolders(tree.Path);
        CollectionAssert.Contains(tree.Rows(pets.All, "Clip"), "cat/linked/g.wav");

        Directory.CreateSymbolicLink(Path.Combine(tree.Path, "dog", "deep", "loop"), Path.Combine(tree.Path, "dog"));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioFolders(tree.Path));
        StringAssert.Contains(error.Message, "loop' is a link to");
    }

    private static DatasetTree Tree() =>
        new DatasetTree().Wav("cat/a.wav", "dog/b.wav", "dog/deep/c.wav").Text("dog/notes.txt", "x");
}
