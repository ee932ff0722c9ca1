using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>What becomes of the losses of the elements.</summary>
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static partial class functional
        {
            public static Tensor binary_cross_entropy(
                Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean) =>
                Call.One(NeuralOperators.binary_cross_entropy, input, target, weight, (long)reduction);

            public static Tensor binary_cross_entropy_with_logits(
                Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean,
                Tensor pos_weights = null) =>
                Call.One(
                    NeuralOperators.binary_cross_entropy_with_logits, input, target, weight, pos_weights,
                    (long)reduction);

            public static Tensor cross_entropy(
                Tensor input, Tensor target, Tensor weight = null, long ignore_index = -100,
                Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                Call.One(
                    NeuralOperators.cross_entropy_loss, input, target, weight, (long)reduction, ignore_index,
                    label_smoothing);

            public static Tensor huber_loss(
                Tensor input, Tensor target, double delta = 1.0, Reduction reduction = Reduction.Mean) =>
                Call.One(NeuralOperators.huber_loss, input, target, (long)reduction, delta);

            public static Tensor kl_div(
                Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                Call.One(NeuralOperators.kl_div, input, target, (long)reduction, log_target);

            // Not a slip: the package's 0.102.7 computes the squared error here.
            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                mse_loss(input, target, reduction);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Call.One(NeuralOperators.mse_loss, input, target, (long)reduction);

            public static Tensor nll_loss(
                Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean) =>
                Call.One(NeuralOperators.nll_loss_nd, input, target, weight, (long)reduction);

            public static Tensor smooth_l1_loss(
                Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1.0) =>
                Call.One(NeuralOperators.smooth_l1_loss, input, target, (long)reduction, beta);
        }
    }
}
