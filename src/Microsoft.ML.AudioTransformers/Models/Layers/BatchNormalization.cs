using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Batch normalization with PyTorch's defaults: by the mean and variance of the batch in training, of which running ones take
/// a tenth (momentum), and by the running ones otherwise. (TorchSharp's own counts its batches with a scalar that nothing
/// holds.)
/// </summary>
internal sealed class BatchNormalization : nn.Module<Tensor, Tensor>
{
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

    internal readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;
    private readonly Tensor num_batches_tracked;

    /// <param name="channels">Channels, the second dimension of the input.</param>
    public BatchNormalization(int channels)
        : base(nameof(BatchNormalization))
    {
        weight = new Parameter(ones(channels));
        bias = new Parameter(zeros(channels));
        running_mean = zeros(channels);
        running_var = ones(channels);
        num_batches_tracked = zeros([], ScalarType.Int64);
        RegisterComponents();
    }

    /// <summary>(B, channels, ...) to the same</summary>
    public override Tensor forward(Tensor input)
    {
        if (training)
        {
            using Tensor one = ones_like(num_batches_tracked);
            num_batches_tracked.AddInPlace(one);
        }

        return training && !input.requires_grad
            ? Normalize(input, ShardedSection.Group)
            : ShardedSection.Group is null || !training
                ? nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training)
                : throw new NotSupportedException(
                    "Batch normalization over several ranks takes the data itself, not the output of layers with weights.");
    }

    /// <summary>
    /// The same for data, which need no gradient: with sums in float64, so that they are the same over one process and over
    /// several ranks, as torch.nn.SyncBatchNorm has them.
    /// </summary>
    private Tensor Normalize(Tensor input, ProcessGroup? group)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] others = [0, .. Enumerable.Range(2, (int)input.dim() - 2).Select(dimension => (long)dimension)];
        long[] channels = [1, input.shape[1], .. Enumerable.Repeat(1L, others.Length - 1)];
        Tensor values = input.to(ScalarType.Float64);
        Tensor count = TensorArithmetic.Full(
            [], values.numel() / input.shape[1], ScalarType.Float64, input.device);
        Tensor mean = values.sum(others);                                     // (channels)
        group?.AllReduce([count, mean]);
        mean = mean.div(count);
        Tensor centered = values.Plus(mean.view(channels), -1);
        Tensor variance = centered.mul(centered).sum(others);                 // (channels)
        group?.AllReduce([variance]);
        using (no_grad())
        {
            // Of the variance, the running one takes the unbiased estimate.
            Update(running_mean, mean);
            Update(running_var, variance.div(count.Plus(-1)));
        }

        Tensor deviation = variance.div(count).Plus(Epsilon).sqrt();
        Tensor normalized = centered.div(deviation.view(channels)).to(input.dtype);
        return normalized.mul(weight.view(channels)).Plus(bias.view(channels)).MoveToOuterDisposeScope();
    }

    private static void Update(Tensor running, Tensor value)
    {
        Tensor updated = running.Times(1 - Momentum).Plus(value.to(running.dtype), Momentum);
        running.copy_(updated);
    }
}
