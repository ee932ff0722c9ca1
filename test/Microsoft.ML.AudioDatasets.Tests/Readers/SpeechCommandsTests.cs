namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class SpeechCommandsTests
{
    [TestMethod]
    public void What_is_in_no_list_is_to_train_on_and_noise_is_aside()
    {
        using DatasetTree tree = Tree();
        AudioDataset commands = DatasetTree.Context.Data.LoadSpeechCommands(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "bed/0a_nohash_0.wav|bed|0a", "zero/0b_nohash_0.wav|zero|0b" },
            tree.Rows(commands.Train, "Clip", "Label", "Speaker"));
        CollectionAssert.AreEqual(new[] { "bed/0c_nohash_1.wav|bed" }, tree.Rows(commands.Validation, "Clip", "Label"));
        CollectionAssert.AreEqual(new[] { "zero/0d_nohash_0.wav|zero" }, tree.Rows(commands.Test, "Clip", "Label"));
        CollectionAssert.AreEqual(new[] { "_background_noise_/pink_noise.wav" }, tree.Files(commands.Split("background")));
        Assert.HasCount(4, tree.Files(commands.All));
        Assert.AreEqual("background, test, train, validation", string.Join(", ", commands.Splits));
    }

    [TestMethod]
    public void A_listed_recording_that_is_not_there_is_named()
    {
        using DatasetTree tree = Tree().Delete("bed/0c_nohash_1.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadSpeechCommands(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('bed/0c_nohash_1.wav')");
        AudioDataset commands = DatasetTree.Context.Data.LoadSpeechCommands(tree.Path, DatasetTree.Skip);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => commands.Validation).Message,
            "the validation set is validation, of which");
    }

    [TestMethod]
    public void A_list_that_is_not_there_is_named()
    {
        using DatasetTree tree = Tree().Delete("testing_list.txt");
        var error = Assert.ThrowsExactly<FileNotFoundException>(
            () => DatasetTree.Context.Data.LoadSpeechCommands(tree.Path));
        StringAssert.Contains(error.Message, "looked for 'testing_list.txt'");
        StringAssert.Contains(error.Message, "'bed/'");
    }

    [TestMethod]
    public void A_folder_of_no_word_is_refused()
    {
        using DatasetTree tree = Tree().Wav("pizza/0a_nohash_0.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadSpeechCommands(tree.Path));
        StringAssert.Contains(error.Message, "folders 1 ('pizza')");
        StringAssert.Contains(error.Message, "none of SpeechCommands, 35 classes");
    }

    [TestMethod]
    public void A_recording_in_both_lists_is_refused()
    {
        using DatasetTree tree = Tree().Text("testing_list.txt", "bed/0c_nohash_1.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadSpeechCommands(tree.Path));
        StringAssert.Contains(error.Message, "it is in that of the validation set");
    }

    [TestMethod]
    public void An_empty_folder_has_no_words()
    {
        using DatasetTree tree = Tree().Delete("bed").Delete("zero");
        Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadSpeechCommands(tree.Path));
    }

    private static DatasetTree Tree() => new DatasetTree()
        .Wav(
            "bed/0a_nohash_0.wav", "bed/0c_nohash_1.wav", "zero/0b_nohash_0.wav", "zero/0d_nohash_0.wav",
            "_background_noise_/pink_noise.wav")
        .Text("validation_list.txt", "bed/0c_nohash_1.wav")
        .Text("testing_list.txt", "zero/0d_nohash_0.wav")
        .Text("_background_noise_/README.md", "noise");
}
