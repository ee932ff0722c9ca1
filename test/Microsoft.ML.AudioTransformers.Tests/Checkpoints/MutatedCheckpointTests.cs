using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>
/// Files of weights with bytes changed at random, from a fixed seed: each is read, or refused by an error that names the
/// file, and takes no more memory than its size allows. AUDIOML_MUTATIONS is the number for each format, 600 where it is not
/// set.
/// </summary>
[TestClass]
public sealed class MutatedCheckpointTests
{
    private const long MostBytes = 1 << 24;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("safetensors")]
    [DataRow("torch zip")]
    [DataRow("torch legacy")]
    [DataRow("index of shards")]
    public void AMutatedFileIsReadOrRefusedByName(string format)
    {
        using var folder = new TemporaryFolder();
        (string path, byte[] whole, string opened) = Good(format, folder);
        var mutator = new Mutator(whole, seed: 41);
        int read = 0;
        int refused = 0;
        double longest = 0;
        int count = Mutator.Count(600);
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = mutator.Next();
            File.WriteAllBytes(path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var time = Stopwatch.StartNew();
            try
            {
                using Checkpoint checkpoint = Checkpoint.Open(opened);
                foreach (CheckpointTensor tensor in checkpoint.Tensors.Values.Where(tensor => tensor.ByteCount <= 10 * whole.Length))
                {
                    tensor.ToBytes();
                }

                read++;
            }
            catch (InvalidDataException error)
            {
                Assert.Contains(path, error.Message, $"mutation {i}");
                refused++;
            }
            catch (FileNotFoundException error) when (format == "index of shards")
            {
                // A name of a part that is not there.
                Assert.Contains(folder.Path, error.Message, $"mutation {i}");
                refused++;
            }

            longest = Math.Max(longest, time.Elapsed.TotalSeconds);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan(MostBytes, allocated, $"mutation {i}: {bytes.Length} bytes in the file");
        }

        TestContext.WriteLine($"{format}: {read} read, {refused} refused, {longest:F3} s at most");
        Assert.IsGreaterThan(count / 10, refused);
    }

    [TestMethod]
    public void ABombIsNotUnpacked()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("bomb.pt");
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
        {
            Add(zip, "archive/data.pkl", PickleBuilder.Good());
            Add(zip, "archive/data/0", new byte[100 << 20]);
        }

        Assert.IsLessThan(1 << 20, new FileInfo(path).Length);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            checkpoint.Tensors.Values.Single().ToBytes();
        }
        catch (InvalidDataException error)
        {
            Assert.Contains(path, error.Message);
        }

        Assert.IsLessThan(MostBytes, GC.GetTotalAllocatedBytes(precise: true) - before);
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
    }

    /// <summary>Names that lead out of the archive, and links, which begin an attack on whoever unpacks it.</summary>
    [TestMethod]
    [DataRow("../../outside", 0)]
    [DataRow("archive/../../outside", 0)]
    [DataRow("..\\outside", 0)]
    [DataRow("/outside", 0)]
    [DataRow("archive/data/1", 0xA1FF)]
    public void AnArchiveThatLeadsOutIsRefused(string name, int mode)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.pt");
        File.WriteAllBytes(path, PickleBuilder.Zip(PickleBuilder.Good(), new byte[16]));
        Checkpoint.Open(path).Dispose();
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            Add(zip, name, "/etc/passwd"u8.ToArray(), mode << 16);
        }

        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(() => Checkpoint.Open(path));

        Assert.Contains($"'{path}'", error.Message);
        Assert.Contains($"'{name}' in the archive", error.Message);
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
    }

    private static void Add(ZipArchive zip, string name, byte[] bytes, int attributes = 0)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.SmallestSize);
        entry.ExternalAttributes = attributes;
        using Stream stream = entry.Open();
        stream.Write(bytes);
    }

    /// <summary>What is mutated, its content, and what is then opened.</summary>
    private static (string Path, byte[] Whole, string Opened) Good(string format, TemporaryFolder folder)
    {
        if (format == "index of shards")
        {
            foreach (string part in new[] { "a", "b" })
            {
                Safetensors.Save(
                    folder.File($"{part}.safetensors"),
                    [new InMemoryTensor("test", part, CheckpointDType.Float32, [2, 2], new byte[16])]);
            }

            File.WriteAllText(
                folder.File("model.safetensors.index.json"),
                """{"metadata":{"total_size":32},"weight_map":{"a":"a.safetensors","b":"b.safetensors"}}""");
            string index = folder.File("model.safetensors.index.json");
            return (index, File.ReadAllBytes(index), index);
        }

        string path = folder.File("mutated.weights");
        return (path, GoodFile(format, path), path);
    }

    private static byte[] GoodFile(string format, string path)
    {
        byte[] storage = MemoryMarshal.AsBytes<float>([1, 2, 3, 4]).ToArray();
        if (format == "safetensors")
        {
            Safetensors.Save(
                path,
                [
                    new InMemoryTensor("test", "w", CheckpointDType.Float32, [2, 2], storage),
                    new InMemoryTensor("test", "half", CheckpointDType.BFloat16, [4], storage.AsMemory(0, 8)),
                ],
                new Dictionary<string, string> { ["classes"] = "[\"a\"]" });
            return File.ReadAllBytes(path);
        }

        return format == "torch zip"
            ? PickleBuilder.Zip(PickleBuilder.Good(), storage)
            : PickleBuilder.Legacy(PickleBuilder.Good(), storage);
    }
}
