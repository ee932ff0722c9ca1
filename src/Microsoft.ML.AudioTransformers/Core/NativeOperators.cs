using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Kind of an operator of LibTorch that models use.</summary>
internal enum NativeOperator
{
    /// <summary>Linear layer.</summary>
    Linear,

    /// <summary>Batched matrix product.</summary>
    MatrixProduct,

    /// <summary>Fused attention.</summary>
    Attention,

    /// <summary>Layer normalization.</summary>
    LayerNorm,

    /// <summary>Bilinear samples of a map.</summary>
    GridSample,

    /// <summary>Convolution over maps whose channels lie last, forward and backward.</summary>
    Convolution,

    /// <summary>The same, of a channel each.</summary>
    DepthwiseConvolution,
}

/// <summary>
/// Operators of LibTorch in the layouts in which models use them; a test puts a wrong one in its place.
/// </summary>
internal class NativeOperators
{
    /// <summary>Linear layer, (N, in) to (N, out).</summary>
    public virtual Tensor Linear(Tensor input, Tensor weight, Tensor bias) => nn.functional.linear(input, weight, bias);

    /// <summary>Matrix product, (B, n, k) and (B, k, m) to (B, n, m).</summary>
    public virtual Tensor MatrixProduct(Tensor left, Tensor right) => left.bmm(right);

    /// <summary>Attention, (B, heads, tokens, width) each.</summary>
    public virtual Tensor Attention(Tensor query, Tensor key, Tensor value) =>
        nn.functional.scaled_dot_product_attention(query, key, value);

    /// <summary>Layer normalization over the last dimension, of (N, width).</summary>
    public virtual Tensor LayerNorm(Tensor input, Tensor weight, Tensor bias) =>
        nn.functional.layer_norm(input, [input.shape[1]], weight, bias);

    /// <summary>Bilinear samples of maps (B, C, H, W) at points (B, h, w, 2) of -1 to 1, x and y; zero outside.</summary>
    public virtual Tensor GridSample(Tensor maps, Tensor points) =>
        nn.functional.grid_sample(maps, points, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, true);

    /// <summary>Convolution of maps (B, in, H, W) whose channels lie last in memory, to (B, out, H', W').</summary>
#pragma warning disable RS0030 // What Models/Layers/Convolution2d.cs calls, in its layout, to be compared.
    public virtual Tensor Convolution(Tensor maps, Tensor kernels, int stride, int padding, int groups) =>
        nn.functional.conv2d(maps, kernels, null!, [stride, stride], [padding, padding], [1, 1], groups);
#pragma warning restore RS0030
}

/// <summary>The same operators in float64, element by element; elements are in row-major order.</summary>
internal static class ManagedOperators
{
    /// <summary>Element of a matrix product of (n, k) and (m, k), both by rows.</summary>
    public static double Product(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }

        return sum;
    }

    /// <summary>Output of attention for one query (width), over keys and values (tokens, width).</summary>
    public static double[] Attention(ReadOnlySpan<float> query, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        int width = query.Length;
        var weights = new double[keys.Length / width];
        for (int token = 0; token < weights.Length; token++)
        {
            weights[token] = Math.Exp(Product(query, keys.Slice(token * width, width)) / Math.Sqrt(width));
        }

        double total = weights.Sum();
        var mixed = new double[width];
        for (int i = 0; i < values.Length; i++)
        {
            mixed[i % width] += weights[i / width] / total * values[i];
        }

        return mixed;
    }

    /// <summary>Layer normalization of a row, with LibTorch's epsilon of 1e-5.</summary>
    public static double[] LayerNorm(ReadOnlySpan<float> row, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias)
    {
        double mean = 0;
        double square = 0;
        foreach (float value in row)
        {
            mean += value / (double)row.Length;
            square += (double)value * value / row.Length;
        }

        double scale = 1 / Math.Sqrt(square - (mean * mean) + 1e-5);
        var normalized = new double[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            normalized[i] = ((row[i] - mean) * scale * weight[i]) + bias[i];
        }

        return normalized;
    }

    /// <summary>Bilinear sample of a map (height, width) at a point in pixels; zero outside.</summary>
    public static double Sample(ReadOnlySpan<float> map, int width, double x, double y)
    {
        int height = map.Length / width;
        (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        double sum = 0;
        for (int row = top; row <= top + 1; row++)
        {
            for (int column = left; column <= left + 1; column++)
            {
                if (row >= 0 && row < height && column >= 0 && column < width)
                {
                    sum += map[(row * width) + column] * (1 - Math.Abs(x - column)) * (1 - Math.Abs(y - row));
                }
            }
        }

        return sum;
    }
}

/// <summary>Sizes of a convolution with a square kernel, and its elements and gradients in float64, one by one.</summary>
/// <param name="Batch">Maps.</param>
/// <param name="Inputs">Channels of the input.</param>
/// <param name="Outputs">Channels of the output; as many as inputs where it is depthwise.</param>
/// <param name="Height">Rows of the input.</param>
/// <param name="Width">Columns of the input.</param>
/// <param name="Kernel">Rows and columns of the kernel.</param>
/// <param name="Stride">Stride.</param>
/// <param name="Padding">Padding with zeros.</param>
/// <param name="IsDepthwise">Whether an output sees the input of its own number alone.</param>
internal sealed record ConvolutionCase(
    int Batch, int Inputs, int Outputs, int Height, int Width, int Kernel, int Stride, int Padding, bool IsDepthwise = false)
{
    public int Rows => ((Height + (2 * Padding) - Kernel) / Stride) + 1;

    public int Columns => ((Width + (2 * Padding) - Kernel) / Stride) + 1;

    public long[] InputShape => [Batch, Inputs, Height, Width];

    public long[] KernelShape => [Outputs, IsDepthwise ? 1 : Inputs, Kernel, Kernel];

    public long[] OutputShape => [Batch, Outputs, Rows, Columns];

    /// <summary>Element of the output.</summary>
    public double Forward(float[] input, float[] kernels, int place)
    {
        (int batch, int output, int row, int column) = Place(place, Outputs, Rows, Columns);
        double sum = 0;
        (int first, int last) = ChannelsOf(output, Inputs);
        for (int channel = first; channel <= last; channel++)
        {
            for (int k = 0; k < Kernel * Kernel; k++)
            {
                (int y, int x) = ((row * Stride) - Padding + (k / Kernel), (column * Stride) - Padding + (k % Kernel));
                sum += At(input, batch, channel, y, x, Inputs, Height, Width) * Weight(kernels, output, channel, k);
            }
        }

        return sum;
    }

    /// <summary>Element of the gradient of the input, of the gradient of the output.</summary>
    public double InputGradient(float[] gradient, float[] kernels, int place)
    {
        (int batch, int channel, int row, int column) = Place(place, Inputs, Height, Width);
        double sum = 0;
        (int first, int last) = ChannelsOf(channel, Outputs);
        for (int output = first; output <= last; output++)
        {
            for (int k = 0; k < Kernel * Kernel; k++)
            {
                (int y, int x) = (row + Padding - (k / Kernel), column + Padding - (k % Kernel));
                if (y % Stride == 0 && x % Stride == 0)
                {
                    sum += At(gradient, batch, output, y / Stride, x / Stride, Outputs, Rows, Columns)
                        * Weight(kernels, output, channel, k);
                }
            }
        }

        return sum;
    }

    /// <summary>Element of the gradient of the kernels.</summary>
    public double KernelGradient(float[] input, float[] gradient, int place)
    {
        int channels = IsDepthwise ? 1 : Inputs;
        int k = place % (Kernel * Kernel);
        int output = place / (Kernel * Kernel) / channels;
        int channel = IsDepthwise ? output : place / (Kernel * Kernel) % channels;
        double sum = 0;
        for (int i = 0; i < Batch * Rows * Columns; i++)
        {
            (int batch, int row, int column) = (i / (Rows * Columns), i / Columns % Rows, i % Columns);
            (int y, int x) = ((row * Stride) - Padding + (k / Kernel), (column * Stride) - Padding + (k % Kernel));
            sum += At(input, batch, channel, y, x, Inputs, Height, Width)
                * At(gradient, batch, output, row, column, Outputs, Rows, Columns);
        }

        return sum;
    }

    private (int First, int Last) ChannelsOf(int channel, int all) => IsDepthwise ? (channel, channel) : (0, all - 1);

    private double Weight(float[] kernels, int output, int channel, int k) =>
        kernels[((IsDepthwise ? output : (output * Inputs) + channel) * Kernel * Kernel) + k];

    private static double At(float[] maps, int batch, int channel, int y, int x, int channels, int height, int width) =>
        y >= 0 && y < height && x >= 0 && x < width
            ? maps[(((((batch * channels) + channel) * height) + y) * width) + x]
            : 0;

    private static (int Batch, int Channel, int Row, int Column) Place(int place, int channels, int height, int width) => (
        place / width / height / channels, place / width / height % channels, place / width % height, place % width);
}
