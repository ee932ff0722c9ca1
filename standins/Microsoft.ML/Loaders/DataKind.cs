using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The types of values that a loader or a conversion can be told by name.</summary>
public enum DataKind : byte
{
    SByte = 1,
    Byte = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Int64 = 7,
    UInt64 = 8,
    Single = 9,
    Double = 10,
    String = 11,
    Boolean = 12,
    TimeSpan = 13,
    DateTime = 14,
    DateTimeOffset = 15,
}

/// <summary>How many categories a key has; without a number, as many as its type can hold.</summary>
public sealed class KeyCount
{
    public ulong? Count;

    public KeyCount()
    {
    }

    public KeyCount(ulong count)
    {
        Contracts.CheckParam(count > 0, nameof(count), "The cardinality of valid key values, cannot be smaller than one.");
        Count = count;
    }
}
