using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Batch of clips: features, labels and targets.</summary>
internal sealed class ClipBatch
{
    /// <summary>Features, (Count, frames, mels) in row-major order.</summary>
    public required float[] Features { get; init; }

    /// <summary>Class indices, (Count); for a mixture, the class of the clip with the greater weight. 0 if the dataset has
    /// targets.</summary>
    public required long[] Labels { get; init; }

    /// <summary>
    /// Targets, (Count, classes), 0 to 1, or NaN for an unlabelled class; null if each clip has one class and mixup is off.
    /// </summary>
    public float[]? Targets { get; init; }

    /// <summary>Whether the dataset has targets; <see cref="Labels"/> are then not used.</summary>
    public bool HasTargets { get; init; }

    /// <summary>Shape of one clip's features.</summary>
    public required FeatureShape Shape { get; init; }

    /// <summary>Number of clips.</summary>
    public int Count => Labels.Length;

    /// <summary>Shard of the batch of all ranks that these clips are; for one process, the whole batch.</summary>
    public BatchShard Shard
    {
        get => _shard ?? new BatchShard(0, Count, Count);
        init => _shard = value;
    }

    private readonly BatchShard? _shard;

    /// <summary>Creates tensors on a device, in the current dispose scope.</summary>
    /// <returns>Features (Count, frames, mels) and labels (Count).</returns>
    public (Tensor Features, Tensor Labels) ToTensors(Device device) => (
        TensorData.Create<float>(Features, [Count, Shape.Frames, Shape.Mels], device),
        TensorData.Create<long>(Labels, [Count], device));

    /// <summary>Creates the tensor of the targets on a device, in the current dispose scope.</summary>
    /// <returns>(Count, classes); null if there are no targets.</returns>
    public Tensor? TargetsToTensor(Device device) =>
        Targets is null ? null : TensorData.Create<float>(Targets, [Count, Targets.Length / Count], device);
}
