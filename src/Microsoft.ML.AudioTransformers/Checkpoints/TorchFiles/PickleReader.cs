using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>
/// Reader of the operands of a pickle's instructions, from a stream with other content after the pickle. Lengths are checked
/// against the bytes left in the stream.
/// </summary>
internal sealed class PickleReader(Stream stream, string source)
{
    private const int MaximumLineLength = 65536;
    private const int MaximumIntegerLength = 1024;

    /// <summary>File that holds the pickle, for messages.</summary>
    public string Source => source;

    public byte ReadByte()
    {
        int value = stream.ReadByte();
        return value >= 0 ? (byte)value : throw Error("it ends in the middle of a pickle");
    }

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadBytes(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleBigEndian(ReadBytes(8));

    /// <summary>Reads a length of eight bytes.</summary>
    public long ReadLength() => BinaryPrimitives.ReadInt64LittleEndian(ReadBytes(8));

    public byte[] ReadBytes(long count)
    {
        long available = stream.Length - stream.Position;
        if (count < 0 || count > available || count > Array.MaxLength)
        {
            throw Error($"a pickle claims {count} bytes where {available} are left");
        }

        byte[] bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public string ReadString(long byteCount) => Encoding.UTF8.GetString(ReadBytes(byteCount));

    /// <summary>Reads the text up to the next line feed.</summary>
    public string ReadLine()
    {
        List<byte> line = [];
        for (byte value = ReadByte(); value != '\n'; value = ReadByte())
        {
            if (line.Count == MaximumLineLength)
            {
                throw Error($"a line of a pickle is longer than {MaximumLineLength} bytes");
            }

            line.Add(value);
        }

        return Encoding.UTF8.GetString([.. line]);
    }

    /// <summary>Reads a two's complement integer: a <see cref="long"/> if it fits, else a <see cref="BigInteger"/>.</summary>
    public object ReadInteger(long byteCount)
    {
        if (byteCount is < 0 or > MaximumIntegerLength)
        {
            throw Error($"a pickle holds an integer of {byteCount} bytes");
        }

        BigInteger value = new(ReadBytes(byteCount));
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    public InvalidDataException Error(string problem) => new($"'{source}' is not a readable torch file: {problem}.");
}
