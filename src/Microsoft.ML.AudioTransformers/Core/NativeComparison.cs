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

        int step = Step(shape, values.Length, compared);
        double[] all = [.. Enumerable.Range(0, (values.Length + step - 1) / step).Select(i => right(i * step))];

        // What is small in bfloat16 beside the rest of a result has the rounding of sums of that rest: the right gradient of
        // attention, computed in bfloat16, is within 2 % of a tenth of the largest element but for one, which is at 2.1 %.
        double least = IsFloat32 ? 1 : all.Max(Math.Abs) / 4;
        for (int i = 0; i < all.Length; i++)
        {
            (int place, double expected) = (i * step, all[i]);
            double tolerance = (IsFloat32 ? 1e-4 : 2e-2) * Math.Max(least, Math.Abs(expected));
            if (!(Math.Abs(values[place] - expected) <= tolerance))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"element {place} of ({string.Join(", ", shape)}) is {values[place]:R}; expected {expected:R}");
            }
        }

        return null;
    }

    /// <summary>
    /// Step through a result: one without a divisor in common with any of its sizes, so that it comes to each column in as
    /// many steps as there are columns. All rows and channels it comes to only where it is no longer than they are.
    /// </summary>
    private static int Step(long[] shape, int count, int compared)
    {
        int step = count <= compared ? 1 : count / compared;
        while (shape.Any(size => Divisor(size, step) > 1))
        {
            step++;
        }

        return step;

        static long Divisor(long a, long b) => b == 0 ? a : Divisor(b, a % b);
    }

    /// <summary>The same of a gradient, for the message.</summary>
    public string? FindGradient(string of, Tensor leaf, Func<int, double> right, int compared = Compared) =>
        Find(leaf.grad, leaf.shape, right, compared) is { } wrong ? $"gradient of the {of}, {wrong}" : null;
}
