using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Window attention: self-attention within windows of a map, with a learned bias for each relative position (Swin
/// Transformer, Liu et al. 2021, section 3.2, equation 4).
/// </summary>
internal sealed class WindowAttention : nn.Module<Tensor, Tensor>
{
    private readonly Parameter relative_position_bias_table;
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly int _window;
    private readonly int _heads;
    private readonly ConstantTensor<long> _index;
    private readonly ConstantTensor<float>? _mask;

    // Points of the map that is not shifted in the order of windows, and back.
    private readonly ConstantTensor<long> _order;
    private readonly ConstantTensor<long> _places;

    /// <param name="dim">Width of the tokens, a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="height">Rows of the map, a multiple of <paramref name="window"/>.</param>
    /// <param name="width">Columns of the map, a multiple of <paramref name="window"/>.</param>
    /// <param name="window">Rows and columns of a window.</param>
    /// <param name="shift">Rows and columns that the map was shifted by; 0 where it was not.</param>
    /// <param name="generator">Random generator of the initial weights.</param>
    /// <param name="hasQkvBias">Whether queries, keys and values have a bias (<c>qkv_bias</c>).</param>
    public WindowAttention(
        int dim, int heads, int height, int width, int window, int shift, Generator generator, bool hasQkvBias = true)
        : base(nameof(WindowAttention))
    {
        _window = window;
        _heads = heads;
        int tokens = window * window;
        _index = new ConstantTensor<long>(AttentionWindows.RelativePositionIndex(window), 1, tokens * tokens);
        MapSize map = new(height, width);
        _mask = shift == 0 ? null : new ConstantTensor<float>(
            AttentionWindows.Mask(map, map, window, new MapSize(shift, shift)), height * width / tokens, 1, tokens, tokens);
        MapSize shifts = new(shift, shift);
        _order = new ConstantTensor<long>(AttentionWindows.Order(map, window, shifts), map.Points);
        _places = new ConstantTensor<long>(AttentionWindows.Places(map, map, window, shifts), map.Points);
        relative_position_bias_table = new Parameter(zeros(((2 * window) - 1) * ((2 * window) - 1), heads));
        qkv = Initialization.Linear(dim, 3 * dim, hasBias: hasQkvBias);
        proj = Initialization.Linear(dim, dim);
        Initialization.Normal(relative_position_bias_table, generator);
        Initialization.Normal(qkv, generator);
        Initialization.Normal(proj, generator);
        RegisterComponents();
    }

    /// <summary>Relative position index, the row of the bias table for each pair of a window's tokens, (N, N).</summary>
    public ReadOnlySpan<long> RelativePositionIndex => _index.Values;

    /// <summary>Attention mask of a shifted map, (windows, N, N); empty for one that is not shifted.</summary>
    public ReadOnlySpan<float> ShiftMask => _mask is null ? [] : _mask.Values;

    /// <summary>(B, H, W, D) to (B, H, W, D)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Attend(input).Output.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Scoring: tokens of the map before it is shifted, (B, H W, D), to the same, shifted back. Gathers windows by one index;
    /// the kernel holds no attention weights, but a bias for each window of a batch of several clips.
    /// </summary>
    public Tensor Mix(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        (long batch, long points, long dim) = (input.shape[0], input.shape[1], input.shape[2]);
        long tokens = _window * _window;
        Tensor projected;
        using (Tensor windows = MixedPrecision.Rounded(input)
            .index_select(1, _order.Like(input))
            .view(-1, tokens, dim))                                           // (B windows, N, D)
        {
            projected = MixedPrecision.Linear(qkv, windows);                  // (B windows, N, 3 D)
        }

        Tensor bias = Bias();                                                 // (heads, N, N)
        bias = bias.dim() == 3 ? bias.unsqueeze(0)
            : batch == 1 ? bias
            : bias.repeat(batch, 1, 1, 1);                                    // (B windows or 1, heads, N, N)
        Tensor mixed = Attention.Mix(projected, _heads, bias);                // (B windows, N, D)
        return MixedPrecision.Linear(proj, mixed)
            .view(batch, points, dim)
            .index_select(1, _places.Like(input))                             // (B, H W, D)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// (B, H, W, D) to the same and to the attention weights (B * windows, heads, N, N), the windows row by row.
    /// </summary>
    public (Tensor Output, Tensor Weights) Attend(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] shape = input.shape;
        (long batch, long height, long width, long dim) = (shape[0], shape[1], shape[2], shape[3]);
        (long rows, long columns, long tokens) = (height / _window, width / _window, _window * _window);
        long headDim = dim / _heads;

        // Projected before the windows are cut out, so that one copy cuts them and splits the heads. Large tensors are freed
        // as soon as they are used: the next finds its memory in the processor's cache.
        Tensor cut;
        using (Tensor projected = MixedPrecision.Linear(qkv, input))           // (B, H, W, 3 D)
        {
            cut = projected
                .view(batch, rows, _window, columns, _window, 3, _heads, headDim)
                .permute(5, 0, 1, 3, 6, 2, 4, 7)                              // (3, B, rows, columns, heads, w, w, d)
                .reshape(3, batch * rows * columns * _heads, tokens, headDim);
        }

        Tensor[] parts = cut.unbind(0);
        Tensor weights = Weights(parts[0], parts[1], rows * columns);         // (B, windows, heads, N, N)
        Tensor mixed = weights.view(-1, tokens, tokens).to(parts[2].dtype).bmm(parts[2]) // (B windows heads, N, d)
            .view(batch, rows, columns, _heads, _window, _window, headDim)
            .permute(0, 1, 4, 2, 5, 3, 6)                                     // (B, rows, w, columns, w, heads, d)
            .reshape(batch, height, width, dim);
        return (
            MixedPrecision.Linear(proj, mixed).MoveToOuterDisposeScope(),
            weights.view(-1, _heads, tokens, tokens).MoveToOuterDisposeScope());
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _index.Dispose();
            _mask?.Dispose();
            _order.Dispose();
            _places.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Attention weights, the softmax of equation 4, (B, windows, heads, N, N), of queries and keys (B windows heads, N, d).
    /// </summary>
    private Tensor Weights(Tensor query, Tensor key, long windows)
    {
        (long tokens, long headDim) = (query.shape[1], query.shape[2]);
        using Tensor keys = key.transpose(1, 2);
        using Tensor products = query.bmm(keys);                              // (B windows heads, N, N)
        using Tensor ofWindows = products.view(-1, windows, _heads, tokens, tokens);
        using Tensor bias = Bias();
        using Tensor scores = bias.Plus(ofWindows, factor: 1 / Math.Sqrt(headDim));
        return scores.softmax(-1);
    }

    /// <summary>
    /// Bias B of equation 4, (heads, N, N); for a shifted map with each window's mask, (windows, heads, N, N).
    /// </summary>
    private Tensor Bias()
    {
        long tokens = _window * _window;
        Tensor index = _index.Like(relative_position_bias_table).expand(_heads, tokens * tokens);
        Tensor bias = relative_position_bias_table.t().gather(1, index).view(_heads, tokens, tokens);
        return _mask is null ? bias : bias.Plus(_mask.Like(bias), AttentionWindows.MaskFactor);
    }
}
