using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Linear probing: computes the output of a frozen backbone once for each clip, on which the head is then trained.
/// </summary>
/// <param name="model">Model on <paramref name="device"/>.</param>
/// <param name="device">Device.</param>
internal sealed class FrozenBackbone(AudioModel model, Device device)
{
    // Shape of the head's input for one clip: (D) or, for HTS-AT, (images, N, D).
    private long[] _shape = [];

    /// <summary>Reader of the dataset that <see cref="Compute"/> returned.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Compute"/> was not called.</exception>
    public FeatureReader Reader => _shape.Length > 0
        ? new LogMelReader(new FeatureShape(1, (int)_shape.Aggregate((product, size) => product * size)))
        : throw new InvalidOperationException("The backbone has computed nothing yet.");

    /// <summary>Computes the backbone's output for all clips, without augmentation.</summary>
    /// <param name="clips">Dataset.</param>
    /// <param name="reader">Reader that converts its values to features.</param>
    /// <param name="batchSize">Batch size.</param>
    /// <param name="isCanceled">Cancellation check, called before each batch.</param>
    /// <returns>A dataset, in memory, with the backbone's output as values; null if canceled.</returns>
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
                float[] clipOutput = values.Slice(i * length, length).ToArray();
                if (clips.HasTargets)
                {
                    computed.Add(clipOutput, clips.Targets(clip).ToArray(), clips.Row(clip));
                }
                else
                {
                    computed.Add(clipOutput, clips.Labels[clip], clips.Row(clip));
                }
            }
        }

        return computed;
    }

    /// <summary>Applies the head to the backbone's output.</summary>
    /// <param name="values">Output of <see cref="Compute"/>, (B, 1, values).</param>
    /// <returns>Logits, (B, classes).</returns>
    public Tensor Classify(Tensor values)
    {
        using Tensor shaped = values.view([values.shape[0], .. _shape]);
        return model.Classify(shaped);
    }
}
