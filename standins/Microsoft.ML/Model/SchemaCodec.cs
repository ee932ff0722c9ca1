using System.Reflection;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// Writes and reads a schema, hidden columns and annotations included. The real one keeps it as a binary data view
/// without rows; the layout here is our own.
/// </summary>
internal static class SchemaCodec
{
    private const string Magic = "ML.StandIn schema 1";

    public static void Write(Stream stream, DataViewSchema schema)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        WriteColumns(writer, schema, _ => { });
    }

    /// <exception cref="FormatException">The stream does not hold a schema.</exception>
    public static DataViewSchema Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            Contracts.CheckDecode(reader.ReadString() == Magic, "The model's input schema has an unknown form.");
            var builder = new DataViewSchema.Builder();
            for (int left = ValueCodec.ReadCount(reader); left > 0; left--)
                builder.AddColumn(reader.ReadString(), ValueCodec.ReadType(reader), ReadAnnotations(reader));
            return builder.ToSchema();
        }
        catch (EndOfStreamException exception)
        {
            throw Contracts.ExceptDecode(exception, "The model's input schema is cut short.");
        }
    }

    private static void WriteColumns(
        BinaryWriter writer, DataViewSchema schema, Action<DataViewSchema.Column> writeValue)
    {
        writer.Write(schema.Count);
        foreach (DataViewSchema.Column column in schema)
        {
            writer.Write(column.Name);
            ValueCodec.WriteType(writer, column.Type);
            DataViewSchema.Annotations annotations = column.Annotations;
            WriteColumns(writer, annotations.Schema, annotation => CallFor(
                annotation.Type, nameof(WriteScalar), nameof(WriteVector), writer, annotations, annotation));
            writeValue(column);
        }
    }

    private static DataViewSchema.Annotations ReadAnnotations(BinaryReader reader)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        for (int left = ValueCodec.ReadCount(reader); left > 0; left--)
        {
            string name = reader.ReadString();
            DataViewType type = ValueCodec.ReadType(reader);
            DataViewSchema.Annotations annotations = ReadAnnotations(reader);
            object getter = CallFor(type, nameof(ReadScalar), nameof(ReadVector), reader);
            builder.Add(name, type, (Delegate)getter, annotations);
        }

        return builder.ToAnnotations();
    }

    private static void WriteScalar<T>(
        BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        T value = default;
        annotations.GetGetter<T>(annotation)(ref value);
        ValueCodec.Write(writer, value);
    }

    private static void WriteVector<T>(
        BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        VBuffer<T> value = default;
        annotations.GetGetter<VBuffer<T>>(annotation)(ref value);
        ValueCodec.WriteVector(writer, value);
    }

    private static ValueGetter<T> ReadScalar<T>(BinaryReader reader)
    {
        T value = ValueCodec.Read<T>(reader);
        return (ref T destination) => destination = value;
    }

    private static ValueGetter<VBuffer<T>> ReadVector<T>(BinaryReader reader)
    {
        VBuffer<T> value = ValueCodec.ReadVector<T>(reader);
        return (ref VBuffer<T> destination) => value.CopyTo(ref destination);
    }

    private static object CallFor(DataViewType type, string scalar, string vector, params object[] arguments)
        => typeof(SchemaCodec)
            .GetMethod(type is VectorDataViewType ? vector : scalar, BindingFlags.NonPublic | BindingFlags.Static)
            .MakeGenericMethod(type.GetItemType().RawType)
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
}
