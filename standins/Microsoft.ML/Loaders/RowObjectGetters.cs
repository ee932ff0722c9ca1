namespace Microsoft.ML.Data;

/// <summary>Makes column getters that read a member of the current row object.</summary>
internal static class RowObjectGetters
{
    /// <param name="reader">A <c>Func&lt;TRow, TMember&gt;</c>.</param>
    /// <param name="current">Gives the current row.</param>
    /// <param name="memberType">TMember.</param>
    /// <param name="columnType">The type of the column; its raw type is the getter's.</param>
    public static Delegate Create<TRow>(Delegate reader, Func<TRow> current, Type memberType, DataViewType columnType)
    {
        if (memberType == typeof(string))
            return Text(Bind<TRow, string>(reader, current));
        if (memberType == typeof(string[]))
            return TextArray(Bind<TRow, string[]>(reader, current));
        if (memberType.IsArray)
            return RuntimeGeneric.Call<Delegate>(Array<TRow, int>, [typeof(TRow), memberType.GetElementType()], reader, current);
        if (columnType is VectorDataViewType vector)
            return RuntimeGeneric.Call<Delegate>(Buffer<TRow, int>, [typeof(TRow), vector.ItemType.RawType], reader, current);
        if (columnType is KeyDataViewType key)
            return Key(reader, current, key);
        return RuntimeGeneric.Call<Delegate>(Direct<TRow, int>, [typeof(TRow), memberType], reader, current);
    }

    private static Func<TMember> Bind<TRow, TMember>(Delegate reader, Func<TRow> current)
    {
        var read = (Func<TRow, TMember>)reader;
        return () => read(current());
    }

    private static ValueGetter<ReadOnlyMemory<char>> Text(Func<string> read)
        => (ref ReadOnlyMemory<char> value) => value = read().AsMemory();

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> TextArray(Func<string[]> read)
        => (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            string[] items = read() ?? [];
            var editor = VBufferEditor.Create(ref value, items.Length);
            for (int i = 0; i < items.Length; i++)
                editor.Values[i] = items[i].AsMemory();
            value = editor.Commit();
        };

    private static Delegate Array<TRow, T>(Delegate reader, Func<TRow> current)
    {
        var read = Bind<TRow, T[]>(reader, current);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            T[] items = read() ?? [];
            var editor = VBufferEditor.Create(ref value, items.Length);
            items.CopyTo(editor.Values);
            value = editor.Commit();
        });
    }

    private static Delegate Buffer<TRow, T>(Delegate reader, Func<TRow> current)
    {
        var read = Bind<TRow, VBuffer<T>>(reader, current);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => read().CopyTo(ref value));
    }

    private static Delegate Direct<TRow, T>(Delegate reader, Func<TRow> current)
    {
        var read = Bind<TRow, T>(reader, current);
        return (ValueGetter<T>)((ref T value) => value = read());
    }

    /// <summary>A key member counts its categories from 0; what lies outside of them is missing.</summary>
    private static Delegate Key<TRow>(Delegate reader, Func<TRow> current, KeyDataViewType type)
    {
        if (type.RawType == typeof(byte))
        {
            var read = Bind<TRow, byte>(reader, current);
            return (ValueGetter<byte>)((ref byte value) => value = (byte)RawKey(read(), type.Count));
        }

        if (type.RawType == typeof(ushort))
        {
            var read = Bind<TRow, ushort>(reader, current);
            return (ValueGetter<ushort>)((ref ushort value) => value = (ushort)RawKey(read(), type.Count));
        }

        if (type.RawType == typeof(uint))
        {
            var read = Bind<TRow, uint>(reader, current);
            return (ValueGetter<uint>)((ref uint value) => value = (uint)RawKey(read(), type.Count));
        }

        var readLong = Bind<TRow, ulong>(reader, current);
        return (ValueGetter<ulong>)((ref ulong value) => value = RawKey(readLong(), type.Count));
    }

    private static ulong RawKey(ulong index, ulong count) => index < count ? index + 1 : 0;
}
