using System.Collections;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// A vector that is dense (as many values as <see cref="Length"/>) or sparse (values with rising indices; what is
/// not there is the default). Its arrays may be longer than what they hold and are reused by <see cref="VBufferEditor"/>.
/// </summary>
public readonly struct VBuffer<T> : IEnumerable
{
    public readonly int Length;

    private readonly int _count;
    private readonly T[] _values;
    private readonly int[] _indices;

    public VBuffer(int length, T[] values, int[] indices = null)
    {
        Contracts.CheckParam(length >= 0, nameof(length));
        Contracts.CheckParam((values?.Length ?? 0) >= length, nameof(values));
        Length = length;
        _count = length;
        _values = values;
        _indices = indices;
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        Contracts.CheckParam(length >= 0, nameof(length));
        Contracts.CheckParam(count >= 0 && count <= length, nameof(count));
        Contracts.CheckParam((values?.Length ?? 0) >= count, nameof(values));
        Contracts.CheckParam(count == length || (indices?.Length ?? 0) >= count, nameof(indices));
        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    public bool IsDense => _count == Length;

    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        int sourceLength = source?.Length ?? 0;
        Contracts.CheckParam(length >= 0 && length <= sourceLength, nameof(length));
        Contracts.CheckParam(sourceIndex >= 0 && sourceIndex <= sourceLength - length, nameof(sourceIndex));
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public void CopyToDense(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        Contracts.CheckParam(sourceIndex >= 0 && sourceIndex <= Length, nameof(sourceIndex));
        Contracts.CheckParam(length >= 0 && sourceIndex <= Length - length, nameof(length));
        if (IsDense)
        {
            VBufferEditor<T> dense = VBufferEditor.Create(ref destination, length);
            _values.AsSpan(sourceIndex, length).CopyTo(dense.Values);
            destination = dense.Commit();
            return;
        }

        int first = FirstAtOrAfter(sourceIndex);
        int count = FirstAtOrAfter(sourceIndex + length) - first;
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length, count);
        _values.AsSpan(first, count).CopyTo(editor.Values);
        for (int i = 0; i < editor.Indices.Length; i++)
            editor.Indices[i] = _indices[first + i] - sourceIndex;
        destination = editor.Commit();
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        Contracts.CheckParam(
            destinationIndex >= 0 && destinationIndex <= destination.Length - Length,
            nameof(destination),
            "Not large enough to hold these values.");
        Span<T> target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }

        // The real method overlooks defaultValue when no value is explicit; so does this one.
        target.Fill(_count == 0 ? default : defaultValue);
        for (int i = 0; i < _count; i++)
            target[_indices[i]] = _values[i];
    }

    public IEnumerable<T> DenseValues() => Items(all: true).Select(item => item.Value);

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
        => IsDense || !all ? ExplicitItems(this) : AllItems(this);

    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    public T GetItemOrDefault(int index)
    {
        Contracts.CheckParam(index >= 0 && index < Length, nameof(index));
        if (IsDense)
            return _values[index];
        int position = FirstAtOrAfter(index);
        return position < _count && _indices[position] == index ? _values[position] : default;
    }

    public IEnumerator GetEnumerator() => _values.GetEnumerator();

    public override string ToString()
        => IsDense
            ? $"Dense vector of size {Length}"
            : $"Sparse vector of size {Length}, {_count} explicit values";

    internal VBufferEditor<T> Edit(
        int length, int? valuesCount, int? maxCapacity, bool keepOldOnResize, bool requireIndicesOnDense)
    {
        Contracts.CheckParam(length >= 0, "newLogicalLength", "Must be non-negative.");
        int count = valuesCount ?? length;
        Contracts.CheckParam(
            count >= 0 && count <= length, nameof(valuesCount), $"Must lie between 0 and {length}, but is {count}.");
        int limit = maxCapacity ?? Array.MaxLength;
        T[] values = _values;
        bool newValues = EnsureSize(ref values, count, limit, keepOldOnResize);
        int[] indices = _indices;
        bool newIndices = (count < length || requireIndicesOnDense)
            && EnsureSize(ref indices, count, limit, keepOldOnResize);
        return new VBufferEditor<T>(length, count, values, indices, requireIndicesOnDense, newValues, newIndices);
    }

    private static bool EnsureSize<TItem>(ref TItem[] array, int needed, int limit, bool keepOld)
    {
        Contracts.CheckParam(needed <= limit, "maxValuesCapacity", $"Less than the {needed} values asked for.");
        int old = array?.Length ?? 0;
        if (needed <= old)
            return false;
        var larger = new TItem[Math.Min(limit, (int)Math.Min(Array.MaxLength, Math.Max(needed, old * 2L)))];
        if (keepOld)
            array.AsSpan().CopyTo(larger);
        array = larger;
        return true;
    }

    private static IEnumerable<KeyValuePair<int, T>> ExplicitItems(VBuffer<T> buffer)
    {
        for (int i = 0; i < buffer._count; i++)
            yield return new KeyValuePair<int, T>(buffer.IsDense ? i : buffer._indices[i], buffer._values[i]);
    }

    private static IEnumerable<KeyValuePair<int, T>> AllItems(VBuffer<T> buffer)
    {
        int next = 0;
        for (int i = 0; i < buffer.Length; i++)
        {
            bool isExplicit = next < buffer._count && buffer._indices[next] == i;
            yield return new KeyValuePair<int, T>(i, isExplicit ? buffer._values[next++] : default);
        }
    }

    private int FirstAtOrAfter(int index)
    {
        int position = _indices.AsSpan(0, _count).BinarySearch(index);
        return position >= 0 ? position : ~position;
    }
}
