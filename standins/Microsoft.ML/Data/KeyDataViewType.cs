using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>One of <see cref="Count"/> categories. The raw value 0 is missing; category i has the raw value i + 1.</summary>
public sealed class KeyDataViewType : PrimitiveDataViewType
{
    public KeyDataViewType(Type type, ulong count)
        : base(type)
    {
        Contracts.CheckParam(
            IsValidDataType(type), nameof(type), $"A key is a Byte, UInt16, UInt32 or UInt64, but the type is {type}.");
        Contracts.CheckParam(
            count > 0 && count <= LargestRawValue(type),
            nameof(count),
            $"The number of keys must lie between 1 and the largest value of {type.Name}, but is {count}.");
        Count = count;
    }

    public KeyDataViewType(Type type, int count)
        : this(type, count > 0 ? (ulong)count : 0)
    {
    }

    public ulong Count { get; }

    public static bool IsValidDataType(Type type)
        => type == typeof(byte) || type == typeof(ushort) || type == typeof(uint) || type == typeof(ulong);

    public override bool Equals(DataViewType other)
        => other is KeyDataViewType key && key.RawType == RawType && key.Count == Count;

    public override bool Equals(object other) => other is DataViewType type && Equals(type);

    public override int GetHashCode() => HashCode.Combine(RawType, Count);

    public override string ToString() => $"Key<{RawType.Name}, 0-{Count - 1}>";

    private static ulong LargestRawValue(Type type)
    {
        if (type == typeof(byte))
            return byte.MaxValue;
        if (type == typeof(ushort))
            return ushort.MaxValue;
        return type == typeof(uint) ? uint.MaxValue : ulong.MaxValue;
    }
}
