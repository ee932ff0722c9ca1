namespace Microsoft.ML.AudioFeaturization.Simd;

/// <summary>
/// A pinned array whose first element lies on a cache line, so that whole vectors do not straddle two.
/// </summary>
internal sealed unsafe class AlignedBuffer<T>
    where T : unmanaged
{
    private const int CacheLine = 64;

    // Keeps the memory alive; it is collected with this object.
    private readonly T[] _array;

    public AlignedBuffer(int length)
    {
        Length = length;
        _array = GC.AllocateArray<T>(length + (CacheLine / sizeof(T)), pinned: true);
        fixed (T* start = _array)
        {
            Pointer = (T*)(((nuint)start + CacheLine - 1) & ~(nuint)(CacheLine - 1));
        }
    }

    public int Length { get; }

    public T* Pointer { get; }

    public Span<T> Span => new(Pointer, Length);
}
