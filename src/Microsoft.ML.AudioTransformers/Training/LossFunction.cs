using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Loss function of a batch: a sum over clips (<see cref="Sum"/>) divided by the batch's total weight
/// (<see cref="Normalizer"/>). The two are separate so that gradient accumulation can split a batch.
/// </summary>
/// <remarks>With cross-entropy, the quotient equals PyTorch's <c>cross_entropy</c> with the same arguments.</remarks>
internal sealed class LossFunction : IDisposable
{
    private readonly AudioLossFunction _kind;
    private readonly double _labelSmoothing;
    private readonly int _classCount;
    private readonly IReadOnlyList<int> _headSizes;

    // (classes); null for equal weights.
    private readonly Tensor? _classWeights;

    /// <param name="kind">Cross-entropy or binary cross-entropy.</param>
    /// <param name="classCount">Number of classes of all heads.</param>
    /// <param name="labelSmoothing">Share of a target that is spread evenly over its head's classes, 0 to less than 1.</param>
    /// <param name="classWeights">Class weights, (classes), for a model with one head; null for equal weights.</param>
    /// <param name="device">Device of the model.</param>
    /// <param name="headSizes">
    /// Number of classes of each head, whose cross-entropies are added; null for one head.
    /// </param>
    public LossFunction(
        AudioLossFunction kind,
        int classCount,
        double labelSmoothing,
        float[]? classWeights,
        Device device,
        IReadOnlyList<int>? headSizes = null)
    {
        _headSizes = headSizes ?? [classCount];
        _kind = kind;
        _classCount = classCount;
        _labelSmoothing = labelSmoothing;
        _classWeights = classWeights is null
            ? null
            : TensorData.Create<float>(classWeights, [classCount], device).DetachFromDisposeScope();
    }

    /// <summary>One-hot encoding: class indices (B) to targets (B, classes) in float32.</summary>
    public Tensor ToTargets(Tensor labels) => functional.one_hot(labels, _classCount).to(ScalarType.Float32);

    /// <summary>Whether the clips of a batch count by their classes, and not alike.</summary>
    public bool IsWeighted => _classWeights is not null && _kind != AudioLossFunction.BinaryCrossEntropy;

    /// <summary>Divisor of <see cref="Sum"/> for the mean loss of a batch, a scalar: the sum of the targets' class weights for
    /// weighted cross-entropy, otherwise the batch size.</summary>
    /// <param name="targets">Targets of the whole batch, (B, classes).</param>
    public Tensor Normalizer(Tensor targets) =>
        IsWeighted
            ? (targets * _classWeights!).sum()
            : TensorArithmetic.Full([], targets.shape[0], device: targets.device);

    /// <summary>Sum of the losses of clips, a scalar in float32.</summary>
    /// <param name="logits">(B, classes).</param>
    /// <param name="targets">
    /// (B, classes). For cross-entropy, the targets of each head add up to 1. For binary cross-entropy, NaN stands for an
    /// unlabelled class, whose loss is 0.
    /// </param>
    public Tensor Sum(Tensor logits, Tensor targets)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = logits.to(ScalarType.Float32);
        Tensor losses = _kind == AudioLossFunction.CrossEntropy
            ? CrossEntropy(values, targets)
            : BinaryCrossEntropy(values, targets);
        return (_classWeights is null ? losses : losses * _classWeights).sum().MoveToOuterDisposeScope();
    }

    public void Dispose() => _classWeights?.Dispose();

    private Tensor CrossEntropy(Tensor values, Tensor targets)
    {
        var losses = new Tensor[_headSizes.Count];
        int first = 0;
        for (int head = 0; head < losses.Length; head++)
        {
            int size = _headSizes[head];
            Tensor smoothed = Smooth(targets.narrow(1, first, size), size);
            losses[head] = (values.narrow(1, first, size).log_softmax(1) * smoothed).neg();
            first += size;
        }

        return losses.Length == 1 ? losses[0] : cat(losses, 1);
    }

    private Tensor BinaryCrossEntropy(Tensor values, Tensor targets)
    {
        Tensor isLabelled = targets.isnan().logical_not();
        Tensor losses = functional.binary_cross_entropy_with_logits(
            values, Smooth(targets.nan_to_num(0), _classCount), reduction: Reduction.None);
        return (losses * isLabelled).Over(targets.shape[1]);
    }

    private Tensor Smooth(Tensor targets, int classCount) =>
        targets.Times(1 - _labelSmoothing).Plus(_labelSmoothing / classCount);
}
