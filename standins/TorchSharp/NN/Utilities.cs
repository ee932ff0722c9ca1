using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Works on all parameters of a model at once.</summary>
        public static partial class utils
        {
            /// <summary>Scales the gradients so that the norm of all together is at most max_norm; returns the norm
            /// that it was.</summary>
            public static double clip_grad_norm_(
                IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using IDisposable noGrad = no_grad();
                using DisposeScope scope = NewDisposeScope();
                List<Tensor> grads = Gradients(tensors);
                if (grads.Count == 0)
                {
                    return 0;
                }
                Tensor total = double.IsPositiveInfinity(norm_type)
                    ? stack(grads.Select(grad => grad.abs().max())).max()
                    : stack(grads.Select(grad => grad.norm((float)norm_type))).norm((float)norm_type);
                Tensor factor = (max_norm / (total + 1e-6)).clamp(max: 1.0);
                foreach (Tensor grad in grads)
                {
                    grad.mul_(factor);
                }
                return total.to(ScalarType.Float64).item<double>();
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using IDisposable noGrad = no_grad();
                using DisposeScope scope = NewDisposeScope();
                foreach (Tensor grad in Gradients(tensors))
                {
                    grad.clamp_(-clip_value, clip_value);
                }
            }

            /// <summary>All parameters, one after another, as one vector.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using DisposeScope scope = NewDisposeScope();
                return cat([.. tensors.Select(tensor => tensor.reshape(-1))]).MoveToOuterDisposeScope();
            }

            /// <summary>Writes a vector's parts into the parameters.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using IDisposable noGrad = no_grad();
                using DisposeScope scope = NewDisposeScope();
                long start = 0;
                foreach (Parameter parameter in tensors)
                {
                    long count = parameter.numel();
                    parameter.copy_(vec.narrow(0, start, count).view_as(parameter));
                    start += count;
                }
            }

            private static List<Tensor> Gradients(IEnumerable<Parameter> tensors) =>
                [.. tensors.Select(tensor => tensor.grad).Where(grad => grad is not null)];
        }
    }
}
