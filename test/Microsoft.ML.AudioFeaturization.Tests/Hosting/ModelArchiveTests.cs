using System.IO.Compression;
using System.Security.Cryptography;
using AudioMLNet.TestSupport;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Hosting;

/// <summary>Model files with stored streams: the same content, not compressed, and not damaged unseen.</summary>
[TestClass]
public sealed class ModelArchiveTests
{
    private const string Stored = "Model.bin";

    [TestMethod]
    public void HoldsWhatMlNetSaves()
    {
        using var folder = new TemporaryFolder();
        (MLContext mlContext, IDataView input, ITransformer model) = Pipeline();
        mlContext.Model.Save(model, input.Schema, folder.File("compressed.zip"));
        mlContext.Model.SaveAudioModel(model, input.Schema, folder.File("stored.zip"));

        (string, string)[] expected = [.. Contents(folder.File("compressed.zip"))];
        (string, string)[] actual = [.. Contents(folder.File("stored.zip"))];

        CollectionAssert.AreEqual(expected, actual);
        Assert.HasCount(2, actual.Where(entry => Path.GetFileName(entry.Item1) == Stored));
    }

    [TestMethod]
    public void StoresItsOwnStreamsWithTheirSum()
    {
        using var folder = new TemporaryFolder();
        (MLContext mlContext, IDataView input, ITransformer model) = Pipeline();
        mlContext.Model.SaveAudioModel(model, input.Schema, folder.File("model.zip"));
        byte[] file = File.ReadAllBytes(folder.File("model.zip"));
        using ZipArchive archive = ZipFile.OpenRead(folder.File("model.zip"));

        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name == Stored))
        {
            byte[] content = Read(entry);
            Assert.AreEqual(entry.Length, entry.CompressedLength, entry.FullName);
            Assert.IsGreaterThanOrEqualTo(0, file.AsSpan().IndexOf(content), entry.FullName);
            CollectionAssert.AreEqual(
                SHA256.HashData(content), Read(archive.GetEntry(entry.FullName + ".sha256")!), entry.FullName);
        }
    }

    [TestMethod]
    public void LoadsStraightFromEitherArchive()
    {
        using var folder = new TemporaryFolder();
        (MLContext mlContext, IDataView input, ITransformer model) = Pipeline();
        mlContext.Model.Save(model, input.Schema, folder.File("compressed.zip"));
        mlContext.Model.SaveAudioModel(model, input.Schema, folder.File("stored.zip"));
        foreach (string name in new[] { "compressed.zip", "stored.zip" })
        {
            ITransformer loaded = mlContext.Model.Load(folder.File(name), out _);

            CollectionAssert.AreEqual(
                new float[] { 4, 8 }, loaded.Transform(input).GetColumn<float>("Twice").ToArray(), name);

            // ML.NET's own way is a file that it has copied the stream to.
            Assert.IsNotInstanceOfType<FileStream>(DoublingTransformer.LoadedFrom, name);
        }
    }

    /// <summary>A bit turned in a stored stream, for which zip files are not checked by ML.NET.</summary>
    [TestMethod]
    public void ATurnedBitIsAnError()
    {
        using var folder = new TemporaryFolder();
        (MLContext mlContext, IDataView input, ITransformer model) = Pipeline();
        mlContext.Model.SaveAudioModel(model, input.Schema, folder.File("model.zip"));
        byte[] file = File.ReadAllBytes(folder.File("model.zip"));
        int place = file.AsSpan().IndexOf("Doubled"u8);
        file[place] ^= 1;

        Exception error = Assert.Throws<Exception>(() => mlContext.Model.Load(new MemoryStream(file), out _))
            .GetBaseException();

        Assert.IsInstanceOfType<InvalidDataException>(error);
        StringAssert.Contains(error.Message, "The saved doubling is damaged: the SHA-256", StringComparison.Ordinal);
    }

    /// <summary>One of the library's before and one after ML.NET's own.</summary>
    private static (MLContext MlContext, IDataView Input, ITransformer Model) Pipeline()
    {
        var mlContext = new MLContext();
        DoublingTransformer.Register(mlContext);
        IDataView input = mlContext.Data.LoadFromEnumerable<Row>([new() { Number = 1 }, new() { Number = 2 }]);
        ITransformer first = new DoublingTransformer(mlContext, "Doubled", "Number");
        ITransformer second = mlContext.Transforms.CopyColumns("Copied", "Doubled").Fit(first.Transform(input));
        ITransformer third = new DoublingTransformer(mlContext, "Twice", "Copied");
        return (mlContext, input, new TransformerChain<ITransformer>(first, second, third));
    }

    private static IEnumerable<(string Name, string Content)> Contents(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            yield return (entry.FullName, Convert.ToHexString(Read(entry)));
        }
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private sealed class Row
    {
        public float Number { get; set; }
    }
}
