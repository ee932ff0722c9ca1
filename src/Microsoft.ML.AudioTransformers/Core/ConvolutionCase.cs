namespace Microsoft.ML.AudioTransformers.Core;

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
