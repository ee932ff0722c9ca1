using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Between objects of users' classes and rows of data views.</summary>
internal static class RowObject
{
    public static DataViewSchema SchemaOf(RowMember[] members)
    {
        var builder = new DataViewSchema.Builder();
        foreach (RowMember member in members)
            builder.AddColumn(member.ColumnName, member.ColumnType, member.Annotations);
        return builder.ToSchema();
    }

    /// <summary>The members of a class that stand for a schema's columns, with the schema's types and annotations.</summary>
    public static SchemaDefinition DefinitionFor<TRow>(DataViewSchema schema)
    {
        var definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read);
        foreach (DataViewSchema.Column column in schema)
        {
            SchemaDefinition.Column member = definition[column.Name]
                ?? throw Contracts.Except($"Type should contain a member named {column.Name}");
            member.ColumnType = column.Type;
            member.AddAnnotations(column.Annotations);
        }

        return definition;
    }
}

/// <summary>Fills objects of a class from the columns of a schema.</summary>
internal sealed class RowObjectReader<TRow>
    where TRow : class
{
    private readonly List<(RowMember Member, DataViewSchema.Column Column)> _bound = [];

    /// <exception cref="ArgumentOutOfRangeException">A member has no column, and that is not allowed.</exception>
    /// <exception cref="InvalidOperationException">A column's type does not fit its member.</exception>
    public RowObjectReader(DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition)
    {
        foreach (RowMember member in RowMember.Of(typeof(TRow), SchemaDefinition.Direction.Write, definition))
        {
            if (schema.GetColumnOrNull(member.ColumnName) is not { } column)
            {
                if (ignoreMissingColumns)
                    continue;
                throw Contracts.ExceptSchemaMismatch("Schema", "", member.ColumnName);
            }

            if (!Fits(member, column.Type))
                throw Contracts.Except(
                    $"Can't bind the IDataView column '{member.ColumnName}' of type '{column.Type}' to field or property '{member.Member.Name}' of type '{member.MemberType.FullName}'.");
            _bound.Add((member, column));
        }
    }

    public IEnumerable<DataViewSchema.Column> Columns => _bound.Select(pair => pair.Column);

    /// <summary>Fills an object from the current values of the row.</summary>
    public Action<TRow> CreateFiller(DataViewRow row)
    {
        Action<TRow>[] setters = _bound.Select(pair => pair.Member.CreateSetter<TRow>(row, pair.Column)).ToArray();
        return target =>
        {
            foreach (Action<TRow> set in setters)
                set(target);
        };
    }

    /// <summary>The rows of the data as objects: one object for all rows, or a new one for each.</summary>
    public static IEnumerable<TRow> Read(IDataView data, RowObjectReader<TRow> reader, bool reuse, Func<TRow> create)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(reader.Columns);
        Action<TRow> fill = reader.CreateFiller(cursor);
        TRow row = null;
        while (cursor.MoveNext())
        {
            if (!reuse || row == null)
                row = create();
            fill(row);
            yield return row;
        }
    }

    private static bool Fits(RowMember member, DataViewType type)
    {
        var (itemType, isVector) = ColumnTypes.Unwrap(member.MemberType);
        return isVector == type is VectorDataViewType && type.GetItemType().RawType == itemType;
    }
}
