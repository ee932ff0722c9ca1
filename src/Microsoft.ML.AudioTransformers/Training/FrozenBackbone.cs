using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// What a backbone that training leaves alone makes of clips, computed once: the head is then trained on that (a linear
/// probe).
/// </summary>
/// <param name="model">The model, on <paramref name="device"/>.</param>
/// <param name="device">Where it is.</param>
internal sealed class FrozenBackbone(AudioModel model, Device device)
{
    // What the head takes of one clip: (D) or, in HTS-AT, (images, N, D).
    private long[] _shape = [];

    /// <summary>Reads the clips that <see cref="Compute"/> gives.</summary>
    /// <exception cref="InvalidOperationException">There are none yet.</exception>
    public FeatureReader Reader => _shape.Length > 0
        ? new LogMelReader(new FeatureShape(1, (int)_shape.Aggregate((product, size) => product * size)))
        : throw new InvalidOperationException("The backbone has computed nothing yet.");

    /// <summary>The clips with what the backbone makes of them in place of their features; it sees each once.</summary>
    /// <param name="clips">Clips to which nothing happens by chance.</param>
    /// <param name="reader">Makes features of them.</param>
    /// <param name="batchSize">Clips of one pass.</param>
    /// <param name="isCanceled">Asked before each pass.</param>
    /// <returns>The clips, or null when canceled.</returns>
    public ClipDataset? Compute(ClipDataset clips, FeatureReader reader, int batchSize, Func<bool> isCanceled)
    {
        using IDisposable guard = no_grad();
        model.eval();
        var computed = new ClipDataset();
        foreach (ClipBatch batch in BatchLoader.ForValidation(clips, reader).Batches(batchSize, epoch: 0))
        {
            if (isCanceled())
            {
                return null;
            }

            using DisposeScope scope = NewDisposeScope();
            (Tensor features, _) = batch.ToTensors(device);
            Tensor output = model.Backbone(model.FromFeatures(features));    // (B, ...)
            _shape = output.shape[1..];
            ReadOnlySpan<float> values = TensorData.Read<float>(output.to(ScalarType.Float32).cpu().contiguous());
            int length = values.Length / batch.Count;
            for (int i = 0; i < batch.Count; i++)
            {
                int clip = computed.Count;
                float[] own = values.Slice(i * length, length).ToArray();
                if (clips.HasTargets)
                {
                    computed.Add(own, clips.Targets(clip).ToArray(), clips.Row(clip));
                }
                else
                {
                    computed.Add(own, clips.Labels[clip], clips.Row(clip));
                }
            }
        }

        return computed;
    }

    /// <summary>What <see cref="Compute"/> gave of clips, (B, 1, values), to logits (B, classes).</summary>
    public Tensor Classify(Tensor values)
    {
        using Tensor shaped = values.view([values.shape[0], .. _shape]);
        return model.Classify(shaped);
    }
}
