using TorchSharp;
using static Microsoft.ML.AudioTransformers.Core.ManagedOperators;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>The operators of <see cref="NativeSelfTest"/>, each with what it has to give. A test says what is wrong.</summary>
/// <param name="operators">Operators.</param>
/// <param name="compare">Device and precision.</param>
internal sealed class NativeOperatorChecks(NativeOperators operators, NativeComparison compare)
{
    // Elements of the gradients of kernels that are compared, each of which is a sum over all places.
    private const int KernelsCompared = 64;

    // Those that some processor computed wrong in another layout: channels that are no multiple of 16, batches above 1; and
    // more than 20,480 elements, from which on ATen hands even one map to oneDNN.
    private static readonly ConvolutionCase[] s_dense = [new(2, 17, 24, 24, 28, 3, 1, 1), new(1, 33, 18, 26, 26, 3, 2, 1)];

    private static readonly ConvolutionCase[] s_depthwise =
        [new(2, 17, 17, 9, 11, 3, 1, 1, IsDepthwise: true), new(2, 32, 32, 16, 16, 5, 4, 2, IsDepthwise: true)];

    /// <summary>
    /// The tests of the device and the precision, and whether models have another form of the operator. Attention with a
    /// bias is for processors, as scripts are, which are tested when they are first called.
    /// </summary>
    public IEnumerable<(NativeOperator Kind, bool HasOtherForm, Func<string?> Test)> All
    {
        get
        {
            var attention = new NativeAttentionChecks(operators, compare);
            yield return (NativeOperator.Linear, false, Linear);
            yield return (NativeOperator.MatrixProduct, false, MatrixProduct);
            yield return (NativeOperator.Attention, false, attention.Attention);
            yield return (NativeOperator.Softmax, false, Softmax);
            yield return (NativeOperator.Gelu, false, Gelu);
            yield return (NativeOperator.LayerNorm, false, LayerNorm);
            yield return (NativeOperator.Pooling, false, Pooling);
            yield return (NativeOperator.Reduction, false, Reduction);
            yield return (NativeOperator.Function, false, Function);
            yield return (NativeOperator.Convolution, true, () => Convolutions(s_dense));
            yield return (NativeOperator.DepthwiseConvolution, true, () => Convolutions(s_depthwise));
            if (compare.Device.type == DeviceType.CPU)
            {
                yield return (NativeOperator.BiasedAttention, false, attention.BiasedAttention);
            }

            // Front ends, normalizations of features and positions on maps are never in bfloat16.
            if (compare.IsFloat32)
            {
                yield return (NativeOperator.BatchNorm, false, BatchNorm);
                yield return (NativeOperator.GridSample, false, GridSample);
                yield return (NativeOperator.Interpolation, false, Interpolation);
                yield return (NativeOperator.Fourier, false, Fourier);
            }
        }
    }

    /// <summary>Whole numbers of -3 to 3, which follow from a seed.</summary>
    public static float[] Numbers(int count, int seed)
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

    private string? Linear() => Linear(7, 33, 19) ?? Linear(40, 96, 48);

    private string? Linear(int rows, int inputs, int outputs)
    {
        (float[] x, float[] w) = (Numbers(rows * inputs, 1), Numbers(outputs * inputs, 2));
        (float[] b, float[] g) = (Numbers(outputs, 3), Numbers(rows * outputs, 17));
        (Tensor input, Tensor weight, Tensor bias) =
            (compare.Leaf(x, rows, inputs), compare.Leaf(w, outputs, inputs), compare.Leaf(b, outputs));
        Tensor y = operators.Linear(input, weight, bias);
        y.backward([compare.Tensor(g, rows, outputs)]);
        return compare.Find(y, [rows, outputs], place => b[place % outputs] + Product(
                x.AsSpan(place / outputs * inputs, inputs), w.AsSpan(place % outputs * inputs, inputs)))
            ?? compare.FindGradient("input", input, place => Enumerable.Range(0, outputs).Sum(
                output => (double)g[(place / inputs * outputs) + output] * w[(output * inputs) + (place % inputs)]))
            ?? compare.FindGradient("weights", weight, place => Enumerable.Range(0, rows).Sum(
                row => (double)g[(row * outputs) + (place / inputs)] * x[(row * inputs) + (place % inputs)]))
            ?? compare.FindGradient("bias", bias, place => Enumerable.Range(0, rows).Sum(
                row => (double)g[(row * outputs) + place]));
    }

    private string? MatrixProduct()
    {
        const int batch = 3;
        const int rows = 17;
        const int inner = 33;
        const int columns = 19;
        (float[] x, float[] y) = (Numbers(batch * rows * inner, 4), Numbers(batch * columns * inner, 5));
        Tensor products = operators.MatrixProduct(
            compare.Tensor(x, batch, rows, inner), compare.Tensor(y, batch, columns, inner).transpose(1, 2));
        return compare.Find(products, [batch, rows, columns], place => Product(
            x.AsSpan(place / columns * inner, inner),
            y.AsSpan(((place / columns / rows * columns) + (place % columns)) * inner, inner)));
    }

    private string? Softmax()
    {
        const int width = 37;
        (float[] x, float[] g) = (Numbers(7 * width, 18), Numbers(7 * width, 19));
        Tensor input = compare.Leaf(x, 7, width);
        Tensor y = operators.Softmax(input);
        y.backward([compare.Tensor(g, 7, width)]);
        double[][] rows = [.. x.Chunk(width).Select(row => ManagedOperators.Softmax([.. row]))];
        double[][] gradients = [.. g.Chunk(width).Select((row, i) => SoftmaxGradient(rows[i], [.. row]))];
        return compare.Find(y, [7, width], place => rows[place / width][place % width])
            ?? compare.FindGradient("input", input, place => gradients[place / width][place % width]);
    }

    private string? Gelu()
    {
        (float[] x, float[] g) = (Numbers(7 * 37, 20), Numbers(7 * 37, 21));
        Tensor input = compare.Leaf(x, 7, 37);
        Tensor y = operators.Gelu(input);
        y.backward([compare.Tensor(g, 7, 37)]);
        return compare.Find(y, [7, 37], place => ManagedOperators.Gelu(x[place]))
            ?? compare.FindGradient("input", input, place => g[place] * GeluSlope(x[place]));
    }

    private string? LayerNorm()
    {
        const int width = 37;
        (float[] x, float[] g) = (Numbers(5 * width, 9), Numbers(5 * width, 22));
        (float[] w, float[] b) = (Numbers(width, 10), Numbers(width, 11));
        Tensor input = compare.Leaf(x, 5, width);
        (Tensor weight, Tensor bias) = (compare.Leaf(w, width), compare.Leaf(b, width));
        Tensor y = operators.LayerNorm(input, weight, bias);
        y.backward([compare.Tensor(g, 5, width)]);
        (double[] Values, double Scale)[] rows = [.. x.Chunk(width).Select(row => Normalized([.. row]))];
        double[][] gradients =
        [
            .. rows.Zip(g.Chunk(width), (row, of) => NormalizedGradient(
                row, [.. of.Zip(w, (value, factor) => (double)value * factor)])),
        ];
        string? wrong = compare.Find(y, [5, width], place =>
                ManagedOperators.LayerNorm(x.AsSpan(place / width * width, width), w, b)[place % width])
            ?? compare.FindGradient("input", input, place => gradients[place / width][place % width]);

        // In bfloat16, each term of the others' sums is rounded; models train normalizations in float32.
        return wrong is not null || !compare.IsFloat32 ? wrong
            : compare.FindGradient("weights", weight, place => rows.Select(
                (row, i) => row.Values[place] * g[(i * width) + place]).Sum())
            ?? compare.FindGradient("bias", bias, place => Enumerable.Range(0, 5).Sum(i => (double)g[(i * width) + place]));
    }

    /// <summary>In the layout of features, whose channels are the last of (B, 1, T, C).</summary>
    private string? BatchNorm()
    {
        const int channels = 9;
        const int frames = 14;
        float[] x = Numbers(2 * frames * channels, 23);
        (float[] w, float[] b, float[] mean) = (Numbers(channels, 24), Numbers(channels, 25), Numbers(channels, 26));
        float[] variance = Array.ConvertAll(Numbers(channels, 27), number => number + 4);
        (double[] Values, double Scale)[] normalized =
        [
            .. Enumerable.Range(0, channels).Select(channel => Normalized(
                [.. Enumerable.Range(0, 2 * frames).Select(i => (double)x[(i * channels) + channel])])),
        ];
        return Of(training: false, (channel, place) =>
                (x[(place * channels) + channel] - mean[channel]) / Math.Sqrt(variance[channel] + 1e-5))
            ?? Of(training: true, (channel, place) => normalized[channel].Values[place]);

        string? Of(bool training, Func<int, int, double> right) => compare.Find(
            operators.BatchNorm(
                compare.Tensor(x, 2, 1, frames, channels).transpose(1, 3), compare.Tensor(mean, channels),
                compare.Tensor(variance, channels), compare.Tensor(w, channels), compare.Tensor(b, channels), training),
            [2, channels, frames, 1],
            place =>
            {
                (int batch, int channel, int frame) =
                    (place / frames / channels, place / frames % channels, place % frames);
                return (right(channel, (batch * frames) + frame) * w[channel]) + b[channel];
            });
    }

    private string? GridSample()
    {
        const int height = 5;
        const int width = 9;
        const int points = 12;
        float[] maps = Numbers(3 * height * width, 12);
        float[] places = [.. Numbers(points * 2, 13).Select(number => number * 0.375f)];
        float[] g = Numbers(3 * points, 28);
        Tensor input = compare.Leaf(maps, 1, 3, height, width);
        Tensor sampled = operators.GridSample(input, compare.Tensor(places, 1, 1, points, 2));
        sampled.backward([compare.Tensor(g, 1, 3, 1, points)]);
        return compare.Find(sampled, [1, 3, 1, points], place => Sample(
                maps.AsSpan(place / points * height * width, height * width), width, X(place % points), Y(place % points)))
            ?? compare.FindGradient("maps", input, place =>
            {
                // A point takes from a place what it would of a map with 1 there and 0 elsewhere.
                var only = new float[height * width];
                only[place % only.Length] = 1;
                return Enumerable.Range(0, points).Sum(
                    point => g[(place / only.Length * points) + point] * Sample(only, width, X(point), Y(point)));
            });

        double X(int point) => (places[point * 2] + 1) / 2 * (width - 1);
        double Y(int point) => (places[(point * 2) + 1] + 1) / 2 * (height - 1);
    }

    /// <summary>Of images in float64, whose corners are aligned, and of weights in float32, whose are not.</summary>
    private string? Interpolation() => Interpolation(InterpolationMode.Bicubic, ScalarType.Float64, areAligned: true)
        ?? Interpolation(InterpolationMode.Bicubic, ScalarType.Float32, areAligned: false)
        ?? Interpolation(InterpolationMode.Bilinear, ScalarType.Float32, areAligned: false);

    private string? Interpolation(InterpolationMode mode, ScalarType type, bool areAligned)
    {
        (int height, int width, int rows, int columns) = (5, 7, 8, 16);
        float[] maps = Numbers(2 * height * width, 29);
        Tensor resized = operators.Interpolation(
            compare.Tensor(maps, 1, 2, height, width).to(type), rows, columns, mode, areAligned);
        bool isCubic = mode == InterpolationMode.Bicubic;
        return compare.Find(resized, [1, 2, rows, columns], place => Resized(
            maps.AsSpan(place / (rows * columns) * height * width, height * width), width,
            Source(place / columns % rows, rows, height), Source(place % columns, columns, width), isCubic));

        double Source(int place, int count, int of) => areAligned
            ? place * (of - 1.0) / (count - 1)
            : isCubic ? ((place + 0.5) * of / count) - 0.5
            : Math.Max(0, ((place + 0.5) * of / count) - 0.5);
    }

    private string? Pooling()
    {
        (int height, int width, int rows, int columns) = (7, 11, 3, 4);
        float[] maps = Numbers(3 * height * width, 30);
        Tensor pooled = operators.Pooling(compare.Tensor(maps, 1, 3, height, width), rows, columns);
        return compare.Find(pooled, [1, 3, rows, columns], place =>
        {
            (int row, int column) = (place / columns % rows, place % columns);
            int map = place / columns / rows * height * width;
            return (
                from y in Part(row, rows, height)
                from x in Part(column, columns, width)
                select (double)maps[map + (y * width) + x]).Average();
        });

        static IEnumerable<int> Part(int place, int count, int of)
        {
            int first = place * of / count;
            return Enumerable.Range(first, (((place + 1) * of) + count - 1) / count - first);
        }
    }

    private string? Fourier()
    {
        const int length = 50;
        const int padded = 64;
        float[] rows = Numbers(3 * length, 31);
        return new[] { ScalarType.Float32, ScalarType.Float64 }
            .Select(type => compare.Find(
                operators.Fourier(compare.Tensor(rows, 3, length).to(type), padded), [3, (padded / 2) + 1, 2],
                place =>
                {
                    (int row, int bin, bool isReal) = (place / 2 / ((padded / 2) + 1), place / 2 % ((padded / 2) + 1), place % 2 == 0);
                    return Enumerable.Range(0, length).Sum(i =>
                    {
                        (double sine, double cosine) = Math.SinCos(-2 * Math.PI * bin * i / padded);
                        return rows[(row * length) + i] * (isReal ? cosine : sine);
                    });
                }))
            .FirstOrDefault(found => found is not null);
    }

    private string? Reduction()
    {
        const int width = 130;
        float[][] rows = [.. Numbers(7 * width, 32).Chunk(width)];
        return compare.Find(
            operators.Reduction(compare.Tensor([.. rows.SelectMany(row => row)], 7, width)), [4, 7],
            place => (place / 7) switch
            {
                0 => rows[place % 7].Sum(),
                1 => rows[place % 7].Average(),
                2 => rows[place % 7].Max(),
                _ => rows[place % 7].Min(),
            });
    }

    private string? Function()
    {
        const int width = 37;
        float[][] rows = [.. Numbers(5 * width, 33).Chunk(width)];
        double[] totals = [.. rows.Select(row => Math.Log(row.Sum(value => Math.Exp(value))))];
        return compare.Find(
            operators.Function(compare.Tensor([.. rows.SelectMany(row => row)], 5, width)), [5, 5, width],
            place =>
            {
                (int function, int row) = (place / width / 5, place / width % 5);
                double x = rows[row][place % width];
                return function switch
                {
                    0 => 1 / (1 + Math.Exp(-x)),
                    1 => Math.Tanh(x),
                    2 => Math.Log(x + 4),
                    3 => Math.Log2(x + 4),
                    _ => x - totals[row],
                };
            });
    }

    private string? Convolutions(IEnumerable<ConvolutionCase> cases)
    {
        foreach (ConvolutionCase one in cases)
        {
            // Models convolve depthwise in bfloat16 at a stride of 1 only.
            if (one is not { IsDepthwise: true, Stride: > 1 } || compare.IsFloat32)
            {
                if (Convolution(one) is { } found)
                {
                    return $"{one}: {found}";
                }
            }
        }

        return null;
    }

    private string? Convolution(ConvolutionCase one)
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
}
