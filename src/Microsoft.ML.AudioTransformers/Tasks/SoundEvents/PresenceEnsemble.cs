using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Several HTS-AT models, or one, whose event presence maps are averaged: HTS-AT section 3.1 averages scores.
/// </summary>
internal sealed class PresenceEnsemble : IDisposable
{
    private readonly IReadOnlyList<int[]> _outputs;

    /// <param name="networks">
    /// The models, which are now the ensemble's. They take the same features, and see images of as many frames and steps.
    /// </param>
    /// <param name="outputs">For each model, the place of each of the ensemble's classes among its outputs; null: as they are.
    /// </param>
    public PresenceEnsemble(IReadOnlyList<HtsAt> networks, IReadOnlyList<int[]>? outputs = null)
    {
        Networks = networks;
        int[] inOrder = [.. Enumerable.Range(0, Options.Classes)];
        _outputs = outputs ?? [.. networks.Select(_ => inOrder)];
    }

    public IReadOnlyList<HtsAt> Networks { get; }

    /// <summary>The first model's.</summary>
    public HtsAtConfig Options => Networks[0].Options;

    /// <inheritdoc cref="HtsAt.WindowHop"/>
    public int WindowHop => Networks[0].WindowHop;

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
            HtsAtDetection found = Networks[i].Detect(clip);
            framesPerStep = found.FramesPerStep;
            Add(ref scores, found.Scores, _outputs[i]);
            Add(ref presence, found.Presence, _outputs[i]);
        }

        return (scores, presence, framesPerStep);
    }

    public void Dispose()
    {
        foreach (HtsAt network in Networks)
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
