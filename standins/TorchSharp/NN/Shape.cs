using TorchSharp.Modules;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Its input.</summary>
    public sealed class Identity : nn.Module<Tensor, Tensor>
    {
        internal Identity() : base(nameof(Identity))
        {
        }

        public override Tensor forward(Tensor tensor) => tensor.alias();
    }

    /// <summary>Makes one dimension of several in a row.</summary>
    public sealed class Flatten : nn.Module<Tensor, Tensor>
    {
        private readonly long _startDim;
        private readonly long _endDim;

        internal Flatten(long startDim, long endDim) : base(nameof(Flatten)) =>
            (_startDim, _endDim) = (startDim, endDim);

        public override Tensor forward(Tensor tensor) =>
            Call.One(NeuralOperators.flatten, tensor, _startDim, _endDim);
    }

    /// <summary>Makes several dimensions of one.</summary>
    public sealed class Unflatten : nn.Module<Tensor, Tensor>
    {
        private readonly long _dim;
        private readonly long[] _sizes;

        internal Unflatten(long dim, long[] sizes) : base(nameof(Unflatten)) => (_dim, _sizes) = (dim, sizes);

        public override Tensor forward(Tensor tensor) =>
            Call.One(NeuralOperators.unflatten, tensor, _dim, _sizes);
    }

    /// <summary>Resizes the spatial dimensions.</summary>
    public sealed class Upsample : nn.Module<Tensor, Tensor>
    {
        private readonly long[] _size;
        private readonly double[] _scaleFactor;

        internal Upsample(long[] size, double[] scaleFactor, UpsampleMode mode, bool? alignCorners)
            : base(nameof(Upsample))
        {
            _size = size;
            _scaleFactor = scaleFactor;
            this.mode = mode;
            align_corners = alignCorners;
        }

        public ReadOnlySpan<long> size => _size;

        public ReadOnlySpan<double> scale_factor => _scaleFactor;

        public UpsampleMode mode { get; }

        public bool? align_corners { get; }

        public override Tensor forward(Tensor tensor) => nn.functional.interpolate(
            tensor, _size, _scaleFactor, (InterpolationMode)mode, align_corners);
    }

    /// <summary>The patches of an image as columns.</summary>
    public sealed class Unfold : nn.Module<Tensor, Tensor>
    {
        private readonly (long, long) _kernel, _dilation, _padding, _stride;

        internal Unfold((long, long) kernel, (long, long)? dilation, (long, long)? padding, (long, long)? stride)
            : base(nameof(Unfold))
        {
            _kernel = kernel;
            _dilation = dilation ?? (1, 1);
            _padding = padding ?? (0, 0);
            _stride = stride ?? (1, 1);
        }

        public override Tensor forward(Tensor tensor) =>
            nn.functional.unfold(tensor, _kernel, _dilation, _padding, _stride);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Identity Identity() => new();

            public static Flatten Flatten(long startDim = 1, long endDim = -1) => new(startDim, endDim);

            public static Unflatten Unflatten(long dim, long[] unflattenedSize) => new(dim, unflattenedSize);

            public static Upsample Upsample(
                long[] size = null, double[] scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest,
                bool? align_corners = null) => new(size, scale_factor, mode, align_corners);

            public static Unfold Unfold(long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                new((kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

            public static Unfold Unfold(
                (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null,
                (long, long)? stride = null) => new(kernel_size, dilation, padding, stride);
        }
    }
}
