using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// A table that follows from a layer's sizes, made once and kept on the device where it is used. It is no buffer: official
/// files need not hold it, and a module's <c>to</c> leaves buffers that are not saved where they are.
/// </summary>
/// <param name="values">The elements, row by row.</param>
/// <param name="shape">The table's sizes.</param>
internal sealed class ConstantTensor<T>(T[] values, params long[] shape) : IDisposable
    where T : unmanaged
{
    private readonly Lock _lock = new();
    private Tensor? _tensor;

    /// <summary>The elements, row by row.</summary>
    public ReadOnlySpan<T> Values => values;

    /// <summary>The table where and as what the other tensor is; the caller does not dispose it.</summary>
    /// <param name="other">Names the device and, where the table holds floating point numbers, their type.</param>
    public Tensor Like(Tensor other)
    {
        ScalarType? type = typeof(T) == typeof(float) || typeof(T) == typeof(double) ? other.dtype : null;
        lock (_lock)
        {
            Device device = other.device;
            if (_tensor is null || !IsOn(_tensor.device, device) || (type ?? _tensor.dtype) != _tensor.dtype)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor made = TensorData.Create<T>(values, shape, device);
                made = (type is { } wanted ? made.to(wanted) : made).DetachFromDisposeScope();
                _tensor?.Dispose();
                _tensor = made;
            }

            return _tensor;
        }
    }

    public void Dispose() => _tensor?.Dispose();

    // Two devices are never the same object, and have no equality of their own.
    private static bool IsOn(Device own, Device other) => own.type == other.type && own.index == other.index;
}
