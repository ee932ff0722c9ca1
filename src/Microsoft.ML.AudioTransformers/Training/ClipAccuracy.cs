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

    public ClipAccuracy(Device device)
    {
        // (2): sum of losses, number right.
        _sums = zeros(2, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
    }

    /// <param name="loss">Mean loss of a batch, a scalar.</param>
    /// <param name="logits">(B, classes).</param>
    /// <param name="labels">(B), class indices.</param>
    public void Add(Tensor loss, Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        long count = labels.shape[0];
        Tensor right = logits.detach().argmax(1).eq(labels).sum();
        Tensor sums = stack([
            loss.detach().to(ScalarType.Float64) * count,
            right.to(ScalarType.Float64)]);
        _sums.add_(sums);
        _count += count;
    }

    /// <summary>Mean loss and share of right answers so far; NaN before the first batch.</summary>
    public (double Loss, double Accuracy) Compute()
    {
        using Tensor onCpu = _sums.cpu();
        ReadOnlySpan<double> sums = TensorData.Read<double>(onCpu);
        return (sums[0] / _count, sums[1] / _count);
    }

    public void Dispose() => _sums.Dispose();
}
