using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>What an argument or a result holds, as in shim.h.</summary>
internal enum Tag
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    Ints = 5,
    Doubles = 6,
    Tensors = 7,
    String = 8,
    Device = 9,
    Generator = 10,
    Default = 11,
}

/// <summary>A tagged value as the shim reads and writes it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Value
{
    internal Tag Tag;
    internal int Count;
    internal long Bits;
}

/// <summary>
/// An argument of an operator. It holds the managed object too: the caller's span of arguments outlives the call, so no
/// tensor is finalized while native code uses it.
/// </summary>
internal readonly struct Argument
{
    internal readonly object Object;
    internal readonly long Bits;
    internal readonly Tag Tag;
    internal readonly int Count;

    private Argument(Tag tag, long bits, int count = 0, object held = null)
    {
        Object = held;
        Bits = bits;
        Tag = tag;
        Count = count;
    }

    /// <summary>None, where the schema allows it.</summary>
    internal static Argument None => default;

    /// <summary>The default that the schema gives the argument.</summary>
    internal static Argument Default => new(Tag.Default, 0);

    public static implicit operator Argument(torch.Tensor tensor) =>
        tensor is null ? default : new(Tag.Tensor, tensor.Handle, 0, tensor);

    public static implicit operator Argument(torch.Tensor[] tensors) => new(Tag.Tensors, 0, tensors.Length, tensors);

    public static implicit operator Argument(long value) => new(Tag.Int, value);

    public static implicit operator Argument(long? value) => value is { } given ? given : default(Argument);

    public static implicit operator Argument(int value) => new(Tag.Int, value);

    public static implicit operator Argument(double value) =>
        new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Argument(double? value) => value is { } given ? given : default(Argument);

    public static implicit operator Argument(bool value) => new(Tag.Bool, value ? 1 : 0);

    public static implicit operator Argument(bool? value) => value is { } given ? given : default(Argument);

    public static implicit operator Argument(string text) =>
        text is null ? default : new(Tag.String, 0, text.Length, text);

    public static implicit operator Argument(long[] values) =>
        values is null ? default : new(Tag.Ints, 0, values.Length, values);

    public static implicit operator Argument(ReadOnlySpan<long> values) => values.ToArray();

    public static implicit operator Argument(double[] values) =>
        values is null ? default : new(Tag.Doubles, 0, values.Length, values);

    public static implicit operator Argument(torch.ScalarType type) => new(Tag.Int, (long)type);

    public static implicit operator Argument(torch.ScalarType? type) => type is { } given ? given : default(Argument);

    public static implicit operator Argument(torch.Device device) =>
        device is null ? default : new(Tag.Device, device.index, (int)device.type);

    public static implicit operator Argument(torch.Generator generator) =>
        generator is null ? default : new(Tag.Generator, generator.Handle, 0, generator);

    public static implicit operator Argument(Scalar scalar) => scalar is null ? default : scalar.Kind switch
    {
        ScalarKind.Integer => new(Tag.Int, scalar.Bits),
        ScalarKind.Boolean => new(Tag.Bool, scalar.Bits),
        _ => new(Tag.Double, scalar.Bits),
    };

    /// <summary>How many bytes a list or string takes.</summary>
    internal int ListBytes => Tag switch
    {
        Tag.Tensors or Tag.Ints or Tag.Doubles => 8 * Count,
        Tag.String => ((4 * Count) + 7) & ~7,
        _ => 0,
    };
}
