using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>
/// A row's stable 128-bit name. New names come from old ones by the block step of MurmurHash3 (x64, 128 bit).
/// </summary>
public readonly struct DataViewRowId : IComparable<DataViewRowId>, IEquatable<DataViewRowId>
{
    private const ulong C1 = 0x87c37b91114253d5;
    private const ulong C2 = 0x4cf5ad432745937f;

    public readonly ulong Low;

    public readonly ulong High;

    public DataViewRowId(ulong low, ulong high)
    {
        Low = low;
        High = high;
    }

    public int CompareTo(DataViewRowId other)
    {
        int byHigh = High.CompareTo(other.High);
        return byHigh != 0 ? byHigh : Low.CompareTo(other.Low);
    }

    public bool Equals(DataViewRowId other) => Low == other.Low && High == other.High;

    public override bool Equals(object obj) => obj is DataViewRowId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Low, High);

    public override string ToString() => $"{High:x16}{Low:x16}";

    /// <summary>The next of several rows made from this one.</summary>
    public DataViewRowId Next() => Mix(0, 0);

    /// <summary>The name of another row made from this one.</summary>
    public DataViewRowId Fork()
    {
        DataViewRowId next = Next();
        return new DataViewRowId(next.Low ^ (BitOperations.RotateLeft(C1, 31) * C2), next.High);
    }

    /// <summary>The name of a row made from this one and <paramref name="other"/>.</summary>
    public DataViewRowId Combine(DataViewRowId other)
    {
        DataViewRowId block = other.Fork();
        return Mix(block.Low, block.High);
    }

    private DataViewRowId Mix(ulong k1, ulong k2)
    {
        ulong h1 = Low ^ (BitOperations.RotateLeft(k1 * C1, 31) * C2);
        h1 = ((BitOperations.RotateLeft(h1, 27) + High) * 5) + 0x52dce729;
        ulong h2 = High ^ (BitOperations.RotateLeft(k2 * C2, 33) * C1);
        h2 = ((BitOperations.RotateLeft(h2, 31) + h1) * 5) + 0x38495ab5;
        return new DataViewRowId(h1, h2);
    }
}
