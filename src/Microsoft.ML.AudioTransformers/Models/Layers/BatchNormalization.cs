using Microsoft.ML.AudioTransformers.Core;
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

        return nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training);
    }
}
