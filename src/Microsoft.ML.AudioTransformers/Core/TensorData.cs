using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Copies of spans to tensors, and access to a tensor's memory as a span.</summary>
internal static class TensorData
{
    /// <summary>Creates a tensor with the values of a span, in the current dispose scope.</summary>
    /// <param name="values">Elements in row-major order.</param>
    /// <param name="shape">Shape.</param>
    /// <param name="device">Device.</param>
    /// <exception cref="ArgumentException">The number of values does not match the shape.</exception>
    public static Tensor Create<T>(ReadOnlySpan<T> values, long[] shape, Device device)
        where T : unmanaged
    {
        Tensor tensor = empty(shape, TypeOf<T>());
        Span<T> memory = Read<T>(tensor);
        if (memory.Length != values.Length)
        {
            throw new ArgumentException(
                $"{values.Length} values do not fill the shape ({string.Join(", ", shape)}).", nameof(values));
        }

        values.CopyTo(memory);
        return device.type == DeviceType.CPU ? tensor : tensor.to(device);
    }

    /// <summary>The memory of a contiguous tensor on the CPU, not copied; valid until the tensor is disposed.</summary>
    public static Span<T> Read<T>(Tensor tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes);

    private static ScalarType TypeOf<T>() =>
        typeof(T) == typeof(float) ? ScalarType.Float32
        : typeof(T) == typeof(double) ? ScalarType.Float64
        : typeof(T) == typeof(long) ? ScalarType.Int64
        : throw new NotSupportedException($"{typeof(T)} has no tensor type here.");
}
