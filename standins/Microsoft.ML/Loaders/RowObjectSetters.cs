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
                (Func<TRow, string[]>)reader,
                (Action<TRow, string[]>)writer,
                row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column));
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
        Func<TRow, string[]> read, Action<TRow, string[]> write, ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter)
    {
        VBuffer<ReadOnlyMemory<char>> value = default;
        return target =>
        {
            getter(ref value);
            string[] items = Fitting(read, target, value.Length);
            int slot = 0;
            foreach (ReadOnlyMemory<char> text in value.DenseValues())
                items[slot++] = text.ToString();
            write(target, items);
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
            T[] items = Fitting(read, target, value.Length);
            if (items != null)
                value.CopyTo(items);
            write(target, items);
        };
    }

    /// <summary>The row's array if it has the length, else another; as in the package, an empty vector leaves null alone.</summary>
    private static T[] Fitting<TRow, T>(Func<TRow, T[]> read, TRow target, int length)
    {
        T[] items = read?.Invoke(target);
        return (items?.Length ?? 0) == length ? items : new T[length];
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
