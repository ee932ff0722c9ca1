using System.IO.Compression;
using System.Runtime.InteropServices;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>What the reference files do not show: damaged and hostile ones, and rarer ways to write a good one.</summary>
[TestClass]
public class TorchFileTests
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.File("model.pt");

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void AStridedViewIsGatheredInRowMajorOrder()
    {
        byte[] storage = MemoryMarshal.AsBytes<float>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]).ToArray();
        byte[] pickle = new PickleBuilder().EmptyDictionary().Text("w").Tensor(12, 1, [2, 3, 1], [2, 4, 7]).SetItem().ToArray();
        foreach (byte[] file in new[] { PickleBuilder.Zip(pickle, storage), PickleBuilder.Legacy(pickle, storage) })
        {
            using Checkpoint checkpoint = Open(file);
            CollectionAssert.AreEqual(new float[] { 1, 5, 9, 3, 7, 11 }, checkpoint.StateDict["w"].ToSingles());
        }
    }

    /// <summary>A header of 0x4B50 bytes begins with "PK", one of 0x180 with 0x80, as the other formats do.</summary>
    [TestMethod]
    [DataRow(0x4B50)]
    [DataRow(0x180)]
    public void ASafetensorsFileIsKnownWhateverTheLengthOfItsHeader(int length)
    {
        string json = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}".PadRight(length);
        using Checkpoint checkpoint = Open(
            [.. BitConverter.GetBytes((long)length), .. System.Text.Encoding.ASCII.GetBytes(json), .. BitConverter.GetBytes(2.5f)]);

        CollectionAssert.AreEqual(new[] { 2.5f }, checkpoint.StateDict["w"].ToSingles());
    }

    [TestMethod]
    public void ViewsOfOneStorageAreReadInAnyOrder()
    {
        float[] storage = [.. Enumerable.Range(0, 100_000).Select(i => (float)i)];
        PickleBuilder pickle = new PickleBuilder().EmptyDictionary();
        long[] offsets = [99_998, 5, 50_000, 50_001, 50_003, 0];
        foreach (long offset in offsets)
        {
            pickle.Text($"w{offset}").Tensor(storage.Length, offset, [2], [1]).SetItem();
        }

        using Checkpoint checkpoint = Open(PickleBuilder.Zip(pickle.ToArray(), MemoryMarshal.AsBytes<float>(storage).ToArray()));

        foreach (long offset in offsets)
        {
            CollectionAssert.AreEqual(new float[] { offset, offset + 1 }, checkpoint.StateDict[$"w{offset}"].ToSingles());
        }
    }

    [TestMethod]
    public void AWholeModuleGivesItsStateDict()
    {
        byte[] pickle = new PickleBuilder()
            .Global("my.models", "Net").Raw((byte)')', 0x81).EmptyDictionary()
            .Text("training").Raw(0x89).SetItem()
            .Text("_modules").EmptyDictionary().Text("fc").Global("torch.nn.modules.linear", "Linear").Raw((byte)')', 0x81).EmptyDictionary()
            .Text("_parameters").EmptyDictionary().Text("weight").Tensor(4, 0, [4], [1]).SetItem().SetItem()
            .Raw((byte)'b').SetItem().SetItem()
            .Raw((byte)'b').ToArray();

        using Checkpoint checkpoint = Open(PickleBuilder.Zip(pickle));

        CollectionAssert.AreEqual(new[] { "fc.weight" }, checkpoint.StateDict.Keys.ToArray());
    }

    [TestMethod]
    public void ATypeWithoutAStorageClassIsReadAsItsDType()
    {
        byte[] pickle = new PickleBuilder().EmptyDictionary().Text("w")
            .Global("torch._utils", "_rebuild_tensor_v3").Mark().Storage("UntypedStorage", "0", 16).Number(1).Numbers(3).Numbers(2)
            .Raw(0x89).EmptyDictionary().Global("torch", "uint16").Raw((byte)'N').TupleFromMark().Reduce().SetItem().ToArray();
        byte[] storage = MemoryMarshal.AsBytes<ushort>([10, 11, 12, 13, 14, 15, 16, 17]).ToArray();

        using Checkpoint checkpoint = Open(PickleBuilder.Zip(pickle, storage));

        Assert.AreEqual(CheckpointDType.UInt16, checkpoint.StateDict["w"].DType);
        CollectionAssert.AreEqual(new float[] { 11, 13, 15 }, checkpoint.StateDict["w"].ToSingles());
    }

    [TestMethod]
    [DataRow("posix", "system")]
    [DataRow("os", "system")]
    [DataRow("nt", "system")]
    [DataRow("subprocess", "Popen")]
    [DataRow("builtins", "eval")]
    [DataRow("__builtin__", "exec")]
    [DataRow("builtins", "__import__")]
    [DataRow("importlib", "import_module")]
    public void APickleThatRunsCodeIsRefused(string module, string name)
    {
        string proof = _folder.File("pwned");
        byte[] pickle = new PickleBuilder().Global(module, name).Mark().Text($"touch {proof}").TupleFromMark().Reduce().ToArray();

        foreach (byte[] file in new[] { PickleBuilder.Zip(pickle), PickleBuilder.Legacy(pickle) })
        {
            InvalidDataException exception = AssertRefused(file);
            StringAssert.Contains(exception.Message, $"{module}.{name}");
        }

        AssertRefused(pickle);
        Assert.IsFalse(File.Exists(proof));
    }

    [TestMethod]
    [DataRow(4L, 0L, new long[] { 5 }, new long[] { 1 }, "outside its storage")]
    [DataRow(4L, 1L, new long[] { 2, 2 }, new long[] { 2, 1 }, "outside its storage")]
    [DataRow(4L, -1L, new long[] { 2 }, new long[] { 1 }, "outside its storage")]
    [DataRow(4L, 0L, new long[] { 2 }, new long[] { -1 }, "negative")]
    [DataRow(4L, 0L, new long[] { 2 }, new long[] { long.MaxValue }, "outside its storage")]
    [DataRow(4L, long.MaxValue, new long[] { 2 }, new long[] { 1 }, "outside its storage")]
    [DataRow(4L, 0L, new long[] { 2, 2 }, new long[] { 1 }, "2 sizes have 1 strides")]
    [DataRow(4L, 0L, new long[] { -2 }, new long[] { 1 }, "shape")]
    [DataRow(4L, 0L, new long[] { 1L << 32, 1L << 32 }, new long[] { 0, 0 }, "shape")]
    [DataRow(4L, 0L, new long[] { 0, 1L << 62, 4 }, new long[] { 0, 0, 0 }, "shape")]
    [DataRow(4L, 0L, new long[] { 1L << 40 }, new long[] { 0 }, "expanded")]
    [DataRow(5L, 0L, new long[] { 2 }, new long[] { 1 }, "")]
    [DataRow(1L << 60, 0L, new long[] { 2 }, new long[] { 1 }, "")]
    [DataRow(-4L, 0L, new long[] { 2 }, new long[] { 1 }, "length")]
    public void AViewOfWhatIsNotThereIsAnError(long storageElements, long offset, long[] sizes, long[] strides, string expected)
    {
        byte[] pickle = new PickleBuilder().EmptyDictionary().Text("w").Tensor(storageElements, offset, sizes, strides).SetItem().ToArray();

        StringAssert.Contains(AssertRefused(PickleBuilder.Zip(pickle)).Message, expected);
        StringAssert.Contains(AssertRefused(PickleBuilder.Legacy(pickle)).Message, expected);
    }

    [TestMethod]
    public void AFileCutAnywhereIsAnError()
    {
        foreach (byte[] whole in new[] { PickleBuilder.Zip(PickleBuilder.Good()), PickleBuilder.Legacy(PickleBuilder.Good()) })
        {
            Open(whole).Dispose();
            for (int length = 0; length < whole.Length; length++)
            {
                AssertRefused(whole[..length]);
            }
        }
    }

    [TestMethod]
    public void AnyByteMayBeWrongWithoutAnyOtherException()
    {
        Random random = new(1);
        foreach (byte[] whole in new[] { PickleBuilder.Zip(PickleBuilder.Good()), PickleBuilder.Legacy(PickleBuilder.Good()) })
        {
            for (int i = 0; i < whole.Length; i++)
            {
                byte[] damaged = [.. whole];
                damaged[i] ^= (byte)random.Next(1, 256);
                try
                {
                    using Checkpoint checkpoint = Open(damaged);
                    foreach (CheckpointTensor tensor in checkpoint.Tensors.Values)
                    {
                        Assert.HasCount((int)tensor.ByteCount, tensor.ToBytes());
                    }
                }
                catch (InvalidDataException exception)
                {
                    StringAssert.Contains(exception.Message, FilePath, $"byte {i}");
                }
            }
        }
    }

    [TestMethod]
    public void BigEndianNumbersAreRefused()
    {
        StringAssert.Contains(AssertRefused(PickleBuilder.Legacy(PickleBuilder.Good(), littleEndian: false)).Message, "big-endian");
        StringAssert.Contains(AssertRefused(PickleBuilder.Zip(PickleBuilder.Good(), byteOrder: "big")).Message, "big-endian");
        Open(PickleBuilder.Zip(PickleBuilder.Good(), byteOrder: "little")).Dispose();
    }

    [TestMethod]
    public void ALegacyStorageOfAnotherLengthIsAnError() =>
        StringAssert.Contains(
            AssertRefused(PickleBuilder.Legacy(PickleBuilder.Good(), claimedElements: 1L << 60)).Message, $"{1L << 60}");

    [TestMethod]
    public void AZipBombIsAnErrorAndTakesNoMemory()
    {
        byte[] pickle = new PickleBuilder().EmptyDictionary().Text("w").Tensor(64 << 20, 0, [64 << 20], [1]).SetItem().ToArray();
        byte[] bomb = PickleBuilder.Zip(pickle, new byte[256 << 20], CompressionLevel.SmallestSize);
        Assert.IsLessThan(1_000_000, bomb.Length);

        AssertCheaplyRefused(bomb, "compresses nothing");
    }

    [TestMethod]
    public void APickleThatClaimsMuchIsAnErrorBeforeMemoryIsTaken()
    {
        // BINUNICODE, BINBYTES8, LONG4 and BINSTRING, each of a length that the file does not have.
        AssertCheaplyRefused(PickleBuilder.Zip(new PickleBuilder().Raw((byte)'X').Raw(0xFF, 0xFF, 0xFF, 0x7F).ToArray()), "claims");
        AssertCheaplyRefused(PickleBuilder.Zip(new PickleBuilder().Raw(0x8E).Raw(BitConverter.GetBytes(1L << 60)).ToArray()), "claims");
        AssertCheaplyRefused(PickleBuilder.Zip(new PickleBuilder().Raw(0x8B).Raw(BitConverter.GetBytes(int.MaxValue)).ToArray()), "integer");
        AssertCheaplyRefused(PickleBuilder.Zip(new PickleBuilder().Raw((byte)'T').Raw(BitConverter.GetBytes(-1)).ToArray()), "claims");
    }

    [TestMethod]
    public void DeepNestingIsAnErrorAndNoStackOverflow()
    {
        PickleBuilder lists = new();
        lists.Raw([.. Enumerable.Repeat((byte)']', 200_000), .. Enumerable.Repeat((byte)'a', 199_999)]);
        AssertRefused(PickleBuilder.Zip(lists.ToArray()));

        PickleBuilder tuples = new();
        tuples.Raw((byte)')').Raw([.. Enumerable.Repeat((byte)0x85, 200_000)]);
        AssertRefused(PickleBuilder.Zip(tuples.ToArray()));
    }

    [TestMethod]
    public void AListOfListsOfItselfIsAnErrorInBoundedTime()
    {
        // Each list holds the one before it ten times: 10^40 paths lead to the innermost.
        PickleBuilder lists = new();
        lists.Raw((byte)']');
        for (int i = 0; i < 40; i++)
        {
            lists.Raw((byte)'q', (byte)i, (byte)'0', (byte)']', (byte)'(');
            for (int copy = 0; copy < 10; copy++)
            {
                lists.Raw((byte)'h', (byte)i);
            }

            lists.Raw((byte)'e');
        }

        AssertRefused(PickleBuilder.Zip(lists.ToArray()));
    }

    [TestMethod]
    public void AListThatHoldsItselfIsRead()
    {
        byte[] pickle = new PickleBuilder().EmptyDictionary().Text("w").Tensor(4, 0, [4], [1]).SetItem()
            .Text("self").Raw((byte)']', (byte)'q', 1, (byte)'h', 1, (byte)'a').SetItem().ToArray();

        using Checkpoint checkpoint = Open(PickleBuilder.Zip(pickle));

        CollectionAssert.AreEqual(new[] { "w" }, checkpoint.Tensors.Keys.ToArray());
    }

    [TestMethod]
    public void EndlessInstructionsAreAnError()
    {
        PickleBuilder pickle = new();
        pickle.Raw([.. Enumerable.Repeat((byte)'N', 5_000_000)]);
        StringAssert.Contains(AssertRefused(PickleBuilder.Zip(pickle.ToArray())).Message, "instructions");
    }

    [TestMethod]
    [DataRow(new byte[] { (byte)'R' }, "empty stack")]
    [DataRow(new byte[] { (byte)'t' }, "mark")]
    [DataRow(new byte[] { (byte)'(', (byte)'0' }, "empty stack")]
    [DataRow(new byte[] { (byte)'h', 7 }, "never stored")]
    [DataRow(new byte[] { 0xFF }, "0xFF")]
    [DataRow(new byte[] { 0x82, 1 }, "0x82")]
    [DataRow(new byte[] { (byte)'}', (byte)'(', (byte)'N', (byte)'u' }, "without a value")]
    [DataRow(new byte[] { (byte)'N', (byte)'Q' }, "no storage")]
    public void AMalformedPickleIsAnError(byte[] instructions, string expected) =>
        StringAssert.Contains(AssertRefused(PickleBuilder.Zip(new PickleBuilder().Raw(instructions).ToArray())).Message, expected);

    [TestMethod]
    public void AFileOfAnotherKindIsAnError()
    {
        StringAssert.Contains(AssertRefused([]).Message, "neither");
        StringAssert.Contains(AssertRefused("RIFF and so on"u8.ToArray()).Message, "neither");
        StringAssert.Contains(AssertRefused(new PickleBuilder().Number(3).ToArray()).Message, "torch.save did not write");
        StringAssert.Contains(AssertRefused(PickleBuilder.Zip(new PickleBuilder().EmptyDictionary().ToArray())).Message, "no tensor");
        Assert.ThrowsExactly<FileNotFoundException>(() => Checkpoint.Open(_folder.File("missing.pt")));
    }

    [TestMethod]
    public void AZipWithoutItsPickleOrStorageIsAnError()
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.CreateEntry("readme.txt");
        }

        StringAssert.Contains(AssertRefused(stream.ToArray()).Message, "data.pkl");
        byte[] pickle = new PickleBuilder().Storage("FloatStorage", "../../data.pkl", 1).ToArray();
        StringAssert.Contains(AssertRefused(PickleBuilder.Zip(pickle)).Message, "holds no 'archive/data/../../data.pkl'");
    }

    private Checkpoint Open(byte[] file)
    {
        File.WriteAllBytes(FilePath, file);
        return Checkpoint.Open(FilePath);
    }

    private InvalidDataException AssertRefused(byte[] file)
    {
        InvalidDataException exception = Assert.ThrowsExactly<InvalidDataException>(() => Open(file).Dispose(), $"{file.Length} bytes");
        StringAssert.Contains(exception.Message, FilePath);
        return exception;
    }

    private void AssertCheaplyRefused(byte[] file, string expected)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        StringAssert.Contains(AssertRefused(file).Message, expected);
        Assert.IsLessThan(16_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
