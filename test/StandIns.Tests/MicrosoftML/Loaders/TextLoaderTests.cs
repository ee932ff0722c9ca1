using AudioMLNet.TestSupport;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Loaders;

[TestClass]
public class TextLoaderTests
{
    private readonly MLContext _ml = new(1);

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFiles() => _folder.Dispose();

    public class Clip
    {
        [LoadColumn(0)]
        public string Path { get; set; } = "";

        [LoadColumn(1)]
        [ColumnName("Label")]
        public string Word { get; set; } = "";

        [LoadColumn(2)]
        public float Seconds { get; set; }

        [LoadColumn(3, 4)]
        [VectorType(2)]
        public int[] Span { get; set; } = [];

        [LoadColumn(5)]
        public bool Clean { get; set; }
    }

    [TestMethod]
    public void AttributesDescribeTheColumns()
    {
        string path = Write(
            "path,word,seconds,from,to,clean",
            "a/1.wav,yes,0.5,1,2,true",
            "",
            "// a comment",
            "\"b, c/2.wav\",\"he said \"\"no\"\"\",-1e-3,3,4,0");

        IDataView data = _ml.Data.LoadFromTextFile<Clip>(path, ',', hasHeader: true, allowQuoting: true);
        Clip[] rows = _ml.Data.CreateEnumerable<Clip>(data, reuseRowObject: false).ToArray();

        Assert.HasCount(2, rows);
        Assert.AreEqual(("a/1.wav", "yes", 0.5f, true), (rows[0].Path, rows[0].Word, rows[0].Seconds, rows[0].Clean));
        CollectionAssert.AreEqual(new[] { 1, 2 }, rows[0].Span);
        Assert.AreEqual(("b, c/2.wav", "he said \"no\"", -0.001f), (rows[1].Path, rows[1].Word, rows[1].Seconds));
        CollectionAssert.AreEqual(new[] { 3, 4 }, rows[1].Span);
        Assert.IsFalse(rows[1].Clean);
    }

    [TestMethod]
    public void ColumnsAreGivenByNameTypeAndIndex()
    {
        string path = Write("1\tone\t2", "3\ttwo\t4");
        TextLoader.Column[] columns =
        [
            new("Word", DataKind.String, 1),
            new("Ends", DataKind.Single, [new TextLoader.Range(0), new TextLoader.Range(2)]),
            new("Key", DataKind.UInt32, [new TextLoader.Range(0)], new KeyCount(2)),
        ];

        IDataView data = _ml.Data.LoadFromTextFile(path, columns);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2), data.Schema["Ends"].Type);
        CollectionAssert.AreEqual(new[] { "one", "two" }, data.GetColumn<string>("Word").ToArray());
        CollectionAssert.AreEqual(new float[] { 3, 4 }, data.GetColumn<float[]>("Ends").Last());
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 2), data.Schema["Key"].Type);
        CollectionAssert.AreEqual(new uint[] { 2, 0 }, data.GetColumn<uint>("Key").ToArray());
    }

    [TestMethod]
    public void ARangeWithoutAnEndTakesAllFieldsAndTheirNames()
    {
        string path = Write("label,x,y", "1,2,3");
        var options = new TextLoader.Options
        {
            Separators = [','],
            HasHeader = true,
            Columns = [new("Features", DataKind.Single, [new TextLoader.Range(1, null)])],
        };

        IDataView data = _ml.Data.LoadFromTextFile(path, options);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2), data.Schema["Features"].Type);
        VBuffer<ReadOnlyMemory<char>> names = default;
        data.Schema["Features"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "x", "y" }, names.DenseValues().Select(n => n.ToString()).ToArray());
        CollectionAssert.AreEqual(new float[] { 2, 3 }, data.GetColumn<float[]>("Features").Single());
    }

    [TestMethod]
    public void AnEmptyNumberIsZeroOrNaNAndAnUnreadableOneNaN()
    {
        string path = Write("a,,x", "b,2");
        TextLoader.Column[] columns = [new("First", DataKind.Single, 1), new("Second", DataKind.Single, 2)];

        IDataView zeros = _ml.Data.LoadFromTextFile(path, columns, ',');
        CollectionAssert.AreEqual(new float[] { 0, 2 }, zeros.GetColumn<float>("First").ToArray());
        CollectionAssert.AreEqual(new[] { float.NaN, 0 }, zeros.GetColumn<float>("Second").ToArray());

        var options = new TextLoader.Options { Separators = [','], Columns = columns, MissingRealsAsNaNs = true };
        IDataView missing = _ml.Data.LoadFromTextFile(path, options);
        CollectionAssert.AreEqual(new[] { float.NaN, 2 }, missing.GetColumn<float>("First").ToArray());
    }

    [TestMethod]
    public void AnUnreadableIntegerIsAnErrorThatNamesValueLineAndColumn()
    {
        string path = Write("1", "x");
        IDataView data = _ml.Data.LoadFromTextFile(path, [new TextLoader.Column("Count", DataKind.Int32, 0)]);

        Exception error = Assert.Throws<Exception>(() => data.GetColumn<int>("Count").ToArray());
        string message = error.ToString();
        StringAssert.Contains(message, "Could not parse value x");
        StringAssert.Contains(message, "line 2");
        StringAssert.Contains(message, "Count");
    }

    [TestMethod]
    public void OnlyTheRowsThatAreWantedAreRead()
    {
        string path = Write("1", "2", "3");
        var options = new TextLoader.Options { Columns = [new("N", DataKind.Int32, 0)], MaxRows = 2 };

        CollectionAssert.AreEqual(
            new[] { 1, 2 }, _ml.Data.LoadFromTextFile(path, options).GetColumn<int>("N").ToArray());
    }

    [TestMethod]
    public void ALoaderReadsSeveralFilesEachWithItsHeader()
    {
        string first = Write("n", "1");
        string second = Write("n", "2", "3");
        TextLoader loader = _ml.Data.CreateTextLoader([new TextLoader.Column("N", DataKind.Int32, 0)], hasHeader: true);

        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, loader.Load(first, second).GetColumn<int>("N").ToArray());
    }

    [TestMethod]
    public void AFileThatIsNotThereIsAnErrorThatNamesIt()
    {
        string path = _folder.File("none.csv");

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromTextFile<Clip>(path));
        StringAssert.Contains(error.Message, path);
    }

    private string Write(params string[] lines)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.csv");
        File.WriteAllLines(path, lines);
        return path;
    }
}
