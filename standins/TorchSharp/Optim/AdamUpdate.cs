using TorchSharp.Modules;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The step that Adam and AdamW share, operator by operator (Kingma and Ba, "Adam", 2015, algorithm 1).</summary>
internal readonly record struct AdamUpdate(double LearningRate, double Beta1, double Beta2, double Eps)
{
    internal void Apply(
        Parameter parameter, Tensor grad, Tensor expAvg, Tensor expAvgSq, ref Tensor maxExpAvgSq, long step)
    {
        double correction1 = 1 - Math.Pow(Beta1, step);
        double correction2 = 1 - Math.Pow(Beta2, step);
        expAvg.mul_(Beta1).add_(grad, alpha: 1 - Beta1);
        expAvgSq.mul_(Beta2).addcmul_(grad, grad, value: 1 - Beta2);
        Tensor second = expAvgSq;
        if (maxExpAvgSq is not null)
        {
            Tensor previous = maxExpAvgSq;
            second = maxExpAvgSq = maximum(previous, expAvgSq).DetachFromDisposeScope();
            previous.Dispose();
        }
        Tensor denominator = (second.sqrt() / Math.Sqrt(correction2)).add_(Eps);
        parameter.addcdiv_(expAvg, denominator, value: -LearningRate / correction1);
    }
}

/// <summary>AdamW's step over all parameters of a group that the native pass takes, in one call.</summary>
internal sealed unsafe class DenseAdamW(AdamUpdate update, double weightDecay, bool maximize)
{
    private readonly List<nint> _parameters = [];
    private readonly List<nint> _gradients = [];
    private readonly List<nint> _expAvgs = [];
    private readonly List<nint> _expAvgSqs = [];
    private readonly List<long> _steps = [];
    private readonly List<Tensor> _held = [];

    internal bool TryAdd(Parameter parameter, Tensor grad, Tensor expAvg, Tensor expAvgSq, long step)
    {
        if (Shim.shim_adamw_fits(parameter.Handle, grad.Handle, expAvg.Handle, expAvgSq.Handle) != 1)
        {
            return false;
        }
        _parameters.Add(parameter.Handle);
        _gradients.Add(grad.Handle);
        _expAvgs.Add(expAvg.Handle);
        _expAvgSqs.Add(expAvgSq.Handle);
        _steps.Add(step);
        _held.AddRange(parameter, grad, expAvg, expAvgSq);
        return true;
    }

    internal void Step()
    {
        if (_steps.Count == 0)
        {
            return;
        }
        fixed (nint* parameters = _parameters.ToArray(), gradients = _gradients.ToArray())
        fixed (nint* expAvgs = _expAvgs.ToArray(), expAvgSqs = _expAvgSqs.ToArray())
        fixed (long* steps = _steps.ToArray())
        {
            Shim.Check(Shim.shim_adamw_step(
                parameters, gradients, expAvgs, expAvgSqs, steps, _steps.Count, update.LearningRate, update.Beta1,
                update.Beta2, update.Eps, weightDecay, maximize ? 1 : 0));
        }
        GC.KeepAlive(_held);
    }
}
