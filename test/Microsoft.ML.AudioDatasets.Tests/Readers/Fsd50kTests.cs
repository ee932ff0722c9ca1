using Microsoft.ML.Data;

namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class Fsd50kTests
{
    private const string Folder = "FSD50K.ground_truth/";

    [TestMethod]
    public void Clips_have_all_their_labels_and_splits()
    {
        using DatasetTree tree = Tree();
        AudioDataset fsd = DatasetTree.Context.Data.LoadFsd50k(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "64760|Electric_guitar+Guitar+Plucked_string_instrument+Musical_instrument+Music" },
            tree.Rows(fsd.Train, "Clip", "Label"));
        CollectionAssert.AreEqual(new[] { "16399|Purr" }, tree.Rows(fsd.Validation, "Clip", "Label"));
        CollectionAssert.AreEqual(new[] { "FSD50K.eval_audio/37199.wav" }, tree.Files(fsd.Test));
        Assert.AreEqual(200, fsd.Classes.Count);
    }

    [TestMethod]
    public void Labels_become_keys_in_the_official_order()
    {
        using DatasetTree tree = Tree();
        AudioDataset fsd = DatasetTree.Context.Data.LoadFsd50k(tree.Path);
        IDataView keys = DatasetTree.Context.Transforms.Conversion.MapLabelToKey("Label", fsd.Classes)
            .Fit(fsd.Test).Transform(fsd.Test);
        VBuffer<uint>[] labels = [.. keys.GetColumn<VBuffer<uint>>("Label")];
        // 'Accordion' is line 1 of vocabulary.csv, counted from 0, and keys count from 1.
        CollectionAssert.AreEqual(new uint[] { 2 }, labels.Single().DenseValues().ToArray());
        Assert.AreEqual(200UL, ((KeyDataViewType)((VectorDataViewType)keys.Schema["Label"].Type).ItemType).Count);
    }

    [TestMethod]
    public void Another_layout_is_named()
    {
        using DatasetTree tree = Tree().Delete("FSD50K.eval_audio");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadFsd50k(tree.Path));
        StringAssert.Contains(error.Message, "'FSD50K.eval_audio/'");
        StringAssert.Contains(error.Message, "'FSD50K.dev_audio/'");
    }

    [TestMethod]
    public void Another_vocabulary_is_refused()
    {
        using DatasetTree tree = Tree().Text(Folder + "vocabulary.csv", "0,Accordion,/m/0mkg");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadFsd50k(tree.Path));
        StringAssert.Contains(error.Message, "expected 'Accelerating_and_revving_and_vroom', which is class 0");
        tree.Text(Folder + "vocabulary.csv", "0,Accelerating_and_revving_and_vroom,/m/07q2z82");
        error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadFsd50k(tree.Path));
        StringAssert.Contains(error.Message, "has 1 classes; expected Fsd50k, 200 classes");
        tree.Text(
            Folder + "vocabulary.csv",
            [.. AudioLabelSets.Fsd50k.Labels.Select((label, index) => $"{index},{label},/m/{index}"), "199,Zebra,/m/x"]);
        error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadFsd50k(tree.Path));
        StringAssert.Contains(error.Message, "line 201: index is '199'");
    }

    [TestMethod]
    [DataRow("9,\"Purr,Zebra\",/m/1,train", "of which 'Zebra' is none")]
    [DataRow("9,Purr,/m/1,test", "split is 'test'; expected train or val")]
    public void A_wrong_row_is_named(string row, string message)
    {
        using DatasetTree tree = Tree().Text(Folder + "dev.csv", "fname,labels,mids,split", row);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadFsd50k(tree.Path));
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, "line 2");
    }

    [TestMethod]
    public void Missing_recordings_are_named()
    {
        using DatasetTree tree = Tree().Delete("FSD50K.dev_audio/16399.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadFsd50k(tree.Path));
        StringAssert.Contains(error.Message, "missing: 1 ('16399')");
    }

    private static DatasetTree Tree() => new DatasetTree()
        .Text(
            Folder + "dev.csv", "fname,labels,mids,split",
            "64760,\"Electric_guitar,Guitar,Plucked_string_instrument,Musical_instrument,Music\",\"/m/02sgy\",train",
            "16399,Purr,/m/02yds9,val")
        .Text(Folder + "eval.csv", "fname,labels,mids", "37199,Accordion,/m/0mkg")
        .Text(
            Folder + "vocabulary.csv", [.. AudioLabelSets.Fsd50k.Labels.Select(
                (label, index) => $"{index},{label},/m/{index}")])
        .Wav("FSD50K.dev_audio/64760.wav", "FSD50K.dev_audio/16399.wav", "FSD50K.eval_audio/37199.wav");
}
