using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.AudioFeaturization.Simd;

/// <summary>Lanes of 512 bits.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal readonly unsafe struct Lanes512<T>(Vector512<T> vector) : ILanes<Lanes512<T>, T>
    where T : unmanaged
{
    private readonly Vector512<T> _vector = vector;

    public static int Count => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> operator +(Lanes512<T> left, Lanes512<T> right) => new(left._vector + right._vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> operator -(Lanes512<T> left, Lanes512<T> right) => new(left._vector - right._vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> operator *(Lanes512<T> left, Lanes512<T> right) => new(left._vector * right._vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> operator -(Lanes512<T> value) => new(-value._vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> Create(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> Load(T* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> LoadSingle(float* source) => typeof(T) == typeof(float)
        ? new(Vector512.Load(source).As<float, T>())
        : new(Vector512.WidenLower(Vector256.Load(source).ToVector512Unsafe()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<T> MultiplyAdd(Lanes512<T> left, Lanes512<T> right, Lanes512<T> addend) =>
        typeof(T) == typeof(float)
            ? new(Vector512.MultiplyAddEstimate(
                left._vector.AsSingle(), right._vector.AsSingle(), addend._vector.AsSingle()).As<float, T>())
            : new(Vector512.MultiplyAddEstimate(
                left._vector.AsDouble(), right._vector.AsDouble(), addend._vector.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(T* target) => _vector.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreSingle(float* target)
    {
        if (typeof(T) == typeof(float))
        {
            _vector.AsSingle().Store(target);
        }
        else
        {
            // Portably, half of the conversion would be thrown away.
            Vector256<float> narrow = Avx512F.IsSupported
                ? Avx512F.ConvertToVector256Single(_vector.AsDouble())
                : Vector512.Narrow(_vector.AsDouble(), _vector.AsDouble()).GetLower();
            narrow.Store(target);
        }
    }
}
