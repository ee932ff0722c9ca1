using System.IO.Compression;
using System.Reflection;
using AudioMLNet.TestSupport;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AudioMLNet.StandIns.Tests.MicrosoftML;

[TestClass]
public class ModelTests
{
    [TestMethod]
    public void AChainComesBackWithItsScopesAndSchema()
    {
        CountingDataView data = new(3);
        using MemoryStream file = Save(data);
        MLContext context = WithLoaders();

        ITransformer loaded = context.Model.Load(file, out DataViewSchema schema);

        CollectionAssert.AreEqual(
            data.Schema.Select(column => column.ToString()).ToArray(),
            schema.Select(column => column.ToString()).ToArray());
        TransformerChain<ITransformer> chain = (TransformerChain<ITransformer>)loaded;
        Assert.HasCount(2, chain);
        Assert.HasCount(1, chain.GetModelFor(TransformerScope.Training));
        Assert.AreEqual(0.1f, ((AddingTransformer)chain.LastTransformer).Summand);
        Assert.IsNotNull(loaded.Transform(data).Schema.GetColumnOrNull("Z"));
    }

    [TestMethod]
    public void AModelIsLoadedByAProcessThatNeverSawIt()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.zip");
        CountingDataView data = new(3);
        new MLContext().Model.Save(TwoSteps(), data.Schema, path);

        string answer = FreshProcess.Run(LoadAndDescribe, path);

        Assert.AreEqual("Vector: Vector<Single, 3> -> 0.1", answer);
    }

    [TestMethod]
    public void ATransformerAloneNeedsNoChainAndNoSchema()
    {
        using MemoryStream file = new();
        new MLContext().Model.Save(new AddingTransformer("Y", "X", 4), null, file);

        ITransformer loaded = WithLoaders().Model.Load(file, out DataViewSchema schema);

        Assert.IsNull(schema);
        Assert.AreEqual(4f, ((AddingTransformer)loaded).Summand);
    }

    [TestMethod]
    public void TheSchemaKeepsHiddenColumnsAndAnnotations()
    {
        ReadOnlyMemory<char>[] names = ["yes".AsMemory(), "no".AsMemory()];
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter =
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new VBuffer<ReadOnlyMemory<char>>(2, names);
        ValueGetter<VBuffer<double>> sparse =
            (ref VBuffer<double> value) => value = new VBuffer<double>(5, 1, [0.5], [3]);
        DataViewSchema.Annotations.Builder annotations = new();
        annotations.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, 2), getter);
        annotations.Add("Weights", new VectorDataViewType(NumberDataViewType.Double, 5), sparse);
        annotations.AddPrimitiveValue("Set", new KeyDataViewType(typeof(uint), 9), 7u);
        annotations.AddPrimitiveValue("Since", DateTimeDataViewType.Instance, new DateTime(2020, 1, 2));
        DataViewSchema.Builder builder = new();
        builder.AddColumn("Label", TextDataViewType.Instance);
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), 2), annotations.ToAnnotations());
        builder.AddColumn("Image", new VectorDataViewType(NumberDataViewType.Byte, 2, 0, 3));
        using MemoryStream file = new();
        new MLContext().Model.Save(new AddingTransformer("Y", "X", 4), builder.ToSchema(), file);

        _ = WithLoaders().Model.Load(file, out DataViewSchema schema);

        Assert.IsTrue(schema[0].IsHidden);
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 2), schema["Label"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Byte, 2, 0, 3), schema["Image"].Type);
        VBuffer<ReadOnlyMemory<char>> keys = default;
        schema["Label"].GetKeyValues(ref keys);
        Assert.AreEqual("yes,no", string.Join(',', keys.DenseValues()));
        VBuffer<double> weights = default;
        schema["Label"].Annotations.GetValue("Weights", ref weights);
        Assert.IsFalse(weights.IsDense);
        Assert.AreEqual(0.5, weights.GetItemOrDefault(3));
        uint set = 0;
        schema["Label"].Annotations.GetValue("Set", ref set);
        Assert.AreEqual(7u, set);
        DateTime since = default;
        schema["Label"].Annotations.GetValue("Since", ref since);
        Assert.AreEqual(new DateTime(2020, 1, 2), since);
    }

    [TestMethod]
    public void AModelWithoutARegisteredLoaderSaysSo()
    {
        using MemoryStream file = Save(new CountingDataView(1));

        InvalidOperationException failure =
            Assert.ThrowsExactly<InvalidOperationException>(() => new MLContext().Model.Load(file, out _));

        Assert.AreEqual("Error during class instantiation", failure.Message);
        Assert.IsInstanceOfType<FormatException>(failure.GetBaseException());
    }

    [TestMethod]
    public void RegisteringTwiceIsOnce()
    {
        MLContext context = WithLoaders();
        Reach.RegisterLoaders(context);
        using MemoryStream file = Save(new CountingDataView(1));

        Assert.IsNotNull(context.Model.Load(file, out _));
    }

    [TestMethod]
    public void AnAssemblyNamedLikeMLNetsOwnIsAskedForItsTypesAllTheSame()
    {
        MLContext context = new();

        context.ComponentCatalog.RegisterAssembly(typeof(ModelTests).Assembly);
        context.ComponentCatalog.RegisterAssembly(new LookalikeAssembly(), throwOnError: false);

        Assert.AreEqual(1, LookalikeAssembly.TypesAsked);
    }

    [TestMethod]
    public void WhatIsNoArchiveIsRefused()
    {
        using MemoryStream file = new([1, 2, 3]);
        Assert.ThrowsExactly<FormatException>(() => WithLoaders().Model.Load(file, out _));

        using MemoryStream cut = Save(new CountingDataView(1));
        cut.SetLength(cut.Length / 2);
        Assert.ThrowsExactly<FormatException>(() => WithLoaders().Model.Load(cut, out _));

        using TemporaryFolder folder = new();
        Assert.ThrowsExactly<FileNotFoundException>(() => WithLoaders().Model.Load(folder.File("none.zip"), out _));
    }

    [TestMethod]
    public void AnArchiveWithoutAModelIsRefused()
    {
        using MemoryStream file = new();
        using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.CreateEntry("readme.txt");
        }

        Assert.ThrowsExactly<InvalidOperationException>(() => WithLoaders().Model.Load(file, out _));
    }

    [TestMethod]
    [DataRow(0, DisplayName = "empty")]
    [DataRow(100, DisplayName = "cut in its header")]
    [DataRow(300, DisplayName = "cut after its header")]
    public void AModelWhoseHeaderOrTailIsGoneIsRefused(int length)
    {
        using MemoryStream file = new();
        new MLContext().Model.Save(new AddingTransformer("Y", "X", 4), null, file);
        Rewrite(file, "TransformerChain/Model.key", bytes => bytes[..length]);

        Assert.ThrowsExactly<FormatException>(() => WithLoaders().Model.Load(file, out _));
    }

    [TestMethod]
    public void ASignatureHasEightCharacters()
    {
        Exception failure = Assert.Throws<Exception>(() =>
            new MLContext().Model.Save(new BadlySignedTransformer(), null, new MemoryStream()));

        Assert.Contains("eight characters", failure.GetBaseException().Message);
    }

    [TestMethod]
    public void SavingLeavesNothingInTheTemporaryFolder()
    {
        using TemporaryFolder folder = new();
        MLContext context = new() { TempFilePath = folder.Path };
        Reach.RegisterLoaders(context);
        using MemoryStream file = new();

        context.Model.Save(TwoSteps(), CountingDataView.TheSchema, file);
        file.Position = 0;
        _ = context.Model.Load(file, out _);

        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static string LoadAndDescribe(string[] arguments)
    {
        MLContext context = WithLoaders();
        ITransformer loaded = context.Model.Load(arguments[0], out DataViewSchema schema);
        AddingTransformer last = (AddingTransformer)((TransformerChain<ITransformer>)loaded).LastTransformer;
        return FormattableString.Invariant($"{schema[2]} -> {last.Summand}");
    }

    private static TransformerChain<ITransformer> TwoSteps()
        => new(
            [new AddingTransformer("Y", "X", 1), new AddingTransformer("Z", "X", 0.1f)],
            [TransformerScope.Everything, TransformerScope.Scoring]);

    private static MemoryStream Save(CountingDataView data)
    {
        MemoryStream file = new();
        new MLContext().Model.Save(TwoSteps(), data.Schema, file);
        file.Position = 0;
        return file;
    }

    private static MLContext WithLoaders()
    {
        MLContext context = new();
        Reach.RegisterLoaders(context);
        return context;
    }

    private static void Rewrite(MemoryStream file, string path, Func<byte[], byte[]> change)
    {
        using ZipArchive archive = new(file, ZipArchiveMode.Update, leaveOpen: true);
        ZipArchiveEntry entry = archive.Entries.Single(e => e.FullName.Replace('\\', '/') == path);
        using MemoryStream content = new();
        using (Stream stream = entry.Open())
        {
            stream.CopyTo(content);
        }

        entry.Delete();
        using Stream rewritten = archive.CreateEntry(path).Open();
        rewritten.Write(change(content.ToArray()));
    }

    private sealed class LookalikeAssembly : Assembly
    {
        public static int TypesAsked { get; private set; }

        public override string FullName => "Microsoft.ML.Outside, Version=1.0.0.0";

        public override AssemblyName GetName()
        {
            AssemblyName name = new(FullName);
            name.SetPublicKey([1, 2, 3]);
            return name;
        }

        public override Type[] GetTypes()
        {
            TypesAsked++;
            return Type.EmptyTypes;
        }

        public override object[] GetCustomAttributes(Type attributeType, bool inherit)
            => (object[])Array.CreateInstance(attributeType, 0);
    }

    private sealed class BadlySignedTransformer : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => input;

        public void Save(ModelSaveContext ctx) => Reach.SetVersionInfo(
            ctx, "TOO LONG FOR IT", 1, AddingTransformer.LoaderSignature, typeof(BadlySignedTransformer).Assembly);
    }
}
