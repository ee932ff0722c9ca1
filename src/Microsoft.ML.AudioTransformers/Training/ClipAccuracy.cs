using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Sums loss and correct answers over an epoch, on the device, so that steps need not wait for a number to come back.
/// </summary>
internal sealed class ClipAccuracy : IDisposable
{
    private readonly Tensor _sums;
    private long _count;

    /// <param name="device">Where the model computes.</param>
    /// <param name="lossSum">Losses that a resumed epoch begins with.</param>
    /// <param name="rightCount">Right answers that it begins with.</param>
    /// <param name="count">Clips that it begins with.</param>
    public ClipAccuracy(Device device, double lossSum = 0, double rightCount = 0, long count = 0)
    {
        // (2): sum of losses, number right.
        _sums = TensorData.Create<double>([lossSum, rightCount], [2], device).DetachFromDisposeScope();
        _count = count;
    }

    /// <summary>Clips added.</summary>
    public long Count => _count;

    /// <param name="loss">The losses of the clips, added up, a scalar.</param>
    /// <param name="logits">(B, classes).</param>
    /// <param name="labels">(B), class indices.</param>
    /// <param name="tags">
    /// (B, classes) where clips have any number of labels: an answer is right if its best class is among them.
    /// </param>
    public void Add(Tensor loss, Tensor logits, Tensor labels, Tensor? tags = null)
    {
        using var scope = NewDisposeScope();
        long count = labels.shape[0];
        Tensor best = logits.detach().argmax(1);
        Tensor right = (tags is null ? best.eq(labels) : tags.gather(1, best.unsqueeze(1)).ge(0.5)).sum();
        Tensor sums = stack([
            loss.detach().to(ScalarType.Float64),
            right.to(ScalarType.Float64)]);
        _sums.add_(sums);
        _count += count;
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
