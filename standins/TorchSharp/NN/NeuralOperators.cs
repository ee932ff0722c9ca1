using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>The operators behind torch.nn; libtorch's names.</summary>
internal static class NeuralOperators
{
    internal static readonly Operator linear = new();
    internal static readonly Operator dropout = new();
    internal static readonly Operator dropout_ = new();
    internal static readonly Operator feature_dropout = new();
    internal static readonly Operator feature_dropout_ = new();
    internal static readonly Operator embedding = new();
    internal static readonly Operator embedding_renorm_ = new();
    internal static readonly Operator one_hot = new();
    internal static readonly Operator cosine_similarity = new();
    internal static readonly Operator pixel_shuffle = new();
    internal static readonly Operator flatten = new("flatten.using_ints");
    internal static readonly Operator unflatten = new("unflatten.int");

    // libtorch 1.13 has the private one only, which returns the attention weights too.
    internal static readonly Operator scaled_dot_product_attention = new();
    internal static readonly Operator _scaled_dot_product_attention = new();

    internal static readonly Operator conv1d = new();
    internal static readonly Operator conv1d_padding = new("conv1d.padding");
    internal static readonly Operator conv2d = new();
    internal static readonly Operator conv2d_padding = new("conv2d.padding");
    internal static readonly Operator im2col = new();
    internal static readonly Operator col2im = new();

    internal static readonly Operator batch_norm = new();
    internal static readonly Operator instance_norm = new();
    internal static readonly Operator layer_norm = new();
    internal static readonly Operator group_norm = new();

    internal static readonly Operator gelu = new();
    internal static readonly Operator glu = new();
    internal static readonly Operator hardsigmoid = new();
    internal static readonly Operator hardswish = new();
    internal static readonly Operator leaky_relu = new();
    internal static readonly Operator leaky_relu_ = new();
    internal static readonly Operator log_sigmoid = new();
    internal static readonly Operator log_softmax = new("log_softmax.int");
    internal static readonly Operator relu = new();
    internal static readonly Operator relu_ = new();
    internal static readonly Operator sigmoid = new();
    internal static readonly Operator silu = new();
    internal static readonly Operator silu_ = new();
    internal static readonly Operator softmax = new("softmax.int");
    internal static readonly Operator softplus = new();
    internal static readonly Operator tanh = new();
    internal static readonly Operator tanh_ = new();

    internal static readonly Operator binary_cross_entropy = new();
    internal static readonly Operator binary_cross_entropy_with_logits = new();
    internal static readonly Operator cross_entropy_loss = new();
    internal static readonly Operator huber_loss = new();
    internal static readonly Operator kl_div = new();
    internal static readonly Operator mse_loss = new();
    internal static readonly Operator nll_loss_nd = new();
    internal static readonly Operator smooth_l1_loss = new();

    internal static readonly Operator adaptive_avg_pool1d = new();
    internal static readonly Operator adaptive_avg_pool2d = new();
    internal static readonly Operator adaptive_max_pool1d = new();
    internal static readonly Operator adaptive_max_pool2d = new();
    internal static readonly Operator avg_pool1d = new();
    internal static readonly Operator avg_pool2d = new();
    internal static readonly Operator max_pool1d = new();
    internal static readonly Operator max_pool1d_with_indices = new();
    internal static readonly Operator max_pool2d = new();
    internal static readonly Operator max_pool2d_with_indices = new();

    internal static readonly Operator affine_grid_generator = new();
    internal static readonly Operator grid_sampler = new();
    internal static readonly Operator pad = new();
    internal static readonly Operator upsample_nearest1d = new("upsample_nearest1d.vec");
    internal static readonly Operator upsample_nearest2d = new("upsample_nearest2d.vec");
    internal static readonly Operator upsample_linear1d = new("upsample_linear1d.vec");
    internal static readonly Operator upsample_bilinear2d = new("upsample_bilinear2d.vec");
    internal static readonly Operator upsample_bicubic2d = new("upsample_bicubic2d.vec");

    internal static readonly Operator fill_ = new("fill_.Scalar");
    internal static readonly Operator normal_ = new();
    internal static readonly Operator uniform_ = new();
}
