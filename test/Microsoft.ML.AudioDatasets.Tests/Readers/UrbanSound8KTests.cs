namespace Microsoft.ML.AudioDatasets.Tests.Readers;

[TestClass]
public sealed class UrbanSound8KTests
{
    private const string List = "metadata/UrbanSound8K.csv";
    private const string Header = "slice_file_name,fsID,start,end,salience,fold,classID,class";

    [TestMethod]
    public void Clips_have_class_fold_and_source()
    {
        using DatasetTree tree = Tree();
        AudioDataset urban = DatasetTree.Context.Data.LoadUrbanSound8K(tree.Path);
        CollectionAssert.AreEqual(
            new[] { "102-3-0-0.wav|dog_bark|2|102" }, tree.Rows(urban.Fold(2), "Clip", "Label", "Fold", "Source"));
        CollectionAssert.AreEqual(new[] { "audio/fold10/110-3-0-0.wav" }, tree.Files(urban.Fold(10)));
        Assert.AreEqual("1 2 3 4 5 6 7 8 9 10", string.Join(' ', urban.Folds));
        Assert.HasCount(9, tree.Files(urban.FoldTraining(10)));
    }

    [TestMethod]
    public void Another_layout_is_named()
    {
        using DatasetTree tree = Tree().Delete("metadata");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => DatasetTree.Context.Data.LoadUrbanSound8K(tree.Path));
        StringAssert.Contains(error.Message, "'metadata/UrbanSound8K.csv'");
    }

    [TestMethod]
    [DataRow("1.wav,1,0,4,1,11,3,dog_bark", "fold is '11'; expected a whole number, 1 to 10")]
    [DataRow("1.wav,1,0,4,1,1,4,dog_bark", "classID is '4'; expected 3 for class dog_bark")]
    [DataRow("1.wav,1,0,4,1,1,3,dog", "of which 'dog' is none")]
    public void A_wrong_row_is_named(string row, string message)
    {
        using DatasetTree tree = Tree().Text(List, Header, row);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => DatasetTree.Context.Data.LoadUrbanSound8K(tree.Path));
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    public void An_empty_fold_is_an_error()
    {
        using DatasetTree tree = Tree().Bytes("audio/fold7/107-3-0-0.wav");
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => DatasetTree.Context.Data.LoadUrbanSound8K(tree.Path, DatasetTree.Skip));
        StringAssert.Contains(error.Message, "no clip of fold 7");
        StringAssert.Contains(error.Message, "empty: 1 ('107-3-0-0.wav')");
    }

    private static DatasetTree Tree() => new DatasetTree()
        .Text(List, [Header, .. Enumerable.Range(1, 10).Select(
            fold => $"{100 + fold}-3-0-0.wav,{100 + fold},0.0,0.3,1,{fold},3,dog_bark")])
        .Wav([.. Enumerable.Range(1, 10).Select(fold => $"audio/fold{fold}/{100 + fold}-3-0-0.wav")]);
}
