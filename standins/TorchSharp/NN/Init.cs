using TorchSharp.Modules;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// Fills tensors in place, without recording gradients, from the default generator: the package ignores a
        /// given one here. Its trunc_normal_ is left out on purpose: it takes the mean for the deviation and the other
        /// way round, so that with a mean of 0 it fills a tensor with one number.
        /// </summary>
        public static partial class init
        {
            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            /// <summary>The factor by which a nonlinearity wants its inputs' deviation raised.</summary>
            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) =>
                nonlinearity switch
                {
                    NonlinearityType.Tanh => 5.0 / 3.0,
                    NonlinearityType.ReLU => Math.Sqrt(2.0),
                    NonlinearityType.LeakyReLU => Math.Sqrt(2.0 / (1 + param * param)),
                    _ => 1.0,
                };

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                long[] shape = tensor.shape;
                if (shape.Length < 2)
                {
                    throw new ArgumentException(
                        "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
                }
                long receptiveField = 1;
                foreach (long length in shape.AsSpan(2))
                {
                    receptiveField *= length;
                }
                return (shape[1] * receptiveField, shape[0] * receptiveField);
            }

            public static Tensor constant_(Tensor tensor, Scalar val) => Fill(tensor, NeuralOperators.fill_, val);

            public static Tensor ones_(Tensor tensor) => Fill(tensor, NeuralOperators.fill_, 1);

            public static Tensor zeros_(Tensor tensor) => Fill(tensor, NeuralOperators.fill_, 0);

            public static Tensor uniform_(
                Tensor tensor, double low = 0, double high = 1, Generator generator = null) =>
                Fill(tensor, NeuralOperators.uniform_, low, high);

            public static Tensor normal_(
                Tensor tensor, double mean = 0, double std = 1, Generator generator = null) =>
                Fill(tensor, NeuralOperators.normal_, mean, std);

            public static Tensor kaiming_uniform_(
                Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                double bound = Math.Sqrt(3.0) * KaimingDeviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(
                Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, KaimingDeviation(tensor, a, mode, nonlinearity));

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                double bound = Math.Sqrt(3.0) * gain * Math.Sqrt(2.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            // Not a slip: the package's 0.102.7 draws from the uniform distribution here, of the same deviation.
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => xavier_uniform_(tensor, gain);

            /// <summary>What PyTorch fills linear and convolution layers with: all uniform within 1 / sqrt(fan in).
            /// </summary>
            internal static void FillLikeLinear(Parameter weight, Parameter bias)
            {
                kaiming_uniform_(weight, Math.Sqrt(5.0));
                if (bias is not null)
                {
                    double bound = 1.0 / Math.Sqrt(CalculateFanInAndFanOut(weight).fanIn);
                    uniform_(bias, -bound, bound);
                }
            }

            // He et al., "Delving deep into rectifiers" (2015), equations 10 and 14.
            private static double KaimingDeviation(
                Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static Tensor Fill(Tensor tensor, Operator op, Argument first)
            {
                using IDisposable noGrad = no_grad();
                Call.One(op, tensor, first).Dispose();
                return tensor;
            }

            private static Tensor Fill(Tensor tensor, Operator op, double first, double second)
            {
                using IDisposable noGrad = no_grad();
                Call.One(op, tensor, first, second).Dispose();
                return tensor;
            }
        }
    }
}
