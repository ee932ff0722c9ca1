using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>What a <see cref="Scalar"/> holds.</summary>
internal enum ScalarKind
{
    Integer,
    Real,
    Boolean,
}

/// <summary>A number of any element type, made from C#'s numbers by implicit conversion.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(long value, torch.ScalarType type = torch.ScalarType.Int64)
        : this(ScalarKind.Integer, value, type)
    {
    }

    internal Scalar(double value, torch.ScalarType type = torch.ScalarType.Float64)
        : this(ScalarKind.Real, BitConverter.DoubleToInt64Bits(value), type)
    {
    }

    internal Scalar(bool value)
        : this(ScalarKind.Boolean, value ? 1 : 0, torch.ScalarType.Bool)
    {
    }

    private Scalar(ScalarKind kind, long bits, torch.ScalarType type)
    {
        Kind = kind;
        Bits = bits;
        Type = type;
    }

    internal ScalarKind Kind { get; }

    internal long Bits { get; }

    internal torch.ScalarType Type { get; }

    internal double Real => Kind == ScalarKind.Real ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long Integer => Kind == ScalarKind.Real ? checked((long)Real) : Bits;

    public static implicit operator Scalar(byte value) => new((long)value, torch.ScalarType.Byte);

    public static implicit operator Scalar(sbyte value) => new((long)value, torch.ScalarType.Int8);

    public static implicit operator Scalar(short value) => new((long)value, torch.ScalarType.Int16);

    public static implicit operator Scalar(int value) => new((long)value, torch.ScalarType.Int32);

    public static implicit operator Scalar(long value) => new(value);

    public static implicit operator Scalar(Half value) => new((double)value, torch.ScalarType.Float16);

    public static implicit operator Scalar(float value) => new((double)value, torch.ScalarType.Float32);

    public static implicit operator Scalar(double value) => new(value);

    public static implicit operator Scalar(bool value) => new(value);

    /// <summary>Nothing is left to free: the number lives in managed memory.</summary>
    public void Dispose()
    {
    }
}

/// <summary>Conversions between numbers and scalars.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;

    public static Scalar ToScalar(this sbyte value) => value;

    public static Scalar ToScalar(this short value) => value;

    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this Half value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this double value) => value;

    public static Scalar ToScalar(this bool value) => value;

    public static bool ToBoolean(this Scalar value) => value.Real != 0;

    public static byte ToByte(this Scalar value) => checked((byte)value.Integer);

    public static sbyte ToSByte(this Scalar value) => checked((sbyte)value.Integer);

    public static short ToInt16(this Scalar value) => checked((short)value.Integer);

    public static int ToInt32(this Scalar value) => checked((int)value.Integer);

    public static long ToInt64(this Scalar value) => value.Integer;

    public static Half ToHalf(this Scalar value) => (Half)value.Real;

    public static float ToSingle(this Scalar value) => (float)value.Real;

    public static double ToDouble(this Scalar value) => value.Real;
}
