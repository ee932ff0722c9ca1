using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>Writes pickles, and torch files around them, instruction by instruction: good ones and hostile ones.</summary>
internal sealed class PickleBuilder
{
    private readonly MemoryStream _bytes = new();

    public PickleBuilder() => Raw(0x80, 2);

    public byte[] ToArray() => [.. _bytes.ToArray(), (byte)'.'];

    public PickleBuilder Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleBuilder Mark() => Raw((byte)'(');

    public PickleBuilder TupleFromMark() => Raw((byte)'t');

    public PickleBuilder EmptyDictionary() => Raw((byte)'}');

    public PickleBuilder SetItem() => Raw((byte)'s');

    public PickleBuilder Reduce() => Raw((byte)'R');

    public PickleBuilder Persistent() => Raw((byte)'Q');

    public PickleBuilder Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Raw((byte)'X').Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8);
    }

    public PickleBuilder Number(long number) => Raw(0x8A, 8).Raw(BitConverter.GetBytes(number));

    public PickleBuilder Global(string module, string name) =>
        Raw((byte)'c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Numbers(params long[] numbers)
    {
        Mark();
        foreach (long number in numbers)
        {
            Number(number);
        }

        return TupleFromMark();
    }

    /// <summary>A storage as a tensor's pickle names it.</summary>
    public PickleBuilder Storage(string type, string key, long elementCount, string location = "cpu") =>
        Mark().Text("storage").Global("torch", type).Text(key).Text(location).Number(elementCount).TupleFromMark().Persistent();

    /// <summary>A tensor view of storage <c>"0"</c>.</summary>
    public PickleBuilder Tensor(long storageElements, long offset, long[] sizes, long[] strides, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Mark().Storage(type, "0", storageElements).Number(offset)
            .Numbers(sizes).Numbers(strides).Raw(0x89).EmptyDictionary().TupleFromMark().Reduce();

    /// <summary>{"w": a tensor of two by two elements}, whose storage has 16 bytes.</summary>
    public static byte[] Good() =>
        new PickleBuilder().EmptyDictionary().Text("w").Tensor(4, 0, [2, 2], [2, 1]).SetItem().ToArray();

    /// <summary>A zip file as torch.save writes it.</summary>
    public static byte[] Zip(
        byte[] pickle, byte[]? storage = null, CompressionLevel compression = CompressionLevel.NoCompression, string? byteOrder = null)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, "archive/data.pkl", pickle, compression);
            Add(archive, "archive/data/0", storage ?? new byte[16], compression);
            Add(archive, "archive/version", "3\n"u8.ToArray(), compression);
            if (byteOrder != null)
            {
                Add(archive, "archive/byteorder", Encoding.UTF8.GetBytes(byteOrder), compression);
            }
        }

        return stream.ToArray();
    }

    /// <summary>A file as torch.save wrote it before 1.6, with the one storage "0".</summary>
    public static byte[] Legacy(byte[] pickle, byte[]? storage = null, bool littleEndian = true, long? claimedElements = null)
    {
        byte[] magic = new PickleBuilder().Raw(0x8A, 10).Raw(0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19).ToArray();
        byte[] protocol = new PickleBuilder().Number(1001).ToArray();
        byte[] machine = new PickleBuilder().EmptyDictionary().Text("little_endian").Raw((byte)(littleEndian ? 0x88 : 0x89)).SetItem().ToArray();
        byte[] keys = new PickleBuilder().Raw((byte)']').Text("0").Raw((byte)'a').ToArray();
        byte[] count = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(count, claimedElements ?? (storage?.Length ?? 16) / 4);
        return [.. magic, .. protocol, .. machine, .. pickle, .. keys, .. count, .. storage ?? new byte[16]];
    }

    private static void Add(ZipArchive archive, string name, byte[] bytes, CompressionLevel compression)
    {
        using Stream entry = archive.CreateEntry(name, compression).Open();
        entry.Write(bytes);
    }
}
