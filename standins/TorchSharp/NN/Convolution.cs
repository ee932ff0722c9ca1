using TorchSharp.Modules;
using TorchSharp.Interop;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp
{
    public enum Padding
    {
        Valid = 0,
        Same = 1,
    }
}

namespace TorchSharp.Modules
{
    /// <summary>What the convolutions share: the checks, the padding, and the initialization.</summary>
    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        protected long input_channels;

        private protected readonly ConvolutionShape Shape;

        [ComponentName(Name = "weight")]
        private protected Parameter Weight;

        [ComponentName(Name = "bias")]
        private protected Parameter Bias;

        private protected Convolution(string name, long inChannels, long outChannels, ConvolutionShape shape)
            : base(name)
        {
            if (inChannels % shape.Groups != 0 || outChannels % shape.Groups != 0)
            {
                throw new ArgumentException(
                    $"{name}: {inChannels} input and {outChannels} output channels are not divisible into {shape.Groups} groups.");
            }
            if (shape.Same && shape.Stride.Any(step => step != 1))
            {
                throw new ArgumentException("padding='same' is not supported for strided convolutions");
            }
            input_channels = inChannels;
            Shape = shape;
            Weight = Parameter.OfNativeModule(empty([outChannels, inChannels / shape.Groups, .. shape.Kernel]));
            register_parameter("weight", Weight);
            if (shape.HasBias)
            {
                Bias = Parameter.OfNativeModule(empty([outChannels]));
                register_parameter("bias", Bias);
            }
            nn.init.FillLikeLinear(Weight, Bias);
        }

        protected bool ValidateShape(Tensor input, long dimensions) =>
            input.ndim == dimensions + 2 && input.shape[1] == input_channels ||
            input.ndim == dimensions + 1 && input.shape[0] == input_channels;

        private protected Tensor Convolve(Tensor input, Operator explicitly, Operator byName)
        {
            if (!ValidateShape(input, Shape.Kernel.Length))
            {
                throw new ArgumentException(
                    $"Expected {Shape.Kernel.Length + 1}D (unbatched) or {Shape.Kernel.Length + 2}D (batched) input " +
                    $"with {input_channels} channels to {GetName()}.");
            }
            if (Shape.Mode is not (PaddingModes.Zeros or PaddingModes.Constant))
            {
                using Tensor padded = nn.functional.pad(input, Shape.AroundInput(), Shape.Mode);
                return Call.One(
                    explicitly, padded, Weight, Bias, Shape.Stride, new[] { 0L }, Shape.Dilation, Shape.Groups);
            }
            return Shape.Same
                ? Call.One(byName, input, Weight, Bias, Shape.Stride, "same", Shape.Dilation, Shape.Groups)
                : Call.One(explicitly, input, Weight, Bias, Shape.Stride, Shape.Padding, Shape.Dilation, Shape.Groups);
        }
    }

    /// <summary>What a convolution is told, one number for each spatial dimension.</summary>
    internal sealed record ConvolutionShape(
        long[] Kernel, long[] Stride, long[] Padding, bool Same, long[] Dilation, PaddingModes Mode, long Groups,
        bool HasBias)
    {
        /// <summary>The padding before and after, from the last dimension on, as functional.pad takes it.</summary>
        internal long[] AroundInput()
        {
            List<long> around = [];
            for (int i = Kernel.Length - 1; i >= 0; i--)
            {
                long total = Same ? Dilation[i] * (Kernel[i] - 1) : 2 * Padding[i];
                around.Add(total / 2);
                around.Add(total - total / 2);
            }
            return [.. around];
        }
    }

    /// <summary>(N, C, L) to (N, C', L').</summary>
    public sealed class Conv1d : Convolution
    {
        internal Conv1d(long inChannels, long outChannels, ConvolutionShape shape)
            : base(nameof(Conv1d), inChannels, outChannels, shape)
        {
        }

        public Parameter? weight
        {
            get => Weight.Another();
            set => ReplaceParameter(nameof(weight), ref Weight, value);
        }

        public Parameter? bias
        {
            get => Bias?.Another();
            set => ReplaceParameter(nameof(bias), ref Bias, value);
        }

        public override Tensor forward(Tensor input) =>
            Convolve(input, NeuralOperators.conv1d, NeuralOperators.conv1d_padding);
    }

    /// <summary>(N, C, H, W) to (N, C', H', W').</summary>
    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long inChannels, long outChannels, ConvolutionShape shape)
            : base(nameof(Conv2d), inChannels, outChannels, shape)
        {
        }

        public Parameter? weight
        {
            get => Weight.Another();
            set => ReplaceParameter(nameof(weight), ref Weight, value);
        }

        public Parameter? bias
        {
            get => Bias?.Another();
            set => ReplaceParameter(nameof(bias), ref Bias, value);
        }

        public override Tensor forward(Tensor input) =>
            Convolve(input, NeuralOperators.conv2d, NeuralOperators.conv2d_padding);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Conv1d Conv1d(
                long in_channels, long out_channels, long kernelSize, long stride = 1, long padding = 0,
                long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new Conv1d(in_channels, out_channels, new ConvolutionShape(
                    [kernelSize], [stride], [padding], false, [dilation], padding_mode, groups, bias))
                .MoveModule<Conv1d>(device, dtype);

            public static Conv1d Conv1d(
                long in_channels, long out_channels, long kernelSize, Padding padding, long stride = 1,
                long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new Conv1d(in_channels, out_channels, new ConvolutionShape(
                    [kernelSize], [stride], [0], padding == Padding.Same, [dilation], padding_mode, groups, bias))
                .MoveModule<Conv1d>(device, dtype);

            public static Conv2d Conv2d(
                long in_channels, long out_channels, long kernelSize, long stride = 1, long padding = 0,
                long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                Conv2d(
                    in_channels, out_channels, (kernelSize, kernelSize), (stride, stride), (padding, padding),
                    (dilation, dilation), padding_mode, groups, bias, device, dtype);

            public static Conv2d Conv2d(
                long in_channels, long out_channels, (long, long) kernelSize, (long, long)? stride = null,
                (long, long)? padding = null, (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new Conv2d(in_channels, out_channels, new ConvolutionShape(
                    Numbers(kernelSize), Numbers(stride ?? (1, 1)), Numbers(padding ?? (0, 0)), false,
                    Numbers(dilation ?? (1, 1)), padding_mode, groups, bias))
                .MoveModule<Conv2d>(device, dtype);

            public static Conv2d Conv2d(
                long in_channels, long out_channels, long kernelSize, Padding padding, long stride = 1,
                long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                Conv2d(
                    in_channels, out_channels, (kernelSize, kernelSize), padding, (stride, stride),
                    (dilation, dilation), padding_mode, groups, bias, device, dtype);

            public static Conv2d Conv2d(
                long in_channels, long out_channels, (long, long) kernelSize, Padding padding,
                (long, long)? stride = null, (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new Conv2d(in_channels, out_channels, new ConvolutionShape(
                    Numbers(kernelSize), Numbers(stride ?? (1, 1)), [0, 0], padding == Padding.Same,
                    Numbers(dilation ?? (1, 1)), padding_mode, groups, bias))
                .MoveModule<Conv2d>(device, dtype);

            private static long[] Numbers((long, long) values) => [values.Item1, values.Item2];
        }
    }
}
