using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static bool is_grad_enabled() => Shim.shim_grad_mode() == 1;

    public static bool is_inference_mode_enabled() => Shim.shim_inference_mode() == 1;

    /// <summary>Records no gradients on this thread until the result is disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    /// <summary>As <see cref="no_grad"/>, and what is made meanwhile can never take part in recording.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    private static nint[] HandlesOf(IList<Tensor> tensors) =>
        tensors is null ? [] : tensors.Select(tensor => tensor?.Handle ?? 0).ToArray();

    private sealed class GradMode : IDisposable
    {
        private readonly int before;
        private bool ended;

        internal GradMode(bool on)
        {
            before = Shim.shim_grad_mode();
            Shim.shim_set_grad_mode(on ? 1 : 0);
        }

        public void Dispose()
        {
            if (!ended)
            {
                ended = true;
                Shim.shim_set_grad_mode(before);
            }
        }
    }

    private sealed class InferenceMode : IDisposable
    {
        private nint guard;

        internal InferenceMode(bool on) => guard = Shim.Check(Shim.shim_inference_mode_begin(on ? 1 : 0));

        public void Dispose()
        {
            nint ending = guard;
            guard = 0;
            Shim.shim_inference_mode_end(ending);
        }
    }

    /// <summary>Gradients of functions of tensors.</summary>
    public static partial class autograd
    {
        /// <summary>The sum of the gradients of the outputs with respect to each input; an invalid tensor for an unused one.</summary>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs,
            IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null,
            bool retain_graph = false,
            bool create_graph = false,
            bool allow_unused = false)
        {
            nint[] from = HandlesOf(outputs), to = HandlesOf(inputs), gradients = HandlesOf(grad_outputs);
            var returned = new nint[to.Length];
            fixed (nint* nativeFrom = from, nativeTo = to, nativeGradients = gradients, nativeReturned = returned)
            {
                Shim.Check(Shim.shim_autograd_grad(
                    nativeFrom, from.Length, nativeTo, to.Length, nativeGradients, gradients.Length,
                    retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, nativeReturned));
            }

            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return returned.Select(handle => new Tensor(handle)).ToList();
        }

        /// <summary>Adds the gradients of the tensors to those of the leaves that they were computed from.</summary>
        public static unsafe void backward(
            IList<Tensor> tensors,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            nint[] from = HandlesOf(tensors), gradients = HandlesOf(grad_tensors), to = HandlesOf(inputs);
            bool retain = retain_graph ?? create_graph;
            fixed (nint* nativeFrom = from, nativeGradients = gradients, nativeTo = to)
            {
                Shim.Check(Shim.shim_autograd_backward(
                    nativeFrom, from.Length, nativeGradients, gradients.Length,
                    retain ? 1 : 0, create_graph ? 1 : 0, nativeTo, to.Length));
            }

            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static void backward(
            Tensor tensor,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor,
            Tensor grad_tensor,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);
    }
}
