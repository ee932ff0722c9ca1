using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019): Adam with bias correction whose weight decay acts on the weights, not on the
/// gradients; beta 0.9 and 0.999, epsilon 1e-8. LibTorch updates the parameters of a group in one call.
/// </summary>
/// <remarks>
/// TorchSharp's own AdamW takes ten calls a parameter, and hands them numbers that nothing keeps alive. The fused
/// operator has no wrapper, but a line of TorchScript reaches it.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    public const double Beta1 = 0.9;
    public const double Beta2 = 0.999;
    public const double Epsilon = 1e-8;

    // The operator only reads the counts of steps, so one tensor may stand for all of a list. A script that does not end
    // with a line break does not compile.
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
    /// What is trained, each group with its weight decay and its share of the learning rate. Parameters are dense, in
    /// row-major order, and those of a group of one type on one device.
    /// </param>
    /// <exception cref="ArgumentException">A parameter is in another order.</exception>
    public AdamW(IEnumerable<ParameterGroup> groups)
    {
        using IDisposable guard = no_grad();
        _groups = [.. groups.Select(group =>
            (group, group.Parameters.Select(item => new Moments(item.Name, item.Parameter)).ToArray()))];
        States = [.. _groups.SelectMany(item => item.Moments)];
    }

    /// <summary>What the optimizer has of each parameter, group after group.</summary>
    public IReadOnlyList<Moments> States { get; }

    /// <summary>Sets all gradients to 0; a parameter that never had one stays without.</summary>
    public void ZeroGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        foreach (Moments own in States)
        {
            own.Parameter.grad?.zero_();
        }
    }

    /// <summary>Updates each parameter that has a gradient.</summary>
    /// <param name="learningRate">The learning rate, which each group scales.</param>
    public void Step(double learningRate)
    {
        using IDisposable guard = no_grad();
        foreach ((ParameterGroup group, Moments[] moments) in _groups)
        {
            using DisposeScope scope = NewDisposeScope();
            using Scalar rate = (learningRate * group.RateScale).ToScalar();
            using Scalar decay = group.WeightDecay.ToScalar();
            List<(Moments Own, Tensor Gradient)> updated = [];
            foreach (Moments own in moments)
            {
                if (own.Parameter.grad is { } gradient)
                {
                    own.Steps++;
                    updated.Add((own, gradient.contiguous()));
                }
            }

            foreach (IGrouping<long, (Moments Own, Tensor Gradient)> equal in updated.GroupBy(item => item.Own.Steps))
            {
                Update([.. equal], equal.Key, rate, decay);
            }
        }
    }

    public void Dispose()
    {
        foreach (Moments own in States)
        {
            own.Dispose();
        }

        _beta1.Dispose();
        _beta2.Dispose();
        _epsilon.Dispose();
    }

    private void Update(
        IReadOnlyList<(Moments Own, Tensor Gradient)> updated, long steps, Scalar rate, Scalar decay)
    {
        Tensor count = tensor((float)steps, device: updated[0].Own.Parameter.device);
        s_script.Value.invoke(
            "update",
            updated.Select(item => (Tensor)item.Own.Parameter).ToArray(),
            updated.Select(item => item.Gradient).ToArray(),
            updated.Select(item => item.Own.Mean).ToArray(),
            updated.Select(item => item.Own.Square).ToArray(),
            Enumerable.Repeat(count, updated.Count).ToArray(),
            rate, decay, _beta1, _beta2, _epsilon);
    }

    /// <summary>The running moments of a parameter's gradients.</summary>
    public sealed class Moments : IDisposable
    {
        /// <param name="name">The parameter's name.</param>
        /// <param name="parameter">The parameter.</param>
        /// <exception cref="ArgumentException">It is not in row-major order, in which the operator reads it.</exception>
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

        /// <summary>The mean of the gradients, of the parameter's shape.</summary>
        public Tensor Mean { get; }

        /// <summary>The mean of the gradients' squares, of the parameter's shape.</summary>
        public Tensor Square { get; }

        /// <summary>Steps that updated the parameter.</summary>
        public long Steps { get; set; }

        public void Dispose()
        {
            Mean.Dispose();
            Square.Dispose();
        }
    }
}
