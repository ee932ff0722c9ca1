using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>
/// Vectors of 512 bits hold one sample of several frames side by side, so that no step of the transform moves data
/// between lanes. Processors with narrower vectors work them off in parts.
/// </summary>
internal static unsafe class Lanes
{
    /// <summary>The frames of a batch: the lanes of float32.</summary>
    public const int Count = 16;

    /// <summary>a * b + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd<T>(Vector512<T> a, Vector512<T> b, Vector512<T> c)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? Vector512.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector512.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    /// <summary>As many float32 values as <typeparamref name="T"/> has lanes; sixteen must be readable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load<T>(float* source)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? Vector512.Load(source).As<float, T>()
            : Vector512.WidenLower(Vector512.Load(source)).As<double, T>();

    /// <summary>Stores as float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSingle<T>(Vector512<T> values, float* target)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            values.AsSingle().Store(target);
        }
        else
        {
            Vector512<double> wide = values.AsDouble();
            Vector512.Narrow(wide, wide).GetLower().Store(target);
        }
    }
}
