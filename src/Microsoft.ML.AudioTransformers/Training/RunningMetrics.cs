using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Running loss and accuracy of an epoch. The sums stay on the device, so that a step does not wait for their transfer.
/// </summary>
internal sealed class RunningMetrics : IDisposable
{
    private readonly Tensor _sums;
    private readonly IReadOnlyList<int>? _headSizes;
    private long _count;

    /// <param name="device">Device of the model.</param>
    /// <param name="lossSum">Sum of the losses with which a resumed epoch starts.</param>
    /// <param name="correctCount">Number of correct predictions with which it starts.</param>
    /// <param name="count">Number of clips with which it starts.</param>
    /// <param name="headSizes">Number of classes of each head; null for one head.</param>
    public RunningMetrics(
        Device device, double lossSum = 0, double correctCount = 0, long count = 0, IReadOnlyList<int>? headSizes = null)
    {
        _headSizes = headSizes;
        // (2): sum of the losses, number of correct predictions.
        _sums = TensorData.Create<double>([lossSum, correctCount], [2], device).DetachFromDisposeScope();
        _count = count;
    }

    /// <summary>Number of clips so far.</summary>
    public long Count => _count;

    /// <summary>Adds clips.</summary>
    /// <param name="loss">Sum of the clips' losses, a scalar.</param>
    /// <param name="logits">(B, classes).</param>
    /// <param name="labels">Class indices, (B).</param>
    /// <param name="targets">
    /// (B, classes), if clips have targets instead of one class; null otherwise. A prediction is correct if the class with the
    /// highest logit, in each head, has a target of 0.5 or more.
    /// </param>
    public void Add(Tensor loss, Tensor logits, Tensor labels, Tensor? targets = null)
    {
        using var scope = NewDisposeScope();
        long count = labels.shape[0];
        Tensor correct = (targets is null ? logits.detach().argmax(1).eq(labels) : AreCorrect(logits.detach(), targets)).sum();
        Tensor sums = stack([
            loss.detach().to(ScalarType.Float64),
            correct.to(ScalarType.Float64)]);
        _sums.AddInPlace(sums);
        _count += count;
    }

    private Tensor AreCorrect(Tensor logits, Tensor targets)
    {
        Tensor? correct = null;
        int first = 0;
        foreach (int size in _headSizes ?? [(int)logits.shape[1]])
        {
            Tensor best = logits.narrow(1, first, size).argmax(1).unsqueeze(1);                    // (B, 1)
            Tensor headCorrect = targets.narrow(1, first, size).gather(1, best).AtLeast(0.5);      // (B, 1)
            correct = correct is null ? headCorrect : correct.logical_and(headCorrect);
            first += size;
        }

        return correct!;
    }

    /// <summary>Mean loss and accuracy so far; NaN before the first batch.</summary>
    public (double Loss, double Accuracy) Compute()
    {
        (double loss, double correct) = Sums();
        return (loss / _count, correct / _count);
    }

    /// <summary>Sum of the losses and number of correct predictions so far.</summary>
    public (double Loss, double Correct) Sums()
    {
        using Tensor onCpu = _sums.cpu();
        ReadOnlySpan<double> sums = TensorData.Read<double>(onCpu);
        return (sums[0], sums[1]);
    }

    /// <summary>The same, and the number of clips, over the ranks of a process group.</summary>
    /// <param name="group">Process group; null for one process.</param>
    public (double Loss, double Correct, long Count) Sums(ProcessGroup? group)
    {
        (double loss, double correct) = Sums();
        Span<double> sums = [loss, correct, _count];
        group?.AllReduce(sums);
        return (sums[0], sums[1], (long)sums[2]);
    }

    public void Dispose() => _sums.Dispose();
}
