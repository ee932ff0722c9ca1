namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class TauUrban2020Tests
{
    private const string Header = "filename\tscene_label\tidentifier\tsource_label";

    private static readonly string[] s_rows =
    [
        "audio/airport-barcelona-0-0-a.wav\tairport\tbarcelona-0\ta", "audio/bus-lyon-1-1-s1.wav\tbus\tlyon-1\ts1",
        "audio/tram-vienna-2-2-s6.wav\ttram\tvienna-2\ts6", "audio/tram-vienna-2-3-a.wav\ttram\tvienna-2\ta",
    ];

    [TestMethod]
    public void Clips_have_scene_device_city_and_split()
    {
        using DatasetTree tree = Tree();
        AudioDataset tau = DatasetTree.Context.Data.LoadTauUrban2020(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "airport|a|barcelona|barcelona-0", "bus|s1|lyon|lyon-1" },
            tree.Rows(tau.Train, "Label", "Device", "City", "Location"));
        CollectionAssert.AreEqual(new[] { "tram|s6" }, tree.Rows(tau.Test, "Label", "Device"));
        CollectionAssert.AreEqual(new[] { "audio/tram-vienna-2-3-a.wav" }, tree.Files(tau.Split("unused")));
    }

    [TestMethod]
    public void Without_its_list_of_names_the_test_set_has_labels_from_the_table()
    {
        using DatasetTree tree = Tree().Delete("evaluation_setup/fold1_evaluate.csv")
            .Text("evaluation_setup/fold1_test.csv", "filename", "audio/tram-vienna-2-2-s6.wav");
        CollectionAssert.AreEqual(
            new[] { "tram" }, tree.Rows(DatasetTree.Context.Data.LoadTauUrban2020(tree.Path).Test, "Label"));
    }

    [TestMethod]
    public void Another_layout_is_named()
    {
        using DatasetTree tree = Tree().Delete("evaluation_setup/fold1_train.csv");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadTauUrban2020(tree.Path));
        StringAssert.Contains(error.Message, "'evaluation_setup/fold1_train.csv'");
    }

    [TestMethod]
    public void A_list_and_the_table_have_to_agree()
    {
        using DatasetTree tree = Tree().Text(
            "evaluation_setup/fold1_evaluate.csv", "filename\tscene_label", "audio/tram-vienna-2-2-s6.wav\tbus");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadTauUrban2020(tree.Path));
        StringAssert.Contains(error.Message, "scene_label is 'tram'; expected bus");
        tree.Text("evaluation_setup/fold1_evaluate.csv", "filename\tscene_label", "audio/none.wav\tbus");
        error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadTauUrban2020(tree.Path));
        StringAssert.Contains(error.Message, "has no row of 1 ('audio/none.wav')");
    }

    [TestMethod]
    public void A_scene_outside_the_ten_is_refused()
    {
        using DatasetTree tree = Tree().Text("meta.csv", [Header, .. s_rows, "audio/x.wav\toffice\tx-1\ta"]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadTauUrban2020(tree.Path));
        StringAssert.Contains(error.Message, "line 6: scene_label is 'office'");
    }

    [TestMethod]
    public void Missing_recordings_are_named()
    {
        using DatasetTree tree = Tree().Delete("audio/bus-lyon-1-1-s1.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadTauUrban2020(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('audio/bus-lyon-1-1-s1.wav')");
    }

    private static DatasetTree Tree() => new DatasetTree()
        .Text("meta.csv", [Header, .. s_rows])
        .Text(
            "evaluation_setup/fold1_train.csv", "filename\tscene_label", "audio/airport-barcelona-0-0-a.wav\tairport",
            "audio/bus-lyon-1-1-s1.wav\tbus")
        .Text("evaluation_setup/fold1_evaluate.csv", "filename\tscene_label", "audio/tram-vienna-2-2-s6.wav\ttram")
        .Wav([.. s_rows.Select(row => row.Split('\t')[0])]);
}
