using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Moves numbers between spans and tensors, copying once.</summary>
internal static class TensorData
{
    /// <summary>A tensor with the values of a span, in the current dispose scope.</summary>
    /// <exception cref="ArgumentException">There are more or fewer values than the shape has.</exception>
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

    /// <summary>The memory of a contiguous tensor on the CPU; valid while the tensor lives.</summary>
    public static Span<T> Read<T>(Tensor tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes);

    private static ScalarType TypeOf<T>() =>
        typeof(T) == typeof(float) ? ScalarType.Float32
        : typeof(T) == typeof(double) ? ScalarType.Float64
        : typeof(T) == typeof(long) ? ScalarType.Int64
        : throw new NotSupportedException($"{typeof(T)} has no tensor type here.");
}
