using System.Collections.Concurrent;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Self-test of the native library: each kind of operator that models use, in each precision and layout in which they use
/// it, at sizes that some processor got wrong, against arithmetic in float64. It takes some milliseconds at the first use of
/// a device in a process, and its results are kept.
/// </summary>
/// <remarks>
/// Inputs are small whole numbers, whose products and sums are exact in float32, TensorFloat-32 and, but for the last
/// rounding, bfloat16. Where convolutions are wrong, <see cref="Models"/>' own form of them, by matrix products, is taken;
/// the other operators have none.
/// </remarks>
/// <param name="operators">The operators.</param>
internal sealed class NativeSelfTest(NativeOperators operators)
{
    // The elements that are compared of a large result, and of gradients of kernels, each of which is a sum over all places.
    private const int Compared = 256;
    private const int KernelsCompared = 64;

    // Those that some processor computed wrong in another layout: channels that are no multiple of 16, batches above 1; and
    // more than 20,480 elements, from which on ATen hands even one map to oneDNN.
    private static readonly ConvolutionCase[] s_dense = [new(2, 17, 24, 24, 28, 3, 1, 1), new(1, 33, 18, 26, 26, 3, 2, 1)];

    private static readonly ConvolutionCase[] s_depthwise =
        [new(2, 17, 17, 9, 11, 3, 1, 1, IsDepthwise: true), new(2, 32, 32, 16, 16, 5, 4, 2, IsDepthwise: true)];

    private readonly ConcurrentDictionary<(DeviceType, int Index, ScalarType), Lazy<Results>> _results = new();
    private volatile bool _isAnyWrong;

    /// <summary>The test of LibTorch's own operators.</summary>
    public static NativeSelfTest Default { get; } = new(new NativeOperators());

    /// <summary>
    /// Whether all operators that have no other form here are right, so that a device can be used in a precision.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="precision">Float32 or BFloat16.</param>
    public bool Passes(Device device, ScalarType precision) => Problem(device, precision) is null;

    /// <summary>What is wrong of the operators that have no other form here, a sentence; null where nothing is.</summary>
    /// <inheritdoc cref="Passes"/>
    public string? Problem(Device device, ScalarType precision) => Of(device, precision).Problem;

    /// <summary>Checks that a device computes float32 right.</summary>
    /// <param name="device">The device.</param>
    /// <exception cref="InvalidOperationException">It does not; the message says what to set.</exception>
    public void Check(Device device)
    {
        if (Problem(device, ScalarType.Float32) is { } problem)
        {
            throw new InvalidOperationException(problem + (device.type == DeviceType.CPU
                ? " Start the process with the environment variable ONEDNN_MAX_CPU_ISA=SSE41, with which oneDNN takes other "
                    + "code, or use another version of LibTorch."
                : " Use another version of LibTorch or of the driver, or the CPU."));
        }
    }

    /// <summary>
    /// Whether an operator is known to be wrong; false where the device has not been tested in the precision.
    /// </summary>
    /// <param name="kind">The operator.</param>
    /// <param name="input">Tensor of the device and the precision.</param>
    public bool IsKnownWrong(NativeOperator kind, Tensor input) => _isAnyWrong
        && _results.TryGetValue((input.device_type, Index(input.device), input.dtype), out Lazy<Results>? results)
        && results.Value.Wrong.Contains(kind);

    private static int Index(Device device) => device.type == DeviceType.CPU ? 0 : Math.Max(device.index, 0);

    private Results Of(Device device, ScalarType precision)
    {
        (DeviceType, int, ScalarType) key = (device.type, Index(device), precision);
        Lazy<Results> results = _results.GetOrAdd(key, _ => new Lazy<Results>(() => Run(device, precision)));
        try
        {
            return results.Value;
        }
        catch
        {
            // A device that had no memory to spare is tested again at its next use.
            _results.TryRemove(KeyValuePair.Create(key, results));
            throw;
        }
    }

    private Results Run(Device device, ScalarType precision)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        List<string> problems = [];
        HashSet<NativeOperator> wrong = [];
        (NativeOperator Kind, bool HasOtherForm, Func<Comparison, string?> Test)[] tests =
        [
            (NativeOperator.Linear, false, Linear),
            (NativeOperator.MatrixProduct, false, MatrixProduct),
            (NativeOperator.Attention, false, Attention),
            (NativeOperator.LayerNorm, false, LayerNorm),
            (NativeOperator.GridSample, false, GridSample),
            (NativeOperator.Convolution, true, compare => Convolutions(compare, s_dense)),
            (NativeOperator.DepthwiseConvolution, true, compare => Convolutions(compare, s_depthwise)),
        ];
        foreach ((NativeOperator kind, bool hasOtherForm, Func<Comparison, string?> test) in tests)
        {
            if (test(new Comparison(device, precision)) is not { } found)
            {
                continue;
            }

            wrong.Add(kind);
            _isAnyWrong = true;
            if (!hasOtherForm)
            {
                problems.Add($"{kind}: {found}");
            }
        }

        return new Results(wrong, problems.Count == 0
            ? null
            : $"LibTorch {__version__} computes wrong numbers in {precision} on {device} here "
                + $"({string.Join("; ", problems)}).");
    }

    private string? Linear(Comparison compare)
    {
        foreach ((int rows, int inputs, int outputs) in new[] { (7, 33, 19), (40, 96, 48) })
        {
            float[] x = Numbers(rows * inputs, 1);
            float[] w = Numbers(outputs * inputs, 2);
            float[] b = Numbers(outputs, 3);
            Tensor y = operators.Linear(
                compare.Tensor(x, rows, inputs), compare.Tensor(w, outputs, inputs), compare.Tensor(b, outputs));
            if (compare.Find(y, [rows, outputs], place => b[place % outputs] + ManagedOperators.Product(
                x.AsSpan(place / outputs * inputs, inputs), w.AsSpan(place % outputs * inputs, inputs))) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private string? MatrixProduct(Comparison compare)
    {
        const int batch = 3;
        const int rows = 17;
        const int inner = 33;
        const int columns = 19;
        (float[] x, float[] y) = (Numbers(batch * rows * inner, 4), Numbers(batch * columns * inner, 5));
        Tensor products = operators.MatrixProduct(
            compare.Tensor(x, batch, rows, inner), compare.Tensor(y, batch, columns, inner).transpose(1, 2));
        return compare.Find(products, [batch, rows, columns], place => ManagedOperators.Product(
            x.AsSpan(place / columns * inner, inner),
            y.AsSpan(((place / columns / rows * columns) + (place % columns)) * inner, inner)));
    }

    private string? Attention(Comparison compare)
    {
        const int heads = 3;
        const int tokens = 37;
        const int width = 16;
        float[][] parts = [.. Enumerable.Range(6, 3).Select(seed => Numbers(2 * heads * tokens * width, seed))];
        Tensor mixed = operators.Attention(
            compare.Tensor(parts[0], 2, heads, tokens, width), compare.Tensor(parts[1], 2, heads, tokens, width),
            compare.Tensor(parts[2], 2, heads, tokens, width));
        return compare.Find(mixed, [2, heads, tokens, width], place =>
        {
            int head = place / width / tokens * tokens * width;
            return ManagedOperators.Attention(
                parts[0].AsSpan(place / width * width, width), parts[1].AsSpan(head, tokens * width),
                parts[2].AsSpan(head, tokens * width))[place % width];
        });
    }

    private string? LayerNorm(Comparison compare)
    {
        const int width = 37;
        (float[] x, float[] w, float[] b) = (Numbers(5 * width, 9), Numbers(width, 10), Numbers(width, 11));
        Tensor y = operators.LayerNorm(compare.Tensor(x, 5, width), compare.Tensor(w, width), compare.Tensor(b, width));
        return compare.Find(y, [5, width], place =>
            ManagedOperators.LayerNorm(x.AsSpan(place / width * width, width), w, b)[place % width]);
    }

    /// <summary>Only in float32: positions need its digits, and models sample in no other type.</summary>
    private string? GridSample(Comparison compare)
    {
        if (compare.Precision != ScalarType.Float32)
        {
            return null;
        }

        const int height = 5;
        const int width = 9;
        const int points = 12;
        float[] maps = Numbers(3 * height * width, 12);
        float[] places = [.. Numbers(points * 2, 13).Select(number => number * 0.375f)];
        Tensor sampled = operators.GridSample(
            compare.Tensor(maps, 1, 3, height, width), compare.Tensor(places, 1, 1, points, 2));
        return compare.Find(sampled, [1, 3, 1, points], place => ManagedOperators.Sample(
            maps.AsSpan(place / points * height * width, height * width), width,
            (places[place % points * 2] + 1) / 2 * (width - 1), (places[(place % points * 2) + 1] + 1) / 2 * (height - 1)));
    }

    private string? Convolutions(Comparison compare, IEnumerable<ConvolutionCase> cases)
    {
        foreach (ConvolutionCase one in cases)
        {
            // Models convolve depthwise in bfloat16 at a stride of 1 only.
            if (one is not { IsDepthwise: true, Stride: > 1 } || compare.Precision == ScalarType.Float32)
            {
                if (Convolution(compare, one) is { } found)
                {
                    return $"{one}: {found}";
                }
            }
        }

        return null;
    }

    private string? Convolution(Comparison compare, ConvolutionCase one)
    {
        float[] x = Numbers((int)CountOf(one.InputShape), 14);
        float[] w = Numbers((int)CountOf(one.KernelShape), 15);
        float[] g = Numbers((int)CountOf(one.OutputShape), 16);
        Tensor input = compare.Tensor(x, one.InputShape).requires_grad_();
        Tensor kernels = compare.Tensor(w, one.KernelShape).requires_grad_();
        Tensor output = operators.Convolution(
            input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2), kernels, one.Stride, one.Padding,
            one.IsDepthwise ? one.Inputs : 1);
        if (compare.Find(output, one.OutputShape, place => one.Forward(x, w, place)) is { } wrong)
        {
            return wrong;
        }

        output.backward([compare.Tensor(g, one.OutputShape)]);
        return compare.Find(input.grad!, one.InputShape, place => one.InputGradient(g, w, place)) is { } inputs
            ? $"gradient of the input, {inputs}"
            : compare.Find(
                kernels.grad!, one.KernelShape, place => one.KernelGradient(x, g, place), KernelsCompared) is { } weights
                ? $"gradient of the kernels, {weights}"
                : null;
    }

    private static long CountOf(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whole numbers of -3 to 3, which follow from a seed.</summary>
    private static float[] Numbers(int count, int seed)
    {
        var numbers = new float[count];
        uint state = (uint)seed * 747796405u;
        for (int i = 0; i < count; i++)
        {
            state = (state * 1664525u) + 1013904223u;
            numbers[i] = (int)((state >> 16) % 7) - 3;
        }

        return numbers;
    }

    /// <summary>What a device is known to do wrong.</summary>
    private sealed record Results(IReadOnlySet<NativeOperator> Wrong, string? Problem);

    /// <summary>Tensors of a device and a precision, and comparison with right values.</summary>
    private sealed class Comparison(Device device, ScalarType precision)
    {
        public ScalarType Precision => precision;

        public Tensor Tensor(float[] values, params long[] shape) =>
            TensorData.Create<float>(values, shape, device).to(precision).detach();

        /// <summary>Finds the first wrong element, of all or of some that are spread over a large result.</summary>
        /// <returns>What is wrong; null where nothing is.</returns>
        public string? Find(Tensor result, long[] shape, Func<int, double> right, int compared = Compared)
        {
            if (!result.shape.SequenceEqual(shape))
            {
                return $"the shape is ({string.Join(", ", result.shape)}); expected ({string.Join(", ", shape)})";
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
    }
}
