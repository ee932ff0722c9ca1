using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor avg_pool1d(
                Tensor input, long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false,
                bool count_include_pad = true) =>
                Call.One(
                    NeuralOperators.avg_pool1d, input, new[] { kernel_size }, new[] { stride ?? kernel_size },
                    new[] { padding ?? 0 }, ceil_mode, count_include_pad);

            // Unlike its siblings, this one strides by 1 if not told otherwise, as in the package.
            public static Tensor avg_pool2d(
                Tensor input, long[] kernelSizes, long[] strides = null, long[] paddings = null,
                bool ceil_mode = false, bool count_include_pad = true) =>
                Call.One(
                    NeuralOperators.avg_pool2d, input, kernelSizes, strides ?? [1], paddings ?? [0], ceil_mode,
                    count_include_pad);

            public static Tensor avg_pool2d(
                Tensor input, long kernelSize, long? stride = null, long padding = 0, bool ceil_mode = false,
                bool count_include_pad = true) =>
                avg_pool2d(
                    input, Both(kernelSize), Both(stride ?? kernelSize), Both(padding), ceil_mode, count_include_pad);

            public static Tensor avg_pool2d(
                Tensor input, (long, long) kernelSize, (long, long)? stride = null, (long, long)? padding = null,
                bool ceil_mode = false, bool count_include_pad = true) =>
                avg_pool2d(
                    input, Pair(kernelSize), Pair(stride ?? kernelSize), Pair(padding ?? (0, 0)), ceil_mode,
                    count_include_pad);

            public static Tensor max_pool1d(
                Tensor input, long kernelSize, long? stride = null, long? padding = null, long? dilation = null,
                bool ceil_mode = false) =>
                Call.One(
                    NeuralOperators.max_pool1d, input, new[] { kernelSize }, new[] { stride ?? kernelSize },
                    new[] { padding ?? 0 }, new[] { dilation ?? 1 }, ceil_mode);

            public static (Tensor output, Tensor indices) max_pool1d_with_indices(
                Tensor input, long kernelSize, long? stride = null, long? padding = null, long? dilation = null,
                bool ceil_mode = false) =>
                Call.Two(
                    NeuralOperators.max_pool1d_with_indices, input, new[] { kernelSize },
                    new[] { stride ?? kernelSize }, new[] { padding ?? 0 }, new[] { dilation ?? 1 }, ceil_mode);

            public static Tensor max_pool2d(
                Tensor input, long[] kernelSize, long[] strides = null, long[] padding = null, long[] dilation = null,
                bool ceil_mode = false) =>
                Call.One(
                    NeuralOperators.max_pool2d, input, kernelSize, strides ?? kernelSize, padding ?? [0],
                    dilation ?? [1], ceil_mode);

            public static Tensor max_pool2d(
                Tensor input, long kernelSize, long? stride = null, long? padding = null, long? dilation = null,
                bool ceil_mode = false) =>
                max_pool2d(
                    input, Both(kernelSize), Both(stride ?? kernelSize), Both(padding ?? 0), Both(dilation ?? 1),
                    ceil_mode);

            public static Tensor max_pool2d(
                Tensor input, (long, long) kernelSize, (long, long)? stride = null, (long, long)? padding = null,
                (long, long)? dilation = null, bool ceil_mode = false) =>
                max_pool2d(
                    input, Pair(kernelSize), Pair(stride ?? kernelSize), Pair(padding ?? (0, 0)),
                    Pair(dilation ?? (1, 1)), ceil_mode);

            public static (Tensor output, Tensor indices) max_pool2d_with_indices(
                Tensor input, long[] kernelSize, long[] strides = null, long[] padding = null, long[] dilation = null,
                bool ceil_mode = false) =>
                Call.Two(
                    NeuralOperators.max_pool2d_with_indices, input, kernelSize, strides ?? kernelSize, padding ?? [0],
                    dilation ?? [1], ceil_mode);

            public static Tensor adaptive_avg_pool1d(Tensor input, long output_size) =>
                Call.One(NeuralOperators.adaptive_avg_pool1d, input, new[] { output_size });

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) =>
                Call.One(NeuralOperators.adaptive_avg_pool2d, input, output_size);

            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) =>
                adaptive_avg_pool2d(input, Pair(output_size));

            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) =>
                adaptive_avg_pool2d(input, Both(output_size));

            public static Tensor adaptive_max_pool1d(Tensor x, long outputSize) =>
                First(Call.Two(NeuralOperators.adaptive_max_pool1d, x, new[] { outputSize }));

            public static Tensor adaptive_max_pool2d(Tensor x, long[] outputSize) =>
                First(Call.Two(NeuralOperators.adaptive_max_pool2d, x, outputSize));

            private static Tensor First((Tensor Values, Tensor Indices) pooled)
            {
                pooled.Indices.Dispose();
                return pooled.Values;
            }
        }
    }
}
