using Microsoft.ML.AudioTransformers.Core;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Batch of clips for one step: features side by side, and their classes.</summary>
internal sealed class ClipBatch
{
    /// <summary>(Count, frames, mels), row after row.</summary>
    public required float[] Features { get; init; }

    /// <summary>(Count), the classes counted from 0; of a mixture that of its greater part.</summary>
    public required long[] Labels { get; init; }

    /// <summary>
    /// (Count, classes), how much of each class a clip is, NaN where it is unlabelled; null where each is its label alone.
    /// </summary>
    public float[]? Targets { get; init; }

    /// <summary>Whether the targets are the dataset's own, and the labels mean nothing.</summary>
    public bool HasTargets { get; init; }

    /// <summary>The sizes of one clip's features.</summary>
    public required FeatureShape Shape { get; init; }

    public int Count => Labels.Length;

    /// <summary>The batch on a device, in the current dispose scope.</summary>
    /// <returns>(Count, frames, mels) and (Count).</returns>
    public (Tensor Features, Tensor Labels) ToTensors(Device device) => (
        TensorData.Create<float>(Features, [Count, Shape.Frames, Shape.Mels], device),
        TensorData.Create<long>(Labels, [Count], device));

    /// <summary>The targets on a device, in the current dispose scope; null where there are none.</summary>
    /// <returns>(Count, classes).</returns>
    public Tensor? TargetsToTensor(Device device) =>
        Targets is null ? null : TensorData.Create<float>(Targets, [Count, Targets.Length / Count], device);
}
