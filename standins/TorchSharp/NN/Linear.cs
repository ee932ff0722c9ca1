using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>y = x W^T + b over the last dimension.</summary>
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))]
        private Parameter _weight;

        [ComponentName(Name = nameof(bias))]
        private Parameter _bias;

        internal Linear(long inputSize, long outputSize, bool hasBias) : base(nameof(Linear))
        {
            _weight = Parameter.OfNativeModule(empty([outputSize, inputSize]));
            register_parameter(nameof(weight), _weight);
            if (hasBias)
            {
                _bias = Parameter.OfNativeModule(empty([outputSize]));
                register_parameter(nameof(bias), _bias);
            }
            nn.init.FillLikeLinear(_weight, _bias);
        }

        public Parameter? weight
        {
            get => _weight.Another();
            set => ReplaceParameter(nameof(weight), ref _weight, value);
        }

        public Parameter? bias
        {
            get => _bias?.Another();
            set => ReplaceParameter(nameof(bias), ref _bias, value);
        }

        public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight, _bias);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(
                long inputSize, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null) =>
                new Linear(inputSize, outputSize, hasBias).MoveModule<Linear>(device, dtype);
        }
    }
}
