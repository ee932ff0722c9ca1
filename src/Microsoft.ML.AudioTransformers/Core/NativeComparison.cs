using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Tensors of a device and a precision, and comparison with right values.</summary>
/// <param name="device">Device.</param>
/// <param name="precision">Float32 or BFloat16.</param>
internal sealed class NativeComparison(Device device, ScalarType precision)
{
    // The elements that are compared of a large result.
    private const int Compared = 256;

    /// <summary>Device of the tensors.</summary>
    public Device Device => device;

    /// <summary>Whether the precision is float32.</summary>
    public bool IsFloat32 => precision == ScalarType.Float32;

    /// <summary>Tensor of the precision.</summary>
    public Tensor Tensor(float[] values, params long[] shape) =>
        TensorData.Create<float>(values, shape, device).to(precision).detach();

    /// <summary>The same, whose gradient is wanted.</summary>
    public Tensor Leaf(float[] values, params long[] shape) => Tensor(values, shape).requires_grad_();

    /// <summary>Finds the first wrong element, of all or of some that are spread over a large result.</summary>
    /// <param name="result">Result; null is wrong.</param>
    /// <param name="shape">Its right shape.</param>
    /// <param name="right">The right element at a place, in row-major order.</param>
    /// <param name="compared">Elements of a large result. Default: 256.</param>
    /// <returns>What is wrong; null where nothing is.</returns>
    public string? Find(Tensor? result, long[] shape, Func<int, double> right, int compared = Compared)
    {
        if (result is null || !result.shape.SequenceEqual(shape))
        {
            return $"the shape is ({string.Join(", ", result?.shape ?? [])}); expected ({string.Join(", ", shape)})";
        }

        Tensor onCpu = result.detach().to(ScalarType.Float64).cpu().contiguous();
        ReadOnlySpan<double> values = TensorData.Read<double>(onCpu);

        // A step that shares no divisor with usual sizes meets every channel, row and column.
        int step = values.Length <= compared ? 1 : (values.Length / compared) | 1;
        for (int place = 0; place < values.Length; place += step)
        {
            double expected = right(place);
            double tolerance = (precision == ScalarType.Float32 ? 1e-4 : 2e-2) * Math.Max(1, Math.Abs(expected));
            if (!(Math.Abs(values[place] - expected) <= tolerance))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"element {place} of ({string.Join(", ", shape)}) is {values[place]:R}; expected {expected:R}");
            }
        }

        return null;
    }

    /// <summary>The same of a gradient, for the message.</summary>
    public string? FindGradient(string of, Tensor leaf, Func<int, double> right, int compared = Compared) =>
        Find(leaf.grad, leaf.shape, right, compared) is { } wrong ? $"gradient of the {of}, {wrong}" : null;
}
