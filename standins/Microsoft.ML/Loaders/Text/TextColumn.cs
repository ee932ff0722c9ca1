using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A column of a text file: its type and the indices of the fields that it is made of.</summary>
internal sealed class TextColumn
{
    private TextColumn(string name, DataViewType type, int[] fields)
    {
        Name = name;
        Type = type;
        Fields = fields;
    }

    public string Name { get; }

    public DataViewType Type { get; }

    public int[] Fields { get; }

    public static TextColumn[] Bind(TextLoader.Column[] columns, Func<int> countFields)
    {
        var fieldCount = new Lazy<int>(countFields);
        return columns.Select(column => Bind(column, fieldCount)).ToArray();
    }

    public static DataViewSchema SchemaOf(TextColumn[] columns, ReadOnlyMemory<char>[] header)
    {
        var builder = new DataViewSchema.Builder();
        foreach (TextColumn column in columns)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            if (column.Type is VectorDataViewType && header.Length > 0)
            {
                ReadOnlyMemory<char>[] names = column.Fields
                    .Select(field => field < header.Length ? header[field] : default)
                    .ToArray();
                annotations.AddSlotNames(
                    names.Length,
                    (ref VBuffer<ReadOnlyMemory<char>> value)
                        => VBuffer<ReadOnlyMemory<char>>.Copy(names, 0, ref value, names.Length));
            }

            builder.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }

        return builder.ToSchema();
    }

    private static TextColumn Bind(TextLoader.Column column, Lazy<int> fieldCount)
    {
        Contracts.CheckParam(
            !string.IsNullOrWhiteSpace(column.Name), nameof(column.Name), "The name of a column cannot be empty");
        Contracts.CheckParam(
            column.Source is { Length: > 0 },
            nameof(column.Source),
            "Must specify some source column indices");
        var fields = new List<int>();
        bool isVector = column.Source.Length > 1;
        foreach (TextLoader.Range range in column.Source)
        {
            int last = range.Max ?? (range.AutoEnd ? fieldCount.Value - 1 : range.Min);
            Contracts.CheckParam(
                range.Min >= 0 && last >= range.Min,
                nameof(range.Min),
                $"Column #{range.Min} not found in the dataset (column '{column.Name}' ends at {last})");
            isVector |= range.ForceVector || range.AutoEnd || last > range.Min;
            for (int field = range.Min; field <= last; field++)
            {
                Contracts.CheckParam(
                    !fields.Contains(field),
                    nameof(column.Source),
                    $"Intervals specified for column '{column.Name}' overlap");
                fields.Add(field);
            }
        }

        PrimitiveDataViewType itemType = ItemType(column);
        return new TextColumn(
            column.Name.Trim(),
            isVector ? new VectorDataViewType(itemType, fields.Count) : itemType,
            [.. fields]);
    }

    private static PrimitiveDataViewType ItemType(TextLoader.Column column)
    {
        PrimitiveDataViewType type = ColumnTypes.OrNull(column.DataKind)
            ?? throw Contracts.ExceptParam(nameof(column.DataKind), "Bad item type");
        if (column.KeyCount == null)
            return type;
        Contracts.CheckParam(
            KeyDataViewType.IsValidDataType(type.RawType), nameof(column.DataKind), "Bad item type for Key");
        ulong largest = type.RawType == typeof(byte) ? byte.MaxValue
            : type.RawType == typeof(ushort) ? ushort.MaxValue
            : type.RawType == typeof(uint) ? uint.MaxValue
            : ulong.MaxValue;
        return new KeyDataViewType(type.RawType, column.KeyCount.Count ?? largest);
    }
}
