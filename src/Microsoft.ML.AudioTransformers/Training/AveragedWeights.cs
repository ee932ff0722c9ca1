using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Running average of a model's weights and of the running statistics of its normalizations (EMA or SWA).</summary>
internal sealed class AveragedWeights : IDisposable
{
    private readonly List<(string Name, Tensor Weight, Tensor Mean)> _weights = [];

    public AveragedWeights(AudioModel model)
    {
        using IDisposable guard = no_grad();
        HashSet<string> parameters = [.. model.named_parameters().Select(item => item.name)];
        foreach ((string name, Tensor weight) in model.state_dict())
        {
            // Not the tables that follow from a model's sizes: a mask of minus infinity would become NaN.
            if (parameters.Contains(name) || name.Split('.')[^1] is "running_mean" or "running_var")
            {
                _weights.Add((name, weight, zeros_like(weight).DetachFromDisposeScope()));
            }
        }
    }

    /// <summary>Number of updates.</summary>
    public long Count { get; set; }

    /// <summary>Averages with the names of the model's state dict.</summary>
    public IEnumerable<(string Name, Tensor Mean)> Means => _weights.Select(item => (item.Name, item.Mean));

    /// <summary>Updates the average with the model's current weights, mean + rate * (weights - mean); the first update copies
    /// them.</summary>
    /// <param name="rate">Weight of the current weights, above 0 to 1.</param>
    public void Update(double rate)
    {
        using IDisposable guard = no_grad();
        foreach (var sameType in _weights.GroupBy(item => item.Weight.dtype))
        {
            TensorListOperators.Lerp(
                [.. sameType.Select(item => item.Mean)], [.. sameType.Select(item => item.Weight)], Count == 0 ? 1 : rate);
        }

        Count++;
    }

    /// <summary>Swaps the model's weights and the average.</summary>
    public void Swap()
    {
        foreach ((_, Tensor weight, Tensor mean) in _weights)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor copy = weight.detach().clone();
            ModuleWeights.Copy(mean, weight);
            ModuleWeights.Copy(copy, mean);
        }
    }

    public void Dispose() => _weights.ForEach(item => item.Mean.Dispose());
}
