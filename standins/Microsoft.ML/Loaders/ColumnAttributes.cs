using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Names the column of a member; without it the column has the member's name.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class ColumnNameAttribute : Attribute
{
    public ColumnNameAttribute(string name)
    {
        Name = name;
    }

    internal string Name { get; }
}

/// <summary>Keeps a member out of the columns.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class NoColumnAttribute : Attribute
{
}

/// <summary>Gives the size of a vector member. Without a size the length varies with the row.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class VectorTypeAttribute : Attribute
{
    public VectorTypeAttribute()
    {
        Dimensions = [];
    }

    public VectorTypeAttribute(int size)
    {
        Contracts.CheckParam(size >= 0, nameof(size), "Should be non-negative number");
        Dimensions = [size];
    }

    public VectorTypeAttribute(params int[] dimensions)
    {
        Contracts.CheckParam(
            dimensions.All(d => d >= 0), nameof(dimensions), "Should contain only non-negative values");
        Dimensions = dimensions;
    }

    internal int[] Dimensions { get; }
}

/// <summary>Makes an unsigned member a key of <c>count</c> values.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class KeyTypeAttribute : Attribute
{
    public KeyTypeAttribute(ulong count)
    {
        KeyCount = new KeyCount(count);
    }

    internal KeyCount KeyCount { get; }
}

/// <summary>Says from which fields of a text file's line a member is read.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class LoadColumnAttribute : Attribute
{
    public LoadColumnAttribute(int fieldIndex)
    {
        Sources = [new TextLoader.Range(fieldIndex)];
    }

    public LoadColumnAttribute(int start, int end)
    {
        Sources = [new TextLoader.Range(start, end)];
    }

    public LoadColumnAttribute(int[] columnIndexes)
    {
        Sources = columnIndexes.Select(index => new TextLoader.Range(index)).ToArray();
    }

    internal TextLoader.Range[] Sources { get; }
}
