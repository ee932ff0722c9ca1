using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Writes a <see cref="VBuffer{T}"/>, reusing its arrays where they are large enough.</summary>
public static class VBufferEditor
{
    public static VBufferEditor<T> CreateFromBuffer<T>(scoped ref VBuffer<T> destination)
        => destination.Edit(destination.Length, destination.GetValues().Length, null, false, false);

    public static VBufferEditor<T> Create<T>(
        scoped ref VBuffer<T> destination,
        int newLogicalLength,
        int? valuesCount = null,
        int? maxValuesCapacity = null,
        bool keepOldOnResize = false,
        bool requireIndicesOnDense = false)
        => destination.Edit(
            newLogicalLength, valuesCount, maxValuesCapacity, keepOldOnResize, requireIndicesOnDense);
}

public readonly ref struct VBufferEditor<T>
{
    public readonly Span<T> Values;

    public readonly Span<int> Indices;

    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;

    internal VBufferEditor(
        int length,
        int count,
        T[] values,
        int[] indices,
        bool requireIndices,
        bool createdNewValues,
        bool createdNewIndices)
    {
        _length = length;
        _values = values;
        _indices = indices;
        Values = values.AsSpan(0, count);
        Indices = count < length || requireIndices ? indices.AsSpan(0, count) : default;
        CreatedNewValues = createdNewValues;
        CreatedNewIndices = createdNewIndices;
    }

    public bool CreatedNewValues { get; }

    public bool CreatedNewIndices { get; }

    public VBuffer<T> Commit() => new(_length, Values.Length, _values, _indices);

    public VBuffer<T> CommitTruncated(int physicalValuesCount)
    {
        Contracts.CheckParam(
            physicalValuesCount <= Values.Length,
            nameof(physicalValuesCount),
            "More values than the editor was made for.");
        return new VBuffer<T>(_length, physicalValuesCount, _values, _indices);
    }
}
