using Microsoft.ML.Data;

namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class OpenMic2018Tests
{
    private const string List = "openmic-2018-aggregated-labels.csv";
    private const string Header = "sample_key,instrument,relevance,num_responses";

    private static readonly string[] s_labels =
    [
        "000046_3840,clarinet,0.17105,3", "000046_3840,flute,0.5,3", "000135_483840,voice,1.0,3",
        "155194_126720,accordion,0.0,4",
    ];

    [TestMethod]
    public void Labels_are_masks_with_the_names_of_the_instruments()
    {
        using DatasetTree tree = Tree();
        AudioDataset openMic = DatasetTree.Context.Data.LoadOpenMic2018(tree.Path);
        float[][] labels = [.. openMic.Train.GetColumn<float[]>("Label")];
        Assert.HasCount(2, labels);
        // In class-map.json, clarinet is 4, flute 7 and voice 19.
        Assert.AreEqual("4:0 7:1", Show(labels[0]));
        Assert.AreEqual("19:1", Show(labels[1]));
        Assert.AreEqual("0:0", Show(openMic.Test.GetColumn<float[]>("Label").Single()));
        CollectionAssert.AreEqual(
            new[] { "audio/000/000046_3840.wav", "audio/000/000135_483840.wav" }, tree.Files(openMic.Train));

        var type = (VectorDataViewType)openMic.All.Schema["Label"].Type;
        Assert.AreEqual(20, type.Size);
        VBuffer<ReadOnlyMemory<char>> names = default;
        openMic.All.Schema["Label"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(
            AudioLabelSets.OpenMic2018.Labels.ToArray(), names.DenseValues().Select(name => name.ToString()).ToArray());
    }

    [TestMethod]
    public void The_older_names_of_the_partitions_are_read()
    {
        using DatasetTree tree = Tree().Delete("partitions").Text("partitions/train01.txt", "000046_3840", "000135_483840")
            .Text("partitions/test01.txt", "155194_126720");
        Assert.HasCount(2, tree.Files(DatasetTree.Context.Data.LoadOpenMic2018(tree.Path).Train));
    }

    [TestMethod]
    public void Without_partitions_the_error_names_both_spellings()
    {
        using DatasetTree tree = Tree().Delete("partitions");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadOpenMic2018(tree.Path));
        StringAssert.Contains(error.Message, "'partitions/split01_train.csv' or 'partitions/train01.txt'");
    }

    [TestMethod]
    [DataRow("000046_3840,kazoo,1,3", "instrument is 'kazoo'; expected labels of OpenMic2018, 20 classes")]
    [DataRow("000046_3840,flute,1,3", "expected each instrument once for a key")]
    [DataRow("000046_3840,banjo,1.5,3", "relevance is '1.5'; expected a number, 0 to 1")]
    [DataRow("999999_0,banjo,1,3", "expected a key that is in one of the partitions")]
    public void A_wrong_row_is_named(string row, string message)
    {
        using DatasetTree tree = Tree().Text(List, [Header, .. s_labels, row]);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadOpenMic2018(tree.Path));
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, "line 6");
    }

    [TestMethod]
    public void A_key_without_labels_is_refused()
    {
        using DatasetTree tree = Tree().Text("partitions/split01_test.csv", "155194_126720", "155195_0");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadOpenMic2018(tree.Path));
        StringAssert.Contains(error.Message, "has no row of 1 ('155195_0')");
    }

    [TestMethod]
    public void A_missing_recording_is_named()
    {
        using DatasetTree tree = Tree().Delete("audio/155/155194_126720.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadOpenMic2018(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('155194_126720')");
    }

    private static string Show(float[] mask) => string.Join(' ', mask.Index().Where(item => !float.IsNaN(item.Item))
        .Select(item => FormattableString.Invariant($"{item.Index}:{item.Item}")));

    private static DatasetTree Tree() => new DatasetTree()
        .Text(List, [Header, .. s_labels])
        .Text("partitions/split01_train.csv", "000046_3840", "000135_483840")
        .Text("partitions/split01_test.csv", "155194_126720")
        .Wav("audio/000/000046_3840.wav", "audio/000/000135_483840.wav", "audio/155/155194_126720.wav");
}
