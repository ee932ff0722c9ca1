using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor gelu(Tensor x) => Call.One(NeuralOperators.gelu, x);

            public static Tensor glu(Tensor input, long dim = -1) => Call.One(NeuralOperators.glu, input, dim);

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                Call.One(inplace ? NeuralOperators.leaky_relu_ : NeuralOperators.leaky_relu, input, negative_slope);

            public static Tensor log_softmax(Tensor x, long dim) => Call.One(NeuralOperators.log_softmax, x, dim);

            public static Tensor logsigmoid(Tensor x) => Call.One(NeuralOperators.log_sigmoid, x);

            public static Tensor relu(Tensor x, bool inplace = false) =>
                Call.One(inplace ? NeuralOperators.relu_ : NeuralOperators.relu, x);

            public static Tensor sigmoid(Tensor x) => Call.One(NeuralOperators.sigmoid, x);

            public static Tensor silu(Tensor x, bool inplace = false) =>
                Call.One(inplace ? NeuralOperators.silu_ : NeuralOperators.silu, x);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) =>
                Call.One(NeuralOperators.softmax, input, dim, dtype);

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) =>
                Call.One(NeuralOperators.softplus, x, beta, threshold);

            public static Tensor tanh(Tensor x, bool inplace = false) =>
                Call.One(inplace ? NeuralOperators.tanh_ : NeuralOperators.tanh, x);
        }
    }
}
