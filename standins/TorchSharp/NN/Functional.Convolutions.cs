using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor conv1d(
                Tensor input, Tensor weight, Tensor bias = null, long? stride = null, long? padding = null,
                long? dilation = null, long groups = 1) =>
                Call.One(
                    NeuralOperators.conv1d, input, weight, bias, new[] { stride ?? 1 }, new[] { padding ?? 0 },
                    new[] { dilation ?? 1 }, groups);

            public static Tensor conv2d(
                Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null,
                long[] dilation = null, long groups = 1) =>
                Call.One(
                    NeuralOperators.conv2d, input, weight, bias, strides ?? [1], padding ?? [0], dilation ?? [1],
                    groups);

            /// <summary>(N, C, H, W) to (N, C kH kW, L): the patches that a convolution would see, as columns.</summary>
            public static Tensor unfold(
                Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                unfold(input, Both(kernel_size), Both(dilation), Both(padding), Both(stride));

            public static Tensor unfold(
                Tensor input, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null,
                (long, long)? stride = null) =>
                Call.One(
                    NeuralOperators.im2col, input, Pair(kernel_size), Pair(dilation ?? (1, 1)),
                    Pair(padding ?? (0, 0)), Pair(stride ?? (1, 1)));

            /// <summary>(N, C kH kW, L) to (N, C, H, W): the sum of the patches in their places.</summary>
            public static Tensor fold(
                Tensor input, long output_size, long kernel_size, long dilation = 1, long padding = 0,
                long stride = 1) =>
                fold(input, Both(output_size), Both(kernel_size), Both(dilation), Both(padding), Both(stride));

            public static Tensor fold(
                Tensor input, (long, long) output_size, (long, long) kernel_size, (long, long)? dilation = null,
                (long, long)? padding = null, (long, long)? stride = null) =>
                Call.One(
                    NeuralOperators.col2im, input, Pair(output_size), Pair(kernel_size), Pair(dilation ?? (1, 1)),
                    Pair(padding ?? (0, 0)), Pair(stride ?? (1, 1)));

            private static (long, long) Both(long value) => (value, value);

            private static long[] Pair((long, long) values) => [values.Item1, values.Item2];
        }
    }
}
