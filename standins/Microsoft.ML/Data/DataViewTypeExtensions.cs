using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Questions that are often asked of a column's type.</summary>
internal static class DataViewTypeExtensions
{
    private static readonly PrimitiveDataViewType[] _primitiveTypes =
    [
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16,
        NumberDataViewType.Int32, NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64,
        NumberDataViewType.Single, NumberDataViewType.Double, TextDataViewType.Instance,
        BooleanDataViewType.Instance, DateTimeDataViewType.Instance, DateTimeOffsetDataViewType.Instance,
        TimeSpanDataViewType.Instance, RowIdDataViewType.Instance,
    ];

    public static DataViewType GetItemType(this DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    public static int GetVectorSize(this DataViewType type) => (type as VectorDataViewType)?.Size ?? 0;

    /// <summary>The number of a key's categories; 0 for a type that is no key.</summary>
    public static ulong GetKeyCount(this DataViewType type) => (type as KeyDataViewType)?.Count ?? 0;

    /// <summary>The primitive type (not a key) whose values have the given type, or null.</summary>
    public static PrimitiveDataViewType PrimitiveTypeOrNull(Type rawType)
        => Array.Find(_primitiveTypes, type => type.RawType == rawType);

    /// <summary>The primitive type (not a key) whose values have the given type.</summary>
    public static PrimitiveDataViewType ToPrimitiveType(this Type rawType)
        => PrimitiveTypeOrNull(rawType)
            ?? throw Contracts.ExceptParam(nameof(rawType), $"A column cannot hold values of type {rawType}.");

    /// <summary>The primitive type (not a key) that writes itself as the given name, or null.</summary>
    public static PrimitiveDataViewType PrimitiveTypeOrNull(string name)
        => Array.Find(_primitiveTypes, type => type.ToString() == name);
}
