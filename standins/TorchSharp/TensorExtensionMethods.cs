using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Conversions between tensors and C#'s values.</summary>
public static class TensorExtensionMethods
{
    public static bool ToBoolean(this Tensor value) => value.ToScalar().ToBoolean();

    public static byte ToByte(this Tensor value) => value.ToScalar().ToByte();

    public static sbyte ToSByte(this Tensor value) => value.ToScalar().ToSByte();

    public static short ToInt16(this Tensor value) => value.ToScalar().ToInt16();

    public static int ToInt32(this Tensor value) => value.ToScalar().ToInt32();

    public static long ToInt64(this Tensor value) => value.ToScalar().ToInt64();

    public static Half ToHalf(this Tensor value) => value.ToScalar().ToHalf();

    public static float ToSingle(this Tensor value) => value.ToScalar().ToSingle();

    public static double ToDouble(this Tensor value) => value.ToScalar().ToDouble();

    /// <summary>How many bytes an element of the type takes.</summary>
    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new ArgumentException($"There is no element type {type}."),
    };

    /// <summary>How many elements a tensor of the shape has.</summary>
    public static long TotalSize(this IEnumerable<long> shape) =>
        shape.Aggregate(1L, (product, length) => product * length);

    public static string metastr(this Tensor tensor) => tensor.ToString();

    public static ReadOnlySpan<int> IntShape(this Tensor tensor) =>
        Array.ConvertAll(tensor.shape, length => checked((int)length));
}
