using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Ba, Kiros and Hinton, "Layer normalization" (2016): over the last dimensions of each example.</summary>
    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        private readonly long[] _normalizedShape;
        private readonly double _eps;

        [ComponentName(Name = nameof(weight))]
        private Parameter _weight;

        [ComponentName(Name = nameof(bias))]
        private Parameter _bias;

        internal LayerNorm(
            long[] normalizedShape, double eps, bool elementwiseAffine, bool hasBias, Device device, ScalarType? dtype)
            : base(nameof(LayerNorm))
        {
            _normalizedShape = normalizedShape;
            _eps = eps;
            if (elementwiseAffine)
            {
                weight = new Parameter(ones(normalizedShape, dtype, device));
                if (hasBias)
                {
                    bias = new Parameter(zeros(normalizedShape, dtype, device));
                }
            }
        }

        public Parameter weight
        {
            get => _weight;
            set
            {
                ArgumentNullException.ThrowIfNull(value, nameof(weight));
                if (!ReferenceEquals(value, _weight))
                {
                    _weight?.Dispose();
                    _weight = (Parameter)value.DetachFromDisposeScope();
                    ConditionallyRegisterParameter(nameof(weight), _weight);
                }
            }
        }

        public Parameter? bias
        {
            get => _bias;
            set
            {
                _bias?.Dispose();
                _bias = (Parameter)value?.DetachFromDisposeScope();
                ConditionallyRegisterParameter(nameof(bias), _bias);
            }
        }

        public override Tensor forward(Tensor tensor) =>
            nn.functional.layer_norm(tensor, _normalizedShape, _weight, _bias, _eps);
    }

    /// <summary>Wu and He, "Group normalization" (2018): over the channels of each group of each example.</summary>
    public sealed class GroupNorm : nn.Module<Tensor, Tensor>
    {
        private readonly long _numGroups;
        private readonly double _eps;

        [ComponentName(Name = nameof(weight))]
        private Parameter _weight;

        [ComponentName(Name = nameof(bias))]
        private Parameter _bias;

        internal GroupNorm(long numGroups, long numChannels, double eps, bool affine) : base(nameof(GroupNorm))
        {
            _numGroups = numGroups;
            _eps = eps;
            if (affine)
            {
                _weight = Parameter.OfNativeModule(ones([numChannels]));
                _bias = Parameter.OfNativeModule(zeros([numChannels]));
                register_parameter(nameof(weight), _weight);
                register_parameter(nameof(bias), _bias);
            }
        }

        public Parameter? weight
        {
            get => _weight?.Another();
            set => ReplaceParameter(nameof(weight), ref _weight, value);
        }

        public Parameter? bias
        {
            get => _bias?.Another();
            set => ReplaceParameter(nameof(bias), ref _bias, value);
        }

        public override Tensor forward(Tensor tensor) =>
            nn.functional.group_norm(tensor, _numGroups, _weight, _bias, _eps);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static LayerNorm LayerNorm(
                long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static LayerNorm LayerNorm(
                long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

            public static GroupNorm GroupNorm(
                long num_groups, long num_channels, double eps = 1e-05, bool affine = true, Device device = null,
                ScalarType? dtype = null) =>
                new GroupNorm(num_groups, num_channels, eps, affine).MoveModule<GroupNorm>(device, dtype);
        }
    }
}
