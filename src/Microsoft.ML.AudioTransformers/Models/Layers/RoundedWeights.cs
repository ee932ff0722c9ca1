using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Weights of a network that scores in bfloat16, each rounded once, at its first use. The network keeps its own in float32,
/// for its files and for <see cref="AudioPrecision.Float32"/>. Safe for several threads at once.
/// </summary>
internal sealed class RoundedWeights : IDisposable
{
    private readonly Dictionary<Parameter, Tensor> _rounded = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _lock = new();

    /// <summary>The rounded weight. The caller does not dispose it.</summary>
    /// <param name="weight">Parameter of the network, which does not change any more.</param>
    public Tensor Of(Parameter weight)
    {
        lock (_lock)
        {
            if (!_rounded.TryGetValue(weight, out Tensor? rounded))
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable guard = no_grad();
                rounded = weight.detach().to(ScalarType.BFloat16).DetachFromDisposeScope();
                _rounded.Add(weight, rounded);
            }

            return rounded;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Tensor rounded in _rounded.Values)
            {
                rounded.Dispose();
            }

            _rounded.Clear();
        }
    }
}
