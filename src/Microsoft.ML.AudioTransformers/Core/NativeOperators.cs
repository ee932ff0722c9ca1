using Microsoft.ML.AudioTransformers.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Kind of an operator of LibTorch that models use. Gradients are compared of linear layers, attention without a bias,
/// softmax, GELU, layer normalization, samples of a map, and convolutions; of the others, the results alone.
/// </summary>
internal enum NativeOperator
{
    /// <summary>Linear layer.</summary>
    Linear,

    /// <summary>Batched matrix product.</summary>
    MatrixProduct,

    /// <summary>Fused attention.</summary>
    Attention,

    /// <summary>The same with a bias of the scores, and without a gradient, as windows score.</summary>
    BiasedAttention,

    /// <summary>All blocks of a vision transformer in one call of TorchScript.</summary>
    EncoderBlocks,

    /// <summary>Gradient of attention in one call of TorchScript.</summary>
    AttentionGradient,

    /// <summary>Softmax over the last dimension.</summary>
    Softmax,

    /// <summary>GELU.</summary>
    Gelu,

    /// <summary>Layer normalization.</summary>
    LayerNorm,

    /// <summary>Batch normalization, in training and by running statistics.</summary>
    BatchNorm,

    /// <summary>Bilinear samples of a map.</summary>
    GridSample,

    /// <summary>Resized maps, linear and cubic.</summary>
    Interpolation,

    /// <summary>Means over the parts of a map.</summary>
    Pooling,

    /// <summary>Discrete Fourier transform of real numbers.</summary>
    Fourier,

    /// <summary>Sums, means, maxima and minima over a dimension.</summary>
    Reduction,

    /// <summary>Sigmoid, hyperbolic tangent, logarithms, and logarithm of a softmax.</summary>
    Function,

    /// <summary>Convolution over maps whose channels lie last, forward and backward.</summary>
    Convolution,

    /// <summary>The same, of a channel each.</summary>
    DepthwiseConvolution,
}

/// <summary>
/// Operators of LibTorch in the layouts in which models use them; a test puts a wrong one in its place.
/// </summary>
internal class NativeOperators
{
    /// <summary>Linear layer, (N, in) to (N, out).</summary>
    public virtual Tensor Linear(Tensor input, Tensor weight, Tensor bias) => nn.functional.linear(input, weight, bias);

    /// <summary>Matrix product, (B, n, k) and (B, k, m) to (B, n, m).</summary>
    public virtual Tensor MatrixProduct(Tensor left, Tensor right) => left.bmm(right);

    /// <summary>Attention, (B, heads, tokens, width) each.</summary>
    public virtual Tensor Attention(Tensor query, Tensor key, Tensor value) =>
        nn.functional.scaled_dot_product_attention(query, key, value);

    /// <summary>The same with a bias, (1, heads, tokens, tokens), in float32 or the others' type.</summary>
    public virtual Tensor BiasedAttention(Tensor query, Tensor key, Tensor value, Tensor bias) =>
        nn.functional.scaled_dot_product_attention(query, key, value, bias);

    /// <inheritdoc cref="EncoderOperators.Encode"/>
    public virtual Tensor EncoderBlocks(Tensor input, Tensor[] weights, int heads, double epsilon, long first) =>
        EncoderOperators.Encode(input, weights, heads, epsilon, first);

    /// <inheritdoc cref="AttentionOperators.Backward"/>
    public virtual Tensor AttentionGradient(Tensor projected, Tensor gradient, int heads) =>
        AttentionOperators.Backward(projected, gradient, heads);

    /// <summary>Softmax of each row.</summary>
    public virtual Tensor Softmax(Tensor rows) => rows.softmax(-1);

    /// <summary>GELU, exact.</summary>
    public virtual Tensor Gelu(Tensor x) => nn.functional.gelu(x);

    /// <summary>Layer normalization over the last dimension, of (N, width).</summary>
    public virtual Tensor LayerNorm(Tensor input, Tensor weight, Tensor bias) =>
        nn.functional.layer_norm(input, [input.shape[1]], weight, bias);

    /// <summary>Bilinear samples of maps (B, C, H, W) at points (B, h, w, 2) of -1 to 1, x and y; zero outside.</summary>
    public virtual Tensor GridSample(Tensor maps, Tensor points) =>
        nn.functional.grid_sample(maps, points, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, true);

    /// <summary>
    /// Batch normalization of (B, C, H, W), by the statistics of the batch in training and by the running ones otherwise.
    /// </summary>
    public virtual Tensor BatchNorm(
        Tensor maps, Tensor mean, Tensor variance, Tensor weight, Tensor bias, bool training) =>
        nn.functional.batch_norm(maps, mean, variance, weight, bias, training);

    /// <summary>Maps (B, C, H, W) of other sizes.</summary>
    public virtual Tensor Interpolation(Tensor maps, long height, long width, InterpolationMode mode, bool areCornersAligned) =>
        nn.functional.interpolate(maps, [height, width], mode: mode, align_corners: areCornersAligned);

    /// <summary>Means over height x width parts of maps (B, C, H, W).</summary>
    public virtual Tensor Pooling(Tensor maps, long height, long width) =>
        nn.functional.adaptive_avg_pool2d(maps, [height, width]);

    /// <summary>Spectra of rows, padded with zeros to a length: (N, length / 2 + 1, 2), real and imaginary parts.</summary>
    public virtual Tensor Fourier(Tensor rows, long length) => fft.rfft(rows, length).view_as_real();

    /// <summary>Sum, mean, maximum and minimum of each row, (4, N).</summary>
    public virtual Tensor Reduction(Tensor rows) =>
        stack([rows.sum(-1), rows.mean([-1]), rows.amax([-1]), rows.amin([-1])]);

    /// <summary>
    /// Sigmoid, hyperbolic tangent, logarithms of 4 more by e and by 2, and logarithm of the softmax of each row, (5, N, width).
    /// </summary>
    public virtual Tensor Function(Tensor rows) =>
        stack([rows.sigmoid(), rows.tanh(), rows.Plus(4).log(), rows.Plus(4).log2(), rows.log_softmax(-1)]);

    /// <summary>Convolution of maps (B, in, H, W) whose channels lie last in memory, to (B, out, H', W').</summary>
#pragma warning disable RS0030 // What Models/Layers/Convolution2d.cs calls, in its layout, to be compared.
    public virtual Tensor Convolution(Tensor maps, Tensor kernels, int stride, int padding, int groups) =>
        nn.functional.conv2d(maps, kernels, null!, [stride, stride], [padding, padding], [1, 1], groups);
#pragma warning restore RS0030
}
