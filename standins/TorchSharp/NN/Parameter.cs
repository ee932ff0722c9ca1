using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A tensor that a module learns. It takes over the handle of the tensor it is made from.</summary>
    public class Parameter : Tensor
    {
        public Parameter(Tensor data, bool requires_grad = true)
            : base(data.with_requires_grad(requires_grad).MoveHandle())
        {
        }

        internal Parameter(IntPtr handle) : base(handle)
        {
        }

        /// <summary>What the package's native modules make: no managed tensor was there before.</summary>
        internal static Parameter OfNativeModule(Tensor data) =>
            new(data.with_requires_grad(true).DecoupleFromNativeHandle());

        /// <summary>One more reference to the same parameter, as the package's modules hand their own out.</summary>
        internal Parameter Another() => new(AliasHandle());
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
