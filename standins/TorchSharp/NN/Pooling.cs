using TorchSharp.Modules;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class AvgPool1d : nn.Module<Tensor, Tensor>
    {
        private readonly PoolShape _shape;

        internal AvgPool1d(PoolShape shape) : base(nameof(AvgPool1d)) => _shape = shape;

        public override Tensor forward(Tensor tensor) => nn.functional.avg_pool1d(
            tensor, _shape.Kernel[0], _shape.Stride[0], _shape.Padding[0], _shape.CeilMode, _shape.CountPadding);
    }

    public sealed class AvgPool2d : nn.Module<Tensor, Tensor>
    {
        private readonly PoolShape _shape;

        internal AvgPool2d(PoolShape shape) : base(nameof(AvgPool2d)) => _shape = shape;

        public override Tensor forward(Tensor tensor) => Call.One(
            NeuralOperators.avg_pool2d, tensor, _shape.Kernel, _shape.Stride, _shape.Padding, _shape.CeilMode,
            _shape.CountPadding, _shape.Divisor);
    }

    public sealed class MaxPool1d : nn.Module<Tensor, Tensor>
    {
        private readonly PoolShape _shape;

        internal MaxPool1d(PoolShape shape) : base(nameof(MaxPool1d)) => _shape = shape;

        public override Tensor forward(Tensor tensor) => nn.functional.max_pool1d(
            tensor, _shape.Kernel[0], _shape.Stride[0], _shape.Padding[0], _shape.Dilation[0], _shape.CeilMode);

        public (Tensor Values, Tensor Indices) forward_with_indices(Tensor tensor) =>
            nn.functional.max_pool1d_with_indices(
                tensor, _shape.Kernel[0], _shape.Stride[0], _shape.Padding[0], _shape.Dilation[0], _shape.CeilMode);
    }

    public sealed class MaxPool2d : nn.Module<Tensor, Tensor>
    {
        private readonly PoolShape _shape;

        internal MaxPool2d(PoolShape shape) : base(nameof(MaxPool2d)) => _shape = shape;

        public override Tensor forward(Tensor tensor) => nn.functional.max_pool2d(
            tensor, _shape.Kernel, _shape.Stride, _shape.Padding, _shape.Dilation, _shape.CeilMode);

        public (Tensor Values, Tensor Indices) forward_with_indices(Tensor tensor) =>
            nn.functional.max_pool2d_with_indices(
                tensor, _shape.Kernel, _shape.Stride, _shape.Padding, _shape.Dilation, _shape.CeilMode);
    }

    public sealed class AdaptiveAvgPool1d : nn.Module<Tensor, Tensor>
    {
        private readonly long _outputSize;

        internal AdaptiveAvgPool1d(long outputSize) : base(nameof(AdaptiveAvgPool1d)) => _outputSize = outputSize;

        public override Tensor forward(Tensor tensor) => nn.functional.adaptive_avg_pool1d(tensor, _outputSize);
    }

    public sealed class AdaptiveAvgPool2d : nn.Module<Tensor, Tensor>
    {
        private readonly long[] _outputSize;

        internal AdaptiveAvgPool2d(long[] outputSize) : base(nameof(AdaptiveAvgPool2d)) => _outputSize = outputSize;

        public override Tensor forward(Tensor tensor) => nn.functional.adaptive_avg_pool2d(tensor, _outputSize);
    }

    /// <summary>What a pooling is told, one number for each spatial dimension; it strides by the kernel if not told
    /// otherwise.</summary>
    internal sealed record PoolShape(
        long[] Kernel, long[] Stride, long[] Padding, long[] Dilation, bool CeilMode, bool CountPadding = true,
        long? Divisor = null)
    {
        internal static PoolShape Square(
            long kernel, long? stride, long? padding, long? dilation, bool ceilMode, bool countPadding = true,
            long? divisor = null) =>
            new(
                [kernel, kernel], [stride ?? kernel, stride ?? kernel], [padding ?? 0, padding ?? 0],
                [dilation ?? 1, dilation ?? 1], ceilMode, countPadding, divisor);

        internal static PoolShape Oblong(
            (long, long) kernel, (long, long)? stride, (long, long)? padding, (long, long)? dilation, bool ceilMode,
            bool countPadding = true, long? divisor = null) =>
            new(
                Pair(kernel), Pair(stride ?? kernel), Pair(padding ?? (0, 0)), Pair(dilation ?? (1, 1)), ceilMode,
                countPadding, divisor);

        private static long[] Pair((long, long) values) => [values.Item1, values.Item2];
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static AvgPool1d AvgPool1d(
                long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null) =>
                new(PoolShape.Square(kernel_size, stride, padding, 1, ceil_mode, count_include_pad, divisor_override));

            public static AvgPool2d AvgPool2d(
                long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null) =>
                new(PoolShape.Square(kernel_size, stride, padding, 1, ceil_mode, count_include_pad, divisor_override));

            public static AvgPool2d AvgPool2d(
                (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null,
                bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                new(PoolShape.Oblong(
                    kernel_size, stride, padding, null, ceil_mode, count_include_pad, divisor_override));

            public static AvgPool2d AvgPool2d(
                long[] kernel_size, long[] strides = null, long[] padding = null, bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null) =>
                new(new PoolShape(
                    kernel_size, strides ?? kernel_size, padding ?? [0], [1], ceil_mode, count_include_pad,
                    divisor_override));

            public static MaxPool1d MaxPool1d(
                long kernelSize, long? stride = null, long? padding = null, long? dilation = null,
                bool ceilMode = false) =>
                new(PoolShape.Square(kernelSize, stride, padding, dilation, ceilMode));

            public static MaxPool2d MaxPool2d(
                long kernelSize, long? stride = null, long? padding = null, long? dilation = null,
                bool ceilMode = false) =>
                new(PoolShape.Square(kernelSize, stride, padding, dilation, ceilMode));

            public static MaxPool2d MaxPool2d(
                (long, long) kernelSize, (long, long)? stride = null, (long, long)? padding = null,
                (long, long)? dilation = null, bool ceilMode = false) =>
                new(PoolShape.Oblong(kernelSize, stride, padding, dilation, ceilMode));

            public static MaxPool2d MaxPool2d(
                long[] kernelSize, long[] strides = null, long[] padding = null, long[] dilation = null,
                bool ceilMode = false) =>
                new(new PoolShape(kernelSize, strides ?? kernelSize, padding ?? [0], dilation ?? [1], ceilMode));

            public static AdaptiveAvgPool1d AdaptiveAvgPool1d(long outputSize) => new(outputSize);

            public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long[] outputSize) => new(outputSize);

            public static AdaptiveAvgPool2d AdaptiveAvgPool2d((long, long) outputSize) =>
                new([outputSize.Item1, outputSize.Item2]);

            public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long outputSize) => new([outputSize, outputSize]);
        }
    }
}
