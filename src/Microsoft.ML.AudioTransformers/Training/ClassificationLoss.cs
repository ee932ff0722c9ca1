using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>The loss of a batch, as a sum over clips and what to divide it by: so a batch can be taken in parts.</summary>
/// <remarks>With cross-entropy the quotient is PyTorch's <c>cross_entropy</c> with the same arguments.</remarks>
internal sealed class ClassificationLoss : IDisposable
{
    private readonly AudioClassificationLoss _kind;
    private readonly double _labelSmoothing;
    private readonly int _classCount;

    // (classes), or null where all count the same.
    private readonly Tensor? _classWeights;

    public ClassificationLoss(
        AudioClassificationLoss kind, int classCount, double labelSmoothing, float[]? classWeights, Device device)
    {
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
        _classWeights is null || _kind == AudioClassificationLoss.BinaryCrossEntropy
            ? full([], targets.shape[0], dtype: ScalarType.Float32, device: targets.device)
            : (targets * _classWeights).sum();

    /// <summary>The losses of clips, added up, in float32.</summary>
    /// <param name="logits">(B, classes).</param>
    /// <param name="targets">
    /// (B, classes), with cross-entropy each row adding up to 1; with binary cross-entropy NaN where nobody knows, which
    /// loses nothing.
    /// </param>
    public Tensor Sum(Tensor logits, Tensor targets)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = logits.to(ScalarType.Float32);
        Tensor losses = _kind == AudioClassificationLoss.CrossEntropy
            ? values.log_softmax(1) * Smooth(targets) * -1
            : BinaryCrossEntropy(values, targets);
        return (_classWeights is null ? losses : losses * _classWeights).sum().MoveToOuterDisposeScope();
    }

    public void Dispose() => _classWeights?.Dispose();

    private Tensor BinaryCrossEntropy(Tensor values, Tensor targets)
    {
        Tensor known = targets.isnan().logical_not();
        Tensor losses = functional.binary_cross_entropy_with_logits(
            values, Smooth(targets.nan_to_num(0)), reduction: Reduction.None);
        return losses * known / targets.shape[1];
    }

    private Tensor Smooth(Tensor targets) => targets * (1 - _labelSmoothing) + _labelSmoothing / _classCount;
}
