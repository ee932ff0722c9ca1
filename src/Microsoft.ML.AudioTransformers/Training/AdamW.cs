using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.ML.AudioTransformers.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// AdamW optimizer: Adam with decoupled weight decay and bias correction; betas 0.9 and 0.999, epsilon 1e-8. Source: Loshchilov
/// and Hutter, "Decoupled Weight Decay Regularization" (2019).
/// </summary>
/// <remarks>
/// LibTorch's fused operator updates all parameters of a group in one call. TorchSharp's own AdamW makes ten calls per
/// parameter, with scalars that nothing keeps alive.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    public const double Beta1 = 0.9;
    public const double Beta2 = 0.999;
    public const double Epsilon = 1e-8;

    private readonly List<(ParameterGroup Group, Moments[] Moments)> _groups;

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
        TensorListOperators.Zero([.. States.Select(state => state.Parameter.grad!).Where(gradient => gradient is not null)]);
    }

    /// <summary>
    /// Frees all gradients. The forward pass can use their memory, and the backward pass hands over new ones, where it would
    /// have to add to zeros.
    /// </summary>
    public void ClearGradients()
    {
        foreach (Moments state in States)
        {
            state.Parameter.grad = null;
        }
    }

    /// <summary>
    /// Clips the norm of all gradients together to <paramref name="maximum"/>, above 0, as torch.nn.utils.clip_grad_norm_ does.
    /// </summary>
    public void ClipGradientNorm(double maximum)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        if (Gradients() is { Length: > 0 } gradients)
        {
            _ = TensorListOperators.ClipNorm(gradients, maximum);
        }
    }

    /// <summary>
    /// Replaces all gradients by their sums over the ranks, and with them sums a flag, which so costs nothing.
    /// </summary>
    /// <param name="group">Process group.</param>
    /// <param name="flag">Flag of this rank.</param>
    /// <returns>Whether it is set on any rank.</returns>
    public bool SumGradients(ProcessGroup group, bool flag)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] gradients = Gradients();
        if (gradients.Length == 0)
        {
            return group.IsAny(flag);
        }

        Tensor flags = TensorArithmetic.Full([1], flag ? 1 : 0, gradients[0].dtype, gradients[0].device);
        group.AllReduce([.. gradients, flags]);
        using Tensor onCpu = flags.to(ScalarType.Float32).cpu();
        return TensorData.Read<float>(onCpu)[0] > 0;
    }

    /// <summary>Updates each parameter that has a <see cref="Moments.Gradient"/>.</summary>
    /// <param name="learningRate">Learning rate, before the factors of the groups.</param>
    public void Step(double learningRate)
    {
        using IDisposable guard = no_grad();
        foreach ((ParameterGroup group, Moments[] moments) in _groups)
        {
            using DisposeScope scope = NewDisposeScope();
            List<(Moments State, Tensor Gradient)> updated = [];
            foreach (Moments state in moments)
            {
                if (state.Gradient() is { } gradient)
                {
                    state.Steps++;
                    updated.Add((state, gradient.contiguous()));
                }
            }

            // The operator takes one step count: parameters of another count get a call of their own.
            foreach (IGrouping<long, (Moments State, Tensor Gradient)> sameStep in updated.GroupBy(item => item.State.Steps))
            {
                (Moments State, Tensor Gradient)[] items = [.. sameStep];
                TensorListOperators.AdamW(
                    [.. items.Select(item => (Tensor)item.State.Parameter)],
                    [.. items.Select(item => item.Gradient)],
                    [.. items.Select(item => item.State.Mean)],
                    [.. items.Select(item => item.State.Square)],
                    sameStep.Key, learningRate * group.RateScale, group.WeightDecay, Beta1, Beta2, Epsilon);
            }
        }
    }

    public void Dispose()
    {
        foreach (Moments state in States)
        {
            state.Dispose();
        }
    }

    private Tensor[] Gradients() => [.. States.Select(state => state.Gradient()!).Where(gradient => gradient is not null)];

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

        /// <summary>
        /// Gradient; 0 if this step depends on the parameter in nothing, but one before did; null if none did. In the current
        /// dispose scope.
        /// </summary>
        public Tensor? Gradient()
        {
            if (Parameter.grad is null && Steps > 0)
            {
                Parameter.grad = zeros_like(Parameter);
            }

            return Parameter.grad;
        }

        public void Dispose()
        {
            Mean.Dispose();
            Square.Dispose();
        }
    }
}
