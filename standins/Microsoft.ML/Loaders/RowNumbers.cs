namespace Microsoft.ML.Data;

/// <summary>Reads a row's numbers whatever their type.</summary>
internal static class RowNumbers
{
    /// <summary>The value of a Single or Double column.</summary>
    public static Func<double> DoubleOf(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type == NumberDataViewType.Single)
        {
            var single = row.GetGetter<float>(column);
            return () => Value(single);
        }

        var getter = row.GetGetter<double>(column);
        return () => Value(getter);
    }

    /// <summary>The raw value of a key column: 0 for missing, i + 1 for category i.</summary>
    public static Func<ulong> KeyOf(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type.RawType == typeof(byte))
        {
            var getter = row.GetGetter<byte>(column);
            return () => Value(getter);
        }

        if (column.Type.RawType == typeof(ushort))
        {
            var getter = row.GetGetter<ushort>(column);
            return () => Value(getter);
        }

        if (column.Type.RawType == typeof(uint))
        {
            var getter = row.GetGetter<uint>(column);
            return () => Value(getter);
        }

        var longGetter = row.GetGetter<ulong>(column);
        return () => Value(longGetter);
    }

    private static T Value<T>(ValueGetter<T> getter)
    {
        T value = default;
        getter(ref value);
        return value;
    }
}
