namespace Microsoft.ML.Data;

/// <summary>Makes setters that fill a member of a row object from a column of a data view's row.</summary>
internal static class RowObjectSetters
{
    /// <param name="reader">A <c>Func&lt;TRow, TMember&gt;</c>, or null; with it, arrays that fit are reused.</param>
    /// <param name="writer">An <c>Action&lt;TRow, TMember&gt;</c>.</param>
    /// <param name="memberType">TMember.</param>
    /// <param name="row">The row, or cursor, that is read.</param>
    /// <param name="column">The column that is read; its type fits the member.</param>
    public static Action<TRow> Create<TRow>(
        Delegate reader, Delegate writer, Type memberType, DataViewRow row, DataViewSchema.Column column)
    {
        if (memberType == typeof(string))
            return Text((Action<TRow, string>)writer, row.GetGetter<ReadOnlyMemory<char>>(column));
        if (memberType == typeof(string[]))
            return TextArray(
                (Action<TRow, string[]>)writer, row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column));
        if (memberType.IsArray)
            return RuntimeGeneric.Call<Action<TRow>>(
                Array<TRow, int>, [typeof(TRow), memberType.GetElementType()], reader, writer, row, column);
        if (column.Type is VectorDataViewType vector)
            return RuntimeGeneric.Call<Action<TRow>>(
                Buffer<TRow, int>, [typeof(TRow), vector.ItemType.RawType], reader, writer, row, column);
        return RuntimeGeneric.Call<Action<TRow>>(
            Direct<TRow, int>, [typeof(TRow), memberType], writer, row, column);
    }

    private static Action<TRow> Text<TRow>(Action<TRow, string> write, ValueGetter<ReadOnlyMemory<char>> getter)
    {
        ReadOnlyMemory<char> value = default;
        return target =>
        {
            getter(ref value);
            write(target, value.ToString());
        };
    }

    private static Action<TRow> TextArray<TRow>(
        Action<TRow, string[]> write, ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter)
    {
        VBuffer<ReadOnlyMemory<char>> value = default;
        return target =>
        {
            getter(ref value);
            write(target, value.DenseValues().Select(item => item.ToString()).ToArray());
        };
    }

    private static Action<TRow> Array<TRow, T>(
        Delegate reader, Delegate writer, DataViewRow row, DataViewSchema.Column column)
    {
        var read = (Func<TRow, T[]>)reader;
        var write = (Action<TRow, T[]>)writer;
        var getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return target =>
        {
            getter(ref value);
            T[] items = read?.Invoke(target);
            if (items == null || items.Length != value.Length)
                items = new T[value.Length];
            value.CopyTo(items);
            write(target, items);
        };
    }

    private static Action<TRow> Buffer<TRow, T>(
        Delegate reader, Delegate writer, DataViewRow row, DataViewSchema.Column column)
    {
        var read = (Func<TRow, VBuffer<T>>)reader;
        var write = (Action<TRow, VBuffer<T>>)writer;
        var getter = row.GetGetter<VBuffer<T>>(column);
        return target =>
        {
            VBuffer<T> value = read == null ? default : read(target);
            getter(ref value);
            write(target, value);
        };
    }

    private static Action<TRow> Direct<TRow, T>(Delegate writer, DataViewRow row, DataViewSchema.Column column)
    {
        var write = (Action<TRow, T>)writer;
        var getter = row.GetGetter<T>(column);
        T value = default;
        return target =>
        {
            getter(ref value);
            write(target, value);
        };
    }
}
