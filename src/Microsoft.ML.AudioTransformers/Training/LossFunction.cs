using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>The loss of a batch, as a sum over clips and what to divide it by: so a batch can be taken in parts.</summary>
/// <remarks>With cross-entropy the quotient is PyTorch's <c>cross_entropy</c> with the same arguments.</remarks>
internal sealed class LossFunction : IDisposable
{
    private readonly AudioLossFunction _kind;
    private readonly double _labelSmoothing;
    private readonly int _classCount;
    private readonly IReadOnlyList<int> _headSizes;

    // (classes), or null where all count the same.
    private readonly Tensor? _classWeights;

    /// <param name="kind">What it is.</param>
    /// <param name="classCount">All classes.</param>
    /// <param name="labelSmoothing">The share of a target that is spread over its head's classes.</param>
    /// <param name="classWeights">How much each class counts, or null; of one head only.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="headSizes">
    /// The classes of each head, each with a cross-entropy of its own, which are added up; null for one head.
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

    /// <summary>Classes (B) as targets (B, classes): 1 for the right one, 0 for the others.</summary>
    public Tensor ToTargets(Tensor labels) => functional.one_hot(labels, _classCount).to(ScalarType.Float32);

    /// <summary>How much the clips of a batch count together, a scalar.</summary>
    /// <param name="targets">(B, classes).</param>
    public Tensor Total(Tensor targets) =>
        _classWeights is null || _kind == AudioLossFunction.BinaryCrossEntropy
            ? TensorArithmetic.Full([], targets.shape[0], device: targets.device)
            : (targets * _classWeights).sum();

    /// <summary>The losses of clips, added up, in float32.</summary>
    /// <param name="logits">(B, classes).</param>
    /// <param name="targets">
    /// (B, classes), with cross-entropy each row of each head adding up to 1; with binary cross-entropy NaN where a class is unlabelled, which
    /// loses nothing.
    /// </param>
    public Tensor Sum(Tensor logits, Tensor targets)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = logits.to(ScalarType.Float32);
        Tensor losses = _kind == AudioLossFunction.CrossEntropy
            ? CrossEntropies(values, targets)
            : BinaryCrossEntropy(values, targets);
        return (_classWeights is null ? losses : losses * _classWeights).sum().MoveToOuterDisposeScope();
    }

    public void Dispose() => _classWeights?.Dispose();

    private Tensor CrossEntropies(Tensor values, Tensor targets)
    {
        var losses = new Tensor[_headSizes.Count];
        int first = 0;
        for (int head = 0; head < losses.Length; head++)
        {
            int size = _headSizes[head];
            Tensor smooth = Smooth(targets.narrow(1, first, size), size);
            losses[head] = (values.narrow(1, first, size).log_softmax(1) * smooth).neg();
            first += size;
        }

        return losses.Length == 1 ? losses[0] : cat(losses, 1);
    }

    private Tensor BinaryCrossEntropy(Tensor values, Tensor targets)
    {
        Tensor known = targets.isnan().logical_not();
        Tensor losses = functional.binary_cross_entropy_with_logits(
            values, Smooth(targets.nan_to_num(0), _classCount), reduction: Reduction.None);
        return (losses * known).Over(targets.shape[1]);
    }

    private Tensor Smooth(Tensor targets, int classCount) => targets.Times(1 - _labelSmoothing).Plus(_labelSmoothing / classCount);
}
