using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// AdamW optimizer: Adam with decoupled weight decay and bias correction; betas 0.9 and 0.999, epsilon 1e-8. Source: Loshchilov
/// and Hutter, "Decoupled Weight Decay Regularization" (2019).
/// </summary>
/// <remarks>
/// LibTorch's fused operator updates all parameters of a group in one call. TorchSharp has no wrapper for it, so that it is
/// called from TorchScript. TorchSharp's own AdamW makes ten calls per parameter, with scalars that nothing keeps alive.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    public const double Beta1 = 0.9;
    public const double Beta2 = 0.999;
    public const double Epsilon = 1e-8;

    // The operator only reads the step counts, so that all items of the list may be one tensor. A script that does not end with
    // a line break does not compile.
    private const string Script = """
        def update(parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor],
                   steps: List[Tensor], rate: float, decay: float, beta1: float, beta2: float, epsilon: float) -> None:
            maxima: List[Tensor] = []
            torch._fused_adamw_(parameters, gradients, means, squares, maxima, steps, lr=rate, beta1=beta1, beta2=beta2,
                                weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)

        """;

    private static readonly Lazy<jit.CompilationUnit> s_script = new(() => jit.compile(Script));

    private readonly List<(ParameterGroup Group, Moments[] Moments)> _groups;
    private readonly Scalar _beta1 = Beta1.ToScalar();
    private readonly Scalar _beta2 = Beta2.ToScalar();
    private readonly Scalar _epsilon = Epsilon.ToScalar();

    /// <param name="groups">
    /// Parameter groups, each with its weight decay and its factor of the learning rate. All parameters of a group have the same
    /// type and device, and are contiguous.
    /// </param>
    /// <exception cref="ArgumentException">A parameter is not contiguous.</exception>
    public AdamW(IEnumerable<ParameterGroup> groups)
    {
        using IDisposable guard = no_grad();
        _groups = [.. groups.Select(group =>
            (group, group.Parameters.Select(item => new Moments(item.Name, item.Parameter)).ToArray()))];
        States = [.. _groups.SelectMany(item => item.Moments)];
    }

    /// <summary>Optimizer state of each parameter, group after group.</summary>
    public IReadOnlyList<Moments> States { get; }

    /// <summary>Sets all gradients to 0; a parameter without a gradient stays without one.</summary>
    public void ZeroGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        foreach (Moments state in States)
        {
            state.Parameter.grad?.zero_();
        }
    }

    /// <summary>Updates each parameter that has a gradient.</summary>
    /// <param name="learningRate">Learning rate, before the factors of the groups.</param>
    public void Step(double learningRate)
    {
        using IDisposable guard = no_grad();
        foreach ((ParameterGroup group, Moments[] moments) in _groups)
        {
            using DisposeScope scope = NewDisposeScope();
            using Scalar rate = (learningRate * group.RateScale).ToScalar();
            using Scalar decay = group.WeightDecay.ToScalar();
            List<(Moments State, Tensor Gradient)> updated = [];
            foreach (Moments state in moments)
            {
                if (state.Parameter.grad is { } gradient)
                {
                    state.Steps++;
                    updated.Add((state, gradient.contiguous()));
                }
            }

            // The operator takes one step count: parameters of another count get a call of their own.
            foreach (IGrouping<long, (Moments State, Tensor Gradient)> sameStep in updated.GroupBy(item => item.State.Steps))
            {
                Update([.. sameStep], sameStep.Key, rate, decay);
            }
        }
    }

    public void Dispose()
    {
        foreach (Moments state in States)
        {
            state.Dispose();
        }

        _beta1.Dispose();
        _beta2.Dispose();
        _epsilon.Dispose();
    }

    private void Update(
        IReadOnlyList<(Moments State, Tensor Gradient)> updated, long steps, Scalar rate, Scalar decay)
    {
        Tensor count = tensor((float)steps, device: updated[0].State.Parameter.device);
        s_script.Value.invoke(
            "update",
            updated.Select(item => (Tensor)item.State.Parameter).ToArray(),
            updated.Select(item => item.Gradient).ToArray(),
            updated.Select(item => item.State.Mean).ToArray(),
            updated.Select(item => item.State.Square).ToArray(),
            Enumerable.Repeat(count, updated.Count).ToArray(),
            rate, decay, _beta1, _beta2, _epsilon);
    }

    /// <summary>Optimizer state of a parameter: the running first and second moments of its gradient.</summary>
    public sealed class Moments : IDisposable
    {
        /// <param name="name">The parameter's name.</param>
        /// <param name="parameter">The parameter.</param>
        /// <exception cref="ArgumentException">The parameter is not contiguous, as the fused operator requires.</exception>
        public Moments(string name, Parameter parameter)
        {
            if (!parameter.is_contiguous())
            {
                throw new ArgumentException(
                    $"'{name}' has strides {string.Join(", ", parameter.stride())}: it is not in row-major order.",
                    nameof(parameter));
            }

            (Name, Parameter) = (name, parameter);
            Mean = zeros_like(parameter).DetachFromDisposeScope();
            Square = zeros_like(parameter).DetachFromDisposeScope();
        }

        public string Name { get; }

        public Parameter Parameter { get; }

        /// <summary>First moment (exp_avg in PyTorch), of the parameter's shape.</summary>
        public Tensor Mean { get; }

        /// <summary>Second moment (exp_avg_sq in PyTorch), of the parameter's shape.</summary>
        public Tensor Square { get; }

        /// <summary>Number of steps that updated the parameter.</summary>
        public long Steps { get; set; }

        public void Dispose()
        {
            Mean.Dispose();
            Square.Dispose();
        }
    }
}
