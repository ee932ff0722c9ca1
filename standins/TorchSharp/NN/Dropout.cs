using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>In training, zeroes elements with probability p and scales the rest up.</summary>
    public sealed class Dropout : nn.Module<Tensor, Tensor>
    {
        private readonly double _p;
        private readonly bool _inplace;

        internal Dropout(double p, bool inplace) : base(nameof(Dropout)) => (_p, _inplace) = (p, inplace);

        public override Tensor forward(Tensor tensor) => nn.functional.dropout(tensor, _p, training, _inplace);
    }

    /// <summary>The same for whole channels of (N, C, L).</summary>
    public sealed class Dropout1d : nn.Module<Tensor, Tensor>
    {
        private readonly double _p;
        private readonly bool _inplace;

        internal Dropout1d(double p, bool inplace) : base(nameof(Dropout1d)) => (_p, _inplace) = (p, inplace);

        public override Tensor forward(Tensor tensor) => tensor.ndim == 3
            ? nn.functional.dropout1d(tensor, _p, training, _inplace)
            : throw new ArgumentException("tensor passed to Dropout1d must be of the shape (N,C,L)");
    }

    /// <summary>The same for whole channels of (N, C, H, W).</summary>
    public sealed class Dropout2d : nn.Module<Tensor, Tensor>
    {
        private readonly double _p;
        private readonly bool _inplace;

        internal Dropout2d(double p, bool inplace) : base(nameof(Dropout2d)) => (_p, _inplace) = (p, inplace);

        public override Tensor forward(Tensor input) => nn.functional.dropout2d(input, _p, training, _inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static Dropout1d Dropout1d(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static Dropout2d Dropout2d(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}
