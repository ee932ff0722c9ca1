namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class EpicKitchensTests
{
    private const string Header =
        "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,"
        + "narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes";

    private const string SoundsHeader =
        "annotation_id,participant_id,video_id,start_timestamp,stop_timestamp,start_sample,stop_sample,description,"
        + "class,class_id";

    [TestMethod]
    public void Actions_are_segments_of_videos_with_verb_and_noun()
    {
        using DatasetTree tree = Tree();
        AudioDataset epic = DatasetTree.Context.Data.LoadEpicKitchens(tree.Path, new() { AudioFolder = "audio" });
        CollectionAssert.AreEqual(
            new[] { "P01_01_0|open|cupboard|0.14|3.23|P01|P01_01", "P01_01_1|take|spoon|3661.5|1|P01|P01_01" },
            tree.Rows(epic.Train, "Clip", "Verb", "Noun", "Start", "Duration", "Participant", "Video"));
        CollectionAssert.AreEqual(
            new[] { "P01_11_0|take|plate|0|1.89" }, tree.Rows(epic.Validation, "Clip", "Verb", "Noun", "Start", "Duration"));
        CollectionAssert.AreEqual(new[] { "audio/P01/P01_01.wav", "audio/P01/P01_01.wav" }, tree.Files(epic.Train));
        Assert.AreEqual(97, epic.LabelSets["Verb"].Count);
        Assert.AreEqual(300, epic.LabelSets["Noun"].Count);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => epic.Classes).Message, "Verb, Noun");
    }

    [TestMethod]
    public void Classes_without_a_training_sample_can_be_left_out()
    {
        using DatasetTree tree = Tree();
        AudioDataset epic = DatasetTree.Context.Data.LoadEpicKitchens(tree.Path, new() { AudioFolder = "audio" });
        // In the official list spoon is class 1, cupboard 3, and plate, which only the validation set has here, 2.
        CollectionAssert.AreEqual(new[] { "spoon", "cupboard" }, epic.TrainedClasses("Noun").Labels.ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => epic.TrainedClasses()).Message, "it has Verb, Noun");
    }

    [TestMethod]
    public void Another_layout_is_named()
    {
        using DatasetTree tree = Tree().Delete("EPIC_100_validation.csv");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadEpicKitchens(tree.Path));
        StringAssert.Contains(error.Message, "'EPIC_100_validation.csv'");
        using DatasetTree whole = Tree();
        Assert.ThrowsExactly<DirectoryNotFoundException>(
            () => DatasetTree.Context.Data.LoadEpicKitchens(whole.Path, new() { AudioFolder = "nothing" }));
    }

    [TestMethod]
    [DataRow("97", "3", "00:00:03.37", "verb_class is '97'; expected a whole number, 0 to 96")]
    [DataRow("3", "300", "00:00:03.37", "noun_class is '300'; expected a whole number, 0 to 299")]
    [DataRow("3", "3", "00:00:00.14", "expected a time after 00:00:00.14")]
    [DataRow("3", "3", "soon", "stop_timestamp is 'soon'; expected a time as in 00:01:02.345")]
    public void A_wrong_row_is_named(string verb, string noun, string stop, string message)
    {
        using DatasetTree tree = Tree().Text(
            "EPIC_100_train.csv", Header, Row("P01_01_0", "P01_01", "00:00:00.14", stop, verb, noun));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadEpicKitchens(tree.Path));
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, "line 2");
    }

    [TestMethod]
    public void Clips_of_a_missing_video_are_named()
    {
        using DatasetTree tree = Tree().Delete("audio/P01/P01_11.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadEpicKitchens(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('P01_11_0')");
    }

    [TestMethod]
    public void Sounds_have_their_class()
    {
        using DatasetTree tree = Sounds();
        AudioDataset sounds = DatasetTree.Context.Data.LoadEpicSounds(tree.Path);
        CollectionAssert.AreEqual(new[] { "P01_01_0|rustle|P01" }, tree.Rows(sounds.Train, "Clip", "Label", "Participant"));
        CollectionAssert.AreEqual(
            new[] { "ceramic / wood collision|2.069" }, tree.Rows(sounds.Validation, "Label", "Start"));
        Assert.AreEqual(44, sounds.Classes.Count);
    }

    [TestMethod]
    [DataRow("rustle,5", "class_id is '5'; expected 4 for class rustle")]
    [DataRow("rustling,4", "of which 'rustling' is none")]
    public void A_wrong_sound_is_named(string end, string message)
    {
        using DatasetTree tree = Sounds().Text(
            "EPIC_Sounds_train.csv", SoundsHeader,
            "P01_01_0,P01,P01_01,00:00:02.466,00:00:05.315,59184,127560,paper rustle," + end);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadEpicSounds(tree.Path));
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    public void Another_layout_of_sounds_is_named()
    {
        using DatasetTree tree = Tree();
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadEpicSounds(tree.Path));
        StringAssert.Contains(error.Message, "'EPIC_Sounds_train.csv'");
    }

    private static string Row(string id, string video, string start, string stop, string verb, string noun) =>
        $"{id},P01,{video},00:00:01.089,{start},{stop},8,202,open door,open,{verb},door,{noun},\"['door', 'x']\",\"[3, 4]\"";

    private static DatasetTree Tree() => new DatasetTree()
        .Text(
            "EPIC_100_train.csv", Header, Row("P01_01_0", "P01_01", "00:00:00.14", "00:00:03.37", "3", "3"),
            Row("P01_01_1", "P01_01", "01:01:01.50", "01:01:02.50", "0", "1"))
        .Text("EPIC_100_validation.csv", Header, Row("P01_11_0", "P01_11", "00:00:00.00", "00:00:01.89", "0", "2"))
        .Wav("audio/P01/P01_01.wav", "audio/P01/P01_11.wav");

    private static DatasetTree Sounds() => new DatasetTree()
        .Text(
            "EPIC_Sounds_train.csv", SoundsHeader,
            "P01_01_0,P01,P01_01,00:00:02.466,00:00:05.315,59184,127560,paper rustle,rustle,4")
        .Text(
            "EPIC_Sounds_validation.csv", SoundsHeader,
            "P01_11_0,P01,P01_11,00:00:02.069,00:00:02.993,49656,71832,clang / clatter,ceramic / wood collision,34")
        .Wav("P01_01.wav", "P01_11.wav");
}
