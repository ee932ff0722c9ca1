namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class AudioSetStrongTests
{
    private const string Header = "segment_id\tstart_time_seconds\tend_time_seconds\tlabel";

    [TestMethod]
    public void Events_are_gathered_by_clip_and_files_found_by_their_start()
    {
        using DatasetTree tree = Tree();
        AudioDataset strong = DatasetTree.Context.Data.LoadAudioSetStrong(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "b0RFKhbpFJA|Mechanical fan+Speech|0+4.753|10+5.72" },
            tree.Rows(strong.Train, "Video", "Label", "Onsets", "Offsets"));
        CollectionAssert.AreEqual(new[] { "audio/b0RFKhbpFJA_30.000_40.000.wav" }, tree.Files(strong.Train));
        CollectionAssert.AreEqual(new[] { "audio/--a_b_c_0.wav" }, tree.Files(strong.Test));
        CollectionAssert.AreEqual(new[] { "Speech", "Mechanical fan" }, strong.Classes.Labels.ToArray());
    }

    [TestMethod]
    public void Names_of_the_classes_are_asked_for()
    {
        using DatasetTree tree = Tree().Delete("mid_to_display_name.tsv");
        var error = Assert.ThrowsExactly<FileNotFoundException>(
            () => DatasetTree.Context.Data.LoadAudioSetStrong(tree.Path));
        StringAssert.Contains(error.Message, "'mid_to_display_name.tsv'");
        tree.Delete("audioset_train_strong.tsv").Delete("audioset_eval_strong.tsv");
        error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadAudioSetStrong(tree.Path));
        StringAssert.Contains(error.Message, "'audioset_train_strong.tsv' or 'audioset_eval_strong.tsv'");
    }

    [TestMethod]
    [DataRow("b_30000\t1.0\t0.5\t/m/09x0r", "expected seconds, not before the onset at 1")]
    [DataRow("b_30000\t0.0\t1.0\t/m/0", "expected a MID of mid_to_display_name.tsv")]
    [DataRow("b\t0.0\t1.0\t/m/09x0r", "expected a video's identifier, '_', and its start in milliseconds")]
    public void A_wrong_row_is_named(string row, string message)
    {
        using DatasetTree tree = Tree().Text("audioset_train_strong.tsv", Header, row);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadAudioSetStrong(tree.Path));
        StringAssert.Contains(error.Message, "line 2");
        StringAssert.Contains(error.Message, message);
    }

    private static DatasetTree Tree() => new DatasetTree()
        .Text(
            "audioset_train_strong.tsv", Header, "b0RFKhbpFJA_30000\t0.000\t10.000\t/m/02x984l",
            "b0RFKhbpFJA_30000\t4.753\t5.720\t/m/09x0r")
        .Text("audioset_eval_strong.tsv", Header, "--a_b_c_0\t0.5\t1.5\t/m/09x0r")
        .Text("mid_to_display_name.tsv", "/m/09x0r\tSpeech", "/m/02x984l\tMechanical fan")
        .Wav("audio/b0RFKhbpFJA_30.000_40.000.wav", "audio/--a_b_c_0.wav");
}
