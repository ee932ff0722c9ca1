using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.AudioFeaturization.Simd;

/// <summary>Lanes of 256 bits.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal readonly unsafe struct Lanes256<T>(Vector256<T> vector) : ILanes<Lanes256<T>, T>
    where T : unmanaged
{
    private readonly Vector256<T> _vector = vector;

    public static int Count => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> operator +(Lanes256<T> left, Lanes256<T> right) => new(left._vector + right._vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> operator -(Lanes256<T> left, Lanes256<T> right) => new(left._vector - right._vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> operator *(Lanes256<T> left, Lanes256<T> right) => new(left._vector * right._vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> operator -(Lanes256<T> value) => new(-value._vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> Create(T value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> Load(T* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> LoadSingle(float* source) => typeof(T) == typeof(float)
        ? new(Vector256.Load(source).As<float, T>())
        : new(Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<T> MultiplyAdd(Lanes256<T> left, Lanes256<T> right, Lanes256<T> addend) =>
        typeof(T) == typeof(float)
            ? new(Vector256.MultiplyAddEstimate(
                left._vector.AsSingle(), right._vector.AsSingle(), addend._vector.AsSingle()).As<float, T>())
            : new(Vector256.MultiplyAddEstimate(
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
            Vector128<float> narrow = Avx.IsSupported
                ? Avx.ConvertToVector128Single(_vector.AsDouble())
                : Vector256.Narrow(_vector.AsDouble(), _vector.AsDouble()).GetLower();
            narrow.Store(target);
        }
    }
}
