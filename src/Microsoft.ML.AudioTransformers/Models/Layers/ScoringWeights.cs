using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Weights of a network that scores, in the form in which they are multiplied, each made once, at its first use. The network
/// keeps its own in float32, for its files and for <see cref="AudioPrecision.Float32"/>. Safe for several threads at once.
/// </summary>
/// <param name="isRounded">
/// Whether they are rounded to bfloat16; else matrices are transposed, (in, out), which makes short products faster.
/// </param>
internal sealed class ScoringWeights(bool isRounded) : IDisposable
{
    private readonly Dictionary<Parameter, Tensor> _made = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _lock = new();

    /// <summary>Whether the weights are rounded to bfloat16; else they are transposed.</summary>
    public bool IsRounded => isRounded;

    /// <summary>The weight to multiply with. The caller does not dispose it.</summary>
    /// <param name="weight">Parameter of the network, which does not change any more.</param>
    public Tensor Of(Parameter weight)
    {
        lock (_lock)
        {
            if (!_made.TryGetValue(weight, out Tensor? made))
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable guard = no_grad();
                Tensor values = weight.detach();
                made = (isRounded ? values.to(ScalarType.BFloat16) : values.t().contiguous()).DetachFromDisposeScope();
                _made.Add(weight, made);
            }

            return made;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Tensor made in _made.Values)
            {
                made.Dispose();
            }

            _made.Clear();
        }
    }
}
