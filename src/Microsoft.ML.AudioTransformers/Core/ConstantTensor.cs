using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Constant tensor, such as a window or an index table, that a layer computes from its sizes. It is created once and kept on the
/// device where it is used. It is not registered as a buffer: official checkpoints need not contain it, and a module's
/// <c>to</c> does not move non-persistent buffers.
/// </summary>
/// <param name="values">Elements in row-major order.</param>
/// <param name="shape">Shape.</param>
internal sealed class ConstantTensor<T>(T[] values, params long[] shape) : IDisposable
    where T : unmanaged
{
    private readonly Lock _lock = new();
    private Tensor? _tensor;

    /// <summary>Elements in row-major order.</summary>
    public ReadOnlySpan<T> Values => values;

    /// <summary>The tensor on the device of another one; floating-point elements also get its type. The caller does not
    /// dispose it.</summary>
    /// <param name="other">Tensor whose device and floating-point type are used.</param>
    public Tensor Like(Tensor other)
    {
        ScalarType? type = typeof(T) == typeof(float) || typeof(T) == typeof(double) ? other.dtype : null;
        lock (_lock)
        {
            Device device = other.device;
            if (_tensor is null || !IsOn(_tensor.device, device) || (type ?? _tensor.dtype) != _tensor.dtype)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor created = TensorData.Create<T>(values, shape, device);
                created = (type is { } wanted ? created.to(wanted) : created).DetachFromDisposeScope();
                _tensor?.Dispose();
                _tensor = created;
            }

            return _tensor;
        }
    }

    public void Dispose() => _tensor?.Dispose();

    // Device does not override Equals, so that two instances of one device are not equal.
    private static bool IsOn(Device actual, Device expected) => actual.type == expected.type && actual.index == expected.index;
}
