using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// Writes and reads the values of a column type, in a schema's annotations or in what a transformer holds. A stream
/// that ends early gives an <see cref="EndOfStreamException"/>, one that cannot be true a <see cref="FormatException"/>.
/// </summary>
internal static class ValueCodec
{
    public static void Write<T>(BinaryWriter writer, T value)
    {
        switch (value)
        {
            case sbyte v: writer.Write(v); break;
            case byte v: writer.Write(v); break;
            case short v: writer.Write(v); break;
            case ushort v: writer.Write(v); break;
            case int v: writer.Write(v); break;
            case uint v: writer.Write(v); break;
            case long v: writer.Write(v); break;
            case ulong v: writer.Write(v); break;
            case float v: writer.Write(v); break;
            case double v: writer.Write(v); break;
            case bool v: writer.Write(v); break;
            case ReadOnlyMemory<char> v: writer.Write(v.ToString()); break;
            case DateTime v: writer.Write(v.Ticks); break;
            case TimeSpan v: writer.Write(v.Ticks); break;
            case DateTimeOffset v:
                writer.Write(v.Ticks);
                writer.Write(v.Offset.Ticks);
                break;
            case DataViewRowId v:
                writer.Write(v.Low);
                writer.Write(v.High);
                break;
            default:
                throw new NotSupportedException($"Values of type {typeof(T)} cannot be saved.");
        }
    }

    public static T Read<T>(BinaryReader reader) => (T)Read(reader, typeof(T));

    public static void WriteVector<T>(BinaryWriter writer, VBuffer<T> vector)
    {
        writer.Write(vector.Length);
        writer.Write(vector.GetValues().Length);
        foreach (T value in vector.GetValues())
            Write(writer, value);
        foreach (int index in vector.GetIndices())
            writer.Write(index);
    }

    public static VBuffer<T> ReadVector<T>(BinaryReader reader)
    {
        int length = reader.ReadInt32();
        int count = ReadCount(reader);
        Contracts.CheckDecode(count <= length, $"A vector of length {length} cannot have {count} values.");
        var values = new T[count];
        for (int i = 0; i < count; i++)
            values[i] = Read<T>(reader);
        if (count == length)
            return new VBuffer<T>(length, values);
        var indices = new int[count];
        for (int i = 0, previous = -1; i < count; previous = indices[i++])
        {
            indices[i] = reader.ReadInt32();
            Contracts.CheckDecode(
                indices[i] > previous && indices[i] < length,
                $"The index {indices[i]} cannot follow {previous} in a vector of length {length}.");
        }

        return new VBuffer<T>(length, count, values, indices);
    }

    /// <summary>A number of items that take at least a byte each, so that no more of them than bytes can be left.</summary>
    public static int ReadCount(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        long left = reader.BaseStream.Length - reader.BaseStream.Position;
        Contracts.CheckDecode(count >= 0 && count <= left, $"There cannot be {count} items in {left} bytes.");
        return count;
    }

    public static void WriteType(BinaryWriter writer, DataViewType type)
    {
        switch (type)
        {
            case VectorDataViewType vector:
                writer.Write("Vector");
                WriteType(writer, vector.ItemType);
                writer.Write(vector.Dimensions.Length);
                foreach (int dimension in vector.Dimensions)
                    writer.Write(dimension);
                break;
            case KeyDataViewType key:
                writer.Write("Key");
                WriteType(writer, key.RawType.ToPrimitiveType());
                writer.Write(key.Count);
                break;
            default:
                writer.Write(type.ToString());
                break;
        }
    }

    public static DataViewType ReadType(BinaryReader reader)
    {
        string name = reader.ReadString();
        return name switch
        {
            "Vector" => new VectorDataViewType(ReadPrimitiveType(reader, reader.ReadString()), ReadDimensions(reader)),
            _ => ReadPrimitiveType(reader, name),
        };
    }

    private static PrimitiveDataViewType ReadPrimitiveType(BinaryReader reader, string name)
    {
        if (name != "Key")
        {
            return DataViewTypeExtensions.PrimitiveTypeOrNull(name)
                ?? throw Contracts.ExceptDecode($"There is no column type '{name}'.");
        }

        Type type = DataViewTypeExtensions.PrimitiveTypeOrNull(reader.ReadString())?.RawType;
        ulong count = reader.ReadUInt64();
        Contracts.CheckDecode(
            KeyDataViewType.IsValidDataType(type) && count > 0, $"There cannot be {count} keys of type {type}.");
        return new KeyDataViewType(type, count);
    }

    private static int[] ReadDimensions(BinaryReader reader)
    {
        var dimensions = new int[ReadCount(reader)];
        for (int i = 0; i < dimensions.Length; i++)
            dimensions[i] = reader.ReadInt32();
        Contracts.CheckDecode(
            dimensions.Length > 0 && Array.TrueForAll(dimensions, dimension => dimension >= 0),
            "A vector type has no dimension, or one below zero.");
        return dimensions;
    }

    private static object Read(BinaryReader reader, Type type)
    {
        if (type == typeof(ReadOnlyMemory<char>))
            return reader.ReadString().AsMemory();
        if (type == typeof(TimeSpan))
            return new TimeSpan(reader.ReadInt64());
        if (type == typeof(DateTime))
            return new DateTime(reader.ReadInt64());
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(reader.ReadInt64(), new TimeSpan(reader.ReadInt64()));
        if (type == typeof(DataViewRowId))
            return new DataViewRowId(reader.ReadUInt64(), reader.ReadUInt64());
        return Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => reader.ReadSByte(),
            TypeCode.Byte => reader.ReadByte(),
            TypeCode.Int16 => reader.ReadInt16(),
            TypeCode.UInt16 => reader.ReadUInt16(),
            TypeCode.Int32 => reader.ReadInt32(),
            TypeCode.UInt32 => reader.ReadUInt32(),
            TypeCode.Int64 => reader.ReadInt64(),
            TypeCode.UInt64 => reader.ReadUInt64(),
            TypeCode.Single => reader.ReadSingle(),
            TypeCode.Double => reader.ReadDouble(),
            TypeCode.Boolean => reader.ReadBoolean(),
            _ => throw new NotSupportedException($"Values of type {type} cannot be read."),
        };
    }
}
