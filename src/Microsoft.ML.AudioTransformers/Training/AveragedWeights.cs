using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>A running mean of a model's weights and of what its normalizations have counted.</summary>
internal sealed class AveragedWeights : IDisposable
{
    private readonly List<(string Name, Tensor Live, Tensor Mean)> _weights = [];

    public AveragedWeights(AudioModel model)
    {
        using IDisposable guard = no_grad();
        foreach ((string name, Tensor live) in model.state_dict().Where(item => item.Value.is_floating_point()))
        {
            _weights.Add((name, live, zeros_like(live).DetachFromDisposeScope()));
        }
    }

    /// <summary>How often weights entered the mean.</summary>
    public long Count { get; set; }

    /// <summary>The means, by the names of the model's state dict.</summary>
    public IEnumerable<(string Name, Tensor Mean)> Means => _weights.Select(item => (item.Name, item.Mean));

    /// <summary>Moves the mean towards the weights as they are; the first time it becomes them.</summary>
    /// <param name="share">How far, above 0 to 1.</param>
    public void Add(double share)
    {
        using IDisposable guard = no_grad();
        foreach ((_, Tensor live, Tensor mean) in _weights)
        {
            using DisposeScope scope = NewDisposeScope();
            mean.AddInPlace((live - mean).Times(Count == 0 ? 1 : share));
        }

        Count++;
    }

    /// <summary>Exchanges the model's weights and the mean.</summary>
    public void Swap()
    {
        foreach ((_, Tensor live, Tensor mean) in _weights)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor kept = live.detach().clone();
            ModuleWeights.Copy(mean, live);
            ModuleWeights.Copy(kept, mean);
        }
    }

    public void Dispose() => _weights.ForEach(item => item.Mean.Dispose());
}
