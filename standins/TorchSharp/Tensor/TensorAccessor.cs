using System.Collections;
using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor on the host, in the order of its dimensions, read and written in place.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly long[] sizes;
    private readonly long[] strides;
    private readonly bool contiguous;
    private readonly unsafe T* elements;

    internal unsafe TensorAccessor(torch.Tensor tensor)
    {
        this.tensor = tensor;
        TensorInfo info = tensor.Info;
        sizes = tensor.shape;
        strides = tensor.stride();
        contiguous = info.IsContiguous == 1;
        elements = (T*)info.Data;
        Count = info.Elements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    public unsafe T this[params long[] indices]
    {
        get
        {
            T element = elements[Offset(indices)];
            GC.KeepAlive(tensor);
            return element;
        }

        set
        {
            elements[Offset(indices)] = value;
            GC.KeepAlive(tensor);
        }
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array.AsSpan());
        return array;
    }

    /// <summary>The elements as an array of as many dimensions as the tensor has.</summary>
    public Array ToNDArray()
    {
        if (sizes.Length == 0)
        {
            return ToArray();
        }

        Array array = Array.CreateInstance(typeof(T), sizes);
        T[] flat = ToArray();
        ref byte first = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array);
        for (int i = 0; i < flat.Length; i++)
        {
            Unsafe.Add(ref Unsafe.As<byte, T>(ref first), i) = flat[i];
        }

        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int count = Length(array.Length, arrayIndex, tensorIndex);
        if (contiguous)
        {
            new ReadOnlySpan<T>(elements + tensorIndex, count).CopyTo(array[arrayIndex..]);
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                array[arrayIndex + i] = elements[FlatOffset(tensorIndex + i)];
            }
        }

        GC.KeepAlive(tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    public unsafe void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int count = Length(array.Length, arrayIndex, tensorIndex);
        for (int i = 0; i < count; i++)
        {
            elements[FlatOffset(tensorIndex + i)] = array[arrayIndex + i];
        }

        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        ObjectDisposedException.ThrowIf(tensor.IsInvalid, this);
        for (long i = 0; i < Count; i++)
        {
            yield return At(i);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? obj) =>
        obj is TensorAccessor<T> other && Count == other.Count && this.SequenceEqual(other);

    public override int GetHashCode() => tensor.GetHashCode();

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) =>
        left is null ? right is null : left.Equals(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    /// <summary>The tensor stays: it is not the accessor's to dispose.</summary>
    public void Dispose()
    {
    }

    /// <summary>The element at a position in the order of the tensor's dimensions.</summary>
    internal unsafe T At(long position)
    {
        if (position < 0 || position >= Count)
        {
            throw new IndexOutOfRangeException($"Element {position} of {Count} elements was asked for.");
        }

        T element = elements[FlatOffset(position)];
        GC.KeepAlive(tensor);
        return element;
    }

    private int Length(int arrayLength, int arrayIndex, long tensorIndex)
    {
        ObjectDisposedException.ThrowIf(tensor.IsInvalid, this);
        if (arrayIndex < 0 || arrayIndex > arrayLength || tensorIndex < 0 || tensorIndex > Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(arrayIndex),
                $"Position {arrayIndex} of {arrayLength} in the array, {tensorIndex} of {Count} in the tensor.");
        }

        return (int)Math.Min(arrayLength - arrayIndex, Count - tensorIndex);
    }

    private long Offset(long[] indices)
    {
        ObjectDisposedException.ThrowIf(tensor.IsInvalid, this);
        if (indices.Length == 1 && sizes.Length != 1)
        {
            return indices[0] >= 0 && indices[0] < Count
                ? FlatOffset(indices[0])
                : throw new IndexOutOfRangeException($"Element {indices[0]} of {Count} elements was asked for.");
        }

        if (indices.Length != sizes.Length)
        {
            throw new ArgumentException(
                $"{indices.Length} indices were given for a tensor of {sizes.Length} dimensions.");
        }

        long offset = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= sizes[i])
            {
                throw new IndexOutOfRangeException(
                    $"Index {indices[i]} of dimension {i}, which has length {sizes[i]}, was asked for.");
            }

            offset += indices[i] * strides[i];
        }

        return offset;
    }

    private long FlatOffset(long position)
    {
        if (contiguous)
        {
            return position;
        }

        long offset = 0;
        for (int i = sizes.Length - 1; i >= 0; i--)
        {
            (position, long index) = Math.DivRem(position, sizes[i]);
            offset += index * strides[i];
        }

        return offset;
    }
}
