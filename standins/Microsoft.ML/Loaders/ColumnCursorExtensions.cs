using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
        => data.GetColumn<T>(data.Schema[columnName]);

    /// <summary>The values of a column, read as they are enumerated; texts as strings, vectors as arrays if asked for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is not the data's, or its values are no <typeparamref name="T"/>.</exception>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckNonEmpty(column.Name, nameof(column));
        if (column.Index >= data.Schema.Count
            || data.Schema[column.Index].Name != column.Name
            || data.Schema[column.Index].Type != column.Type)
            throw Contracts.ExceptParam(
                nameof(column),
                $"column with name {column.Name}, type {column.Type}, and index {column.Index} cannot be found in data");
        if (column.Type.RawType == typeof(T))
            return Read<T, T>(data, column, value => value);
        if (typeof(T) == typeof(string) && column.Type is TextDataViewType)
            return (IEnumerable<T>)Read<ReadOnlyMemory<char>, string>(data, column, text => text.ToString());
        if (typeof(T).IsArray && column.Type is VectorDataViewType vector)
        {
            if (typeof(T) == typeof(string[]) && vector.ItemType is TextDataViewType)
                return (IEnumerable<T>)Read<VBuffer<ReadOnlyMemory<char>>, string[]>(
                    data, column, texts => texts.DenseValues().Select(text => text.ToString()).ToArray());
            if (typeof(T).GetElementType() == vector.ItemType.RawType)
                return RuntimeGeneric.Call<IEnumerable<T>>(ReadArrays<int>, vector.ItemType.RawType, data, column);
        }

        throw Contracts.ExceptParam(
            nameof(column),
            $"Cannot map column (name: {column.Name}, type: {column.Type}) in data to the user-defined type, {typeof(T)}.");
    }

    private static IEnumerable<T[]> ReadArrays<T>(IDataView data, DataViewSchema.Column column)
        => Read<VBuffer<T>, T[]>(data, column, vector =>
        {
            var items = new T[vector.Length];
            vector.CopyTo(items);
            return items;
        });

    private static IEnumerable<TOut> Read<T, TOut>(IDataView data, DataViewSchema.Column column, Func<T, TOut> convert)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<T>(column);
        T value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return convert(value);
        }
    }
}
