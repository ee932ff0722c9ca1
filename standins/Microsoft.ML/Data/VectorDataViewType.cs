using System.Collections.Immutable;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A vector, possibly with the shape of a tensor. Size 0 says that the length varies with the row.</summary>
public sealed class VectorDataViewType : StructuredDataViewType
{
    public VectorDataViewType(PrimitiveDataViewType itemType, int size = 0)
        : this(itemType, ImmutableArray.Create(size))
    {
    }

    public VectorDataViewType(PrimitiveDataViewType itemType, params int[] dimensions)
        : this(itemType, dimensions == null ? [] : ImmutableArray.Create(dimensions))
    {
    }

    public VectorDataViewType(PrimitiveDataViewType itemType, ImmutableArray<int> dimensions)
        : base(RawTypeOf(itemType))
    {
        Contracts.CheckParam(dimensions.Length > 0, nameof(dimensions));
        int size = 1;
        foreach (int dimension in dimensions)
        {
            Contracts.CheckParam(dimension >= 0, nameof(dimensions));
            size = checked(size * dimension);
        }

        ItemType = itemType;
        Dimensions = dimensions;
        Size = size;
    }

    public ImmutableArray<int> Dimensions { get; }

    public bool IsKnownSize => Size > 0;

    public PrimitiveDataViewType ItemType { get; }

    public int Size { get; }

    public override bool Equals(DataViewType other)
        => other is VectorDataViewType vector
            && vector.ItemType.Equals(ItemType)
            && vector.Dimensions.AsSpan().SequenceEqual(Dimensions.AsSpan());

    public override bool Equals(object other) => other is DataViewType type && Equals(type);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(ItemType);
        foreach (int dimension in Dimensions)
            hash.Add(dimension);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        if (Dimensions.Length == 1)
            return Size > 0 ? $"Vector<{ItemType}, {Size}>" : $"Vector<{ItemType}>";
        return $"Vector<{ItemType}, {string.Join(", ", Dimensions.Select(d => d > 0 ? d.ToString() : "*"))}>";
    }

    private static Type RawTypeOf(PrimitiveDataViewType itemType)
    {
        Contracts.CheckValue(itemType, nameof(itemType));
        return typeof(VBuffer<>).MakeGenericType(itemType.RawType);
    }
}
