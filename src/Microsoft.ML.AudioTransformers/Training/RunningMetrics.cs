using Microsoft.ML.AudioTransformers.Core;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Sums loss and correct answers over an epoch, on the device, so that steps need not wait for a number to come back.
/// </summary>
internal sealed class RunningMetrics : IDisposable
{
    private readonly Tensor _sums;
    private readonly IReadOnlyList<int>? _headSizes;
    private long _count;

    /// <param name="device">Where the model computes.</param>
    /// <param name="lossSum">Losses that a resumed epoch begins with.</param>
    /// <param name="rightCount">Right answers that it begins with.</param>
    /// <param name="count">Clips that it begins with.</param>
    /// <param name="headSizes">The classes of each head, where a clip has one class of each; null for one head.</param>
    public RunningMetrics(
        Device device, double lossSum = 0, double rightCount = 0, long count = 0, IReadOnlyList<int>? headSizes = null)
    {
        _headSizes = headSizes;
        // (2): sum of losses, number right.
        _sums = TensorData.Create<double>([lossSum, rightCount], [2], device).DetachFromDisposeScope();
        _count = count;
    }

    /// <summary>Clips added.</summary>
    public long Count => _count;

    /// <param name="loss">The losses of the clips, added up, a scalar.</param>
    /// <param name="logits">(B, classes).</param>
    /// <param name="labels">(B), class indices.</param>
    /// <param name="targets">
    /// (B, classes) where clips have any number of labels: an answer is right if its best class is among them, and where
    /// there are several heads if the best class of each is.
    /// </param>
    public void Add(Tensor loss, Tensor logits, Tensor labels, Tensor? targets = null)
    {
        using var scope = NewDisposeScope();
        long count = labels.shape[0];
        Tensor right = (targets is null ? logits.detach().argmax(1).eq(labels) : AreAmong(targets, logits.detach())).sum();
        Tensor sums = stack([
            loss.detach().to(ScalarType.Float64),
            right.to(ScalarType.Float64)]);
        _sums.AddInPlace(sums);
        _count += count;
    }

    private Tensor AreAmong(Tensor targets, Tensor logits)
    {
        Tensor? right = null;
        int first = 0;
        foreach (int size in _headSizes ?? [(int)logits.shape[1]])
        {
            Tensor best = logits.narrow(1, first, size).argmax(1).unsqueeze(1);           // (B, 1)
            Tensor isRight = targets.narrow(1, first, size).gather(1, best).AtLeast(0.5);
            right = right is null ? isRight : right.logical_and(isRight);
            first += size;
        }

        return right!;
    }

    /// <summary>Mean loss and share of right answers so far; NaN before the first batch.</summary>
    public (double Loss, double Accuracy) Compute()
    {
        (double loss, double right) = Sums();
        return (loss / _count, right / _count);
    }

    /// <summary>Sum of the losses and number of right answers so far.</summary>
    public (double Loss, double Right) Sums()
    {
        using Tensor onCpu = _sums.cpu();
        ReadOnlySpan<double> sums = TensorData.Read<double>(onCpu);
        return (sums[0], sums[1]);
    }

    public void Dispose() => _sums.Dispose();
}
