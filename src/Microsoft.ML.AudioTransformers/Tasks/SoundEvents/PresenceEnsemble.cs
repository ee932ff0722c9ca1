using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring.Exports;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Ensemble of one or more models, whose scores and presence maps are averaged. Source: HTS-AT section 3.1, which averages
/// scores.
/// </summary>
internal sealed class PresenceEnsemble : IPresenceModel, IDisposable
{
    private readonly IReadOnlyList<int[]> _outputs;
    private readonly Device _device;

    /// <param name="networks">
    /// Networks of the models, which the ensemble disposes. They take the same features, and their presence maps have the same
    /// sizes.
    /// </param>
    /// <param name="device">Device of the models.</param>
    /// <param name="outputs">
    /// For each model, the index of each of the ensemble's classes among its outputs; null if all have the same order.
    /// </param>
    /// <exception cref="NotSupportedException">A model has no presence map.</exception>
    public PresenceEnsemble(IReadOnlyList<AudioModel> networks, Device device, IReadOnlyList<int[]>? outputs = null)
    {
        _device = device;
        Networks = networks;
        PresenceMapGeometry[] maps = [.. networks.Select(network => network.PresenceMap
            ?? throw new NotSupportedException($"{network.GetName()} gives no presence map; expected a model that does."))];
        Geometry = maps[0];
        int[] inOrder = [.. Enumerable.Range(0, Geometry.Classes)];
        _outputs = outputs ?? [.. networks.Select(_ => inOrder)];
    }

    public IReadOnlyList<AudioModel> Networks { get; }

    /// <summary>Chooses the precision of scoring of each model.</summary>
    /// <exception cref="InvalidOperationException">It is bfloat16, which LibTorch computes wrong here.</exception>
    public IReadOnlyList<PrecisionChoice> ChooseScoring(AudioPrecision asked) =>
        [.. Networks.Select(network => network.ChooseScoring(asked, _device))];

    /// <summary>Sizes of the presence map.</summary>
    public PresenceMapGeometry Geometry { get; }

    /// <summary>Checks that no model is disposed.</summary>
    /// <exception cref="ObjectDisposedException">One is.</exception>
    public void ThrowIfDisposed()
    {
        foreach (AudioModel network in Networks)
        {
            network.ThrowIfDisposed();
        }
    }

    /// <summary>Scores and presence map of a clip, the means over the models.</summary>
    /// <inheritdoc cref="IPresenceModel.Detect"/>
    public (float[] Scores, float[] Presence) Detect(ReadOnlySpan<float> features)
    {
        using var gradientsOff = no_grad();
        using var clipScope = NewDisposeScope();
        Tensor clip = TensorData.Create(
            features, [1, 1, features.Length / Geometry.Mels, Geometry.Mels], _device);
        float[] scores = [];
        float[] presence = [];
        for (int i = 0; i < Networks.Count; i++)
        {
            Networks[i].ThrowIfDisposed();
            using MixedPrecision.Section precision = Networks[i].BeginScoring();
            using var scope = NewDisposeScope();
            PresenceDetection found = Networks[i].Detect(clip);
            Add(ref scores, found.Scores, _outputs[i]);
            Add(ref presence, found.Presence, _outputs[i]);
        }

        FiniteOutput.Check(scores, 1, Networks[0].GetName(), "score");
        FiniteOutput.Check(presence, 1, Networks[0].GetName(), "presence");

        return (scores, presence);
    }

    /// <summary>
    /// Graph of <see cref="Detect"/>: scores (B, classes) and presence map (B, steps, classes), means over the models.
    /// </summary>
    /// <param name="export">Export.</param>
    /// <param name="architectures">Configurations of the models.</param>
    /// <param name="features">Features of clips no longer than an image, (B, frames, mels).</param>
    public (OnnxValue Scores, OnnxValue Presence) Export(
        OnnxExport export, IReadOnlyList<AudioModelConfig> architectures, OnnxValue features)
    {
        List<OnnxValue> scores = [];
        List<OnnxValue> presences = [];
        for (int i = 0; i < Networks.Count; i++)
        {
            string prefix = Networks.Count == 1 ? "" : $"model{i + 1}.";
            PresenceGraph found = export.Network(Networks[i], architectures[i], features, null, prefix).Detection!;
            scores.Add(InOrder(found.Scores, 1, _outputs[i]));
            presences.Add(InOrder(found.Presence, 2, _outputs[i]));
        }

        return (OnnxExport.Mean(scores), OnnxExport.Mean(presences));

        static OnnxValue InOrder(OnnxValue values, long axis, int[] outputs) =>
            outputs.SequenceEqual(Enumerable.Range(0, outputs.Length))
                ? values
                : values.Gather(axis, Array.ConvertAll(outputs, output => (long)output));
    }

    public void Dispose()
    {
        foreach (AudioModel network in Networks)
        {
            network.Dispose();
        }
    }

    /// <summary>Adds the values of one model, divided by the number of models.</summary>
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
