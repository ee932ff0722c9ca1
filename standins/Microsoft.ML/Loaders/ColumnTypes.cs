namespace Microsoft.ML.Data;

/// <summary>The column types of members and of <see cref="DataKind"/>s.</summary>
internal static class ColumnTypes
{
    private static readonly Dictionary<DataKind, PrimitiveDataViewType> ByKind = new()
    {
        [DataKind.SByte] = NumberDataViewType.SByte,
        [DataKind.Byte] = NumberDataViewType.Byte,
        [DataKind.Int16] = NumberDataViewType.Int16,
        [DataKind.UInt16] = NumberDataViewType.UInt16,
        [DataKind.Int32] = NumberDataViewType.Int32,
        [DataKind.UInt32] = NumberDataViewType.UInt32,
        [DataKind.Int64] = NumberDataViewType.Int64,
        [DataKind.UInt64] = NumberDataViewType.UInt64,
        [DataKind.Single] = NumberDataViewType.Single,
        [DataKind.Double] = NumberDataViewType.Double,
        [DataKind.String] = TextDataViewType.Instance,
        [DataKind.Boolean] = BooleanDataViewType.Instance,
        [DataKind.TimeSpan] = TimeSpanDataViewType.Instance,
        [DataKind.DateTime] = DateTimeDataViewType.Instance,
        [DataKind.DateTimeOffset] = DateTimeOffsetDataViewType.Instance,
    };

    /// <summary>The type that a kind names, or null if the value names none.</summary>
    public static PrimitiveDataViewType OrNull(DataKind kind) => ByKind.GetValueOrDefault(kind);

    public static DataKind KindOf(PrimitiveDataViewType type)
        => ByKind.First(pair => pair.Value.RawType == type.RawType).Key;

    /// <summary>The item type of a member of type T, T[] or VBuffer&lt;T&gt;; text for strings.</summary>
    public static (Type ItemType, bool IsVector) Unwrap(Type memberType)
    {
        bool isVector = true;
        Type itemType;
        if (memberType.IsArray)
            itemType = memberType.GetElementType();
        else if (memberType.IsGenericType && memberType.GetGenericTypeDefinition() == typeof(VBuffer<>))
            itemType = memberType.GetGenericArguments()[0];
        else
            (itemType, isVector) = (memberType, false);
        return (itemType == typeof(string) ? typeof(ReadOnlyMemory<char>) : itemType, isVector);
    }
}
