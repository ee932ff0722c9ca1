using System.Buffers.Binary;
using System.Text;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

[TestClass]
public class SafetensorsTests
{
    private static readonly CheckpointTensor[] s_tensors =
    [
        Tensor("bias", CheckpointDType.Float32, [3], 1),
        Tensor("steps", CheckpointDType.Int64, [], 2),
        Tensor("empty", CheckpointDType.Float16, [0, 4], 3),
        Tensor("naïve \"name\"\n", CheckpointDType.BFloat16, [1, 5], 4),
        Tensor("mask", CheckpointDType.Bool, [7], 5),
    ];

    [TestMethod]
    public void WhatIsSavedIsRead()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "model.safetensors");
        Safetensors.Save(path, s_tensors, new Dictionary<string, string> { ["model"] = "PaSST" });

        using SafetensorsFile file = SafetensorsFile.Open(path);

        AssertSame(s_tensors, file.Tensors);
        Assert.AreEqual("PaSST", file.Metadata["model"]);
        Assert.AreEqual("pt", file.Metadata["format"]);
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void EveryTensorIsAlignedToItsElements()
    {
        using MemoryStream stream = new();
        Safetensors.Write(stream, s_tensors);
        byte[] bytes = stream.ToArray();
        int headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);

        SafetensorsHeader header = SafetensorsHeader.Parse(bytes.AsSpan(8, headerLength), "memory");

        Assert.AreEqual(0, headerLength % 8);
        foreach (SafetensorsEntry entry in header.Entries)
        {
            Assert.AreEqual(0, entry.Begin % entry.DType.ElementSize(), entry.Name);
        }
    }

    [TestMethod]
    public void AStreamHoldsOtherThingsBeforeAndAfter()
    {
        using MemoryStream stream = new();
        stream.WriteByte(17);
        Safetensors.Write(stream, s_tensors);
        stream.WriteByte(23);
        stream.Position = 0;
        using ForwardOnlyStream forward = new(stream);

        int before = forward.ReadByte();
        IReadOnlyList<CheckpointTensor> tensors = Safetensors.Read(forward, "the stream");
        int after = forward.ReadByte();

        Assert.AreEqual(17, before);
        AssertSame(s_tensors, tensors);
        Assert.AreEqual(23, after);
    }

    [TestMethod]
    public void AStreamCutAnywhereIsAnError()
    {
        using MemoryStream stream = new();
        Safetensors.Write(stream, s_tensors);
        byte[] whole = stream.ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            using MemoryStream cut = new(whole, 0, length);
            InvalidDataException exception =
                Assert.ThrowsExactly<InvalidDataException>(() => Safetensors.Read(cut, "cut.zip"), $"{length} bytes");
            StringAssert.Contains(exception.Message, "cut.zip");
        }
    }

    [TestMethod]
    public void AFileCutAnywhereIsAnError()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "cut.safetensors");
        Safetensors.Save(path, s_tensors);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole.AsSpan(0, length));
            InvalidDataException exception =
                Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(path), $"{length} bytes");
            StringAssert.Contains(exception.Message, path);
        }
    }

    [TestMethod]
    public void AFailureWhileSavingLeavesTheOldFile()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "model.safetensors");
        Safetensors.Save(path, s_tensors);
        byte[] before = File.ReadAllBytes(path);

        Assert.ThrowsExactly<IOException>(() => Safetensors.Save(path, [new FailingTensor()]));

        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void TwoTensorsOfOneNameAreRefused()
    {
        using MemoryStream stream = new();
        Assert.ThrowsExactly<ArgumentException>(() => Safetensors.Write(stream, [s_tensors[0], s_tensors[0]]));
        Assert.AreEqual(0, stream.Length);
    }

    [TestMethod]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlaps")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", 20, "gap")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "gap")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "cover 8 bytes")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1024],"data_offsets":[0,4096]}}""", 8, "cover 4096 bytes")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "offsets are 8 to 0")]
    [DataRow("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "has 12 bytes")]
    [DataRow("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "whole numbers")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "whole numbers")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}}""", 8, "whole numbers")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "impossible shape")]
    [DataRow("""{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""", 0, "impossible shape")]
    [DataRow("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "impossible shape")]
    [DataRow("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "needs a dtype")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "needs a dtype")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "occurs twice")]
    [DataRow("""{"a":[1,2]}""", 8, "expected StartObject")]
    [DataRow("""["a"]""", 0, "expected StartObject")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x""", 8, "not valid JSON")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8, "not valid JSON")]
    [DataRow("""{"a":{"dtype":"F32","shape":[[[[[[[[[[2]]]]]]]]]],"data_offsets":[0,8]}}""", 8, "tensor 'a'")]
    [DataRow("""{"__metadata__":{"format":3}}""", 0, "expected String")]
    public void AHostileHeaderIsAnError(string header, int dataLength, string expected)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "hostile.safetensors");
        File.WriteAllBytes(path, [.. Prefixed(header), .. new byte[dataLength]]);

        InvalidDataException exception = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(path));

        StringAssert.Contains(exception.Message, path);
        StringAssert.Contains(exception.Message, expected);
    }

    [TestMethod]
    [DataRow(1UL << 60)]
    [DataRow(ulong.MaxValue)]
    [DataRow(200_000_000UL)]
    [DataRow(1UL)]
    public void AFalseHeaderLengthIsAnErrorBeforeMemoryIsTaken(ulong length)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "hostile.safetensors");
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        bytes[8] = (byte)'{';
        File.WriteAllBytes(path, bytes);

        InvalidDataException exception = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(path));
        StringAssert.Contains(exception.Message, $"claims {length} bytes");

        using MemoryStream stream = new(bytes);
        Assert.ThrowsExactly<InvalidDataException>(() => Safetensors.Read(stream, path));
    }

    [TestMethod]
    public void AStreamThatClaimsMuchAndHoldsLittleTakesLittleMemory()
    {
        byte[] bytes = Prefixed("""{"a":{"dtype":"U8","shape":[2000000000],"data_offsets":[0,2000000000]}}""");
        using MemoryStream stream = new([.. bytes, .. new byte[100]]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.ThrowsExactly<InvalidDataException>(() => Safetensors.Read(stream, "hostile.zip"));

        Assert.IsLessThan(16_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void ElementsWidenToSingles()
    {
        Assert.AreEqual(-1.5f, One(CheckpointDType.Float16, BitConverter.GetBytes((Half)(-1.5f))));
        Assert.AreEqual(-1.5f, One(CheckpointDType.BFloat16, [0xC0, 0xBF]));
        Assert.AreEqual(0.25f, One(CheckpointDType.Float64, BitConverter.GetBytes(0.25)));
        Assert.AreEqual(-3f, One(CheckpointDType.Int8, [0xFD]));
        Assert.AreEqual(-7f, One(CheckpointDType.Int64, BitConverter.GetBytes(-7L)));
        Assert.ThrowsExactly<InvalidDataException>(() => One(CheckpointDType.Complex64, new byte[8]));

        static float One(CheckpointDType dtype, byte[] bytes) =>
            new InMemoryTensor("memory", "x", dtype, [1], bytes).ToSingles()[0];
    }

    internal static void AssertSame(IEnumerable<CheckpointTensor> expected, IEnumerable<CheckpointTensor> actual)
    {
        Dictionary<string, CheckpointTensor> found = actual.ToDictionary(tensor => tensor.Name);
        CollectionAssert.AreEquivalent(expected.Select(tensor => tensor.Name).ToArray(), found.Keys);
        foreach (CheckpointTensor tensor in expected)
        {
            Assert.AreEqual(tensor.ToString(), found[tensor.Name].ToString());
            CollectionAssert.AreEqual(tensor.ToBytes(), found[tensor.Name].ToBytes(), tensor.Name);
        }
    }

    private static byte[] Prefixed(string header)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        return [.. prefix, .. json];
    }

    private static InMemoryTensor Tensor(string name, CheckpointDType dtype, long[] shape, int seed)
    {
        byte[] bytes = new byte[CheckpointTensor.CountElements(shape)!.Value * dtype.ElementSize()];
        new Random(seed).NextBytes(bytes);
        return new InMemoryTensor("memory", name, dtype, shape, bytes);
    }

    private sealed class FailingTensor() : CheckpointTensor("memory", "failing", CheckpointDType.Float32, [2])
    {
        protected override void Read(Span<byte> destination) => throw new IOException("The disk is gone.");
    }

    private sealed class ForwardOnlyStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => throw new NotSupportedException();

        // A zip entry's stream hands out less than was asked for.
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, 5));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
