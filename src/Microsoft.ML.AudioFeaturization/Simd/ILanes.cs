namespace Microsoft.ML.AudioFeaturization.Simd;

/// <summary>
/// A vector whose lanes hold the same sample of several frames, so that no step of the transform moves data between
/// lanes. One implementation for each width that processors have: wide vectors worked off in narrow parts cost up to
/// ten times as much as narrow ones.
/// </summary>
/// <typeparam name="TSelf">The vector.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal unsafe interface ILanes<TSelf, T>
    where TSelf : unmanaged, ILanes<TSelf, T>
    where T : unmanaged
{
    /// <summary>The number of lanes.</summary>
    static abstract int Count { get; }

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf value);

    /// <summary>The same value in all lanes.</summary>
    static abstract TSelf Create(T value);

    /// <summary>Loads as many values as there are lanes.</summary>
    static abstract TSelf Load(T* source);

    /// <summary>Loads float32 values; up to sixteen are read.</summary>
    static abstract TSelf LoadSingle(float* source);

    /// <summary>left * right + addend, rounded once where the processor can.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>Stores all lanes.</summary>
    void Store(T* target);

    /// <summary>Stores all lanes as float32.</summary>
    void StoreSingle(float* target);
}
