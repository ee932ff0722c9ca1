using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Models whose presence maps are averaged, one or more. Source: HTS-AT section 3.1, which averages scores.
/// </summary>
internal sealed class PresenceEnsemble : IDisposable
{
    private readonly IReadOnlyList<int[]> _outputs;

    /// <param name="networks">
    /// The models, which are now the ensemble's. They take the same features, and their presence maps have the same sizes.
    /// </param>
    /// <param name="outputs">
    /// For each model, the place of each of the ensemble's classes among its outputs; null where all have the same order.
    /// </param>
    /// <exception cref="NotSupportedException">A model gives no presence map.</exception>
    public PresenceEnsemble(IReadOnlyList<AudioModel> networks, IReadOnlyList<int[]>? outputs = null)
    {
        Networks = networks;
        PresenceMapGeometry[] maps = [.. networks.Select(network => network.PresenceMap
            ?? throw new NotSupportedException($"{network.GetName()} gives no presence map; expected a model that does."))];
        Geometry = maps[0];
        int[] inOrder = [.. Enumerable.Range(0, Geometry.Classes)];
        _outputs = outputs ?? [.. networks.Select(_ => inOrder)];
    }

    public IReadOnlyList<AudioModel> Networks { get; }

    /// <summary>Sizes of the presence map.</summary>
    public PresenceMapGeometry Geometry { get; }

    /// <summary>What is heard in a clip, and when.</summary>
    /// <param name="clip">A log-mel spectrogram (1, 1, time, mels).</param>
    /// <returns>
    /// The mean scores (classes), the mean presence map (steps, classes), and the frames of the clip that a step stands for.
    /// </returns>
    public (float[] Scores, float[] Presence, double FramesPerStep) Detect(Tensor clip)
    {
        float[] scores = [];
        float[] presence = [];
        double framesPerStep = 0;
        for (int i = 0; i < Networks.Count; i++)
        {
            Networks[i].ThrowIfDisposed();
            using var scope = NewDisposeScope();
            PresenceDetection found = Networks[i].Detect(clip);
            framesPerStep = found.FramesPerStep;
            Add(ref scores, found.Scores, _outputs[i]);
            Add(ref presence, found.Presence, _outputs[i]);
        }

        return (scores, presence, framesPerStep);
    }

    public void Dispose()
    {
        foreach (AudioModel network in Networks)
        {
            network.Dispose();
        }
    }

    /// <summary>Adds a model's share of the mean.</summary>
    private void Add(ref float[] sums, Tensor tensor, int[] outputs)
    {
        using Tensor onCpu = tensor.cpu();
        using Tensor inOrder = onCpu.contiguous();
        ReadOnlySpan<float> values = TensorData.Read<float>(inOrder);
        if (sums.Length == 0)
        {
            sums = new float[values.Length];
        }

        int classes = outputs.Length;
        for (int start = 0; start < values.Length; start += classes)
        {
            for (int label = 0; label < classes; label++)
            {
                sums[start + label] += values[start + outputs[label]] / Networks.Count;
            }
        }
    }
}
