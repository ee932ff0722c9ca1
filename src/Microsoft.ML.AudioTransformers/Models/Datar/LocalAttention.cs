using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Local attention of DAT: attention within windows of a map, which may be shifted by half a window (Liu et al. 2021, "Swin
/// Transformer", section 3.2).
/// </summary>
/// <remarks>
/// A map that is no multiple of the window is padded with zeros at its end; no point of the map attends to them, and they
/// are cut off again. Along an axis that is shorter than a window nothing is shifted.
/// </remarks>
internal sealed class LocalAttention : nn.Module<Tensor, Tensor>
{
    private readonly Linear proj_qkv;
    private readonly Linear proj_out;
    private readonly Parameter relative_position_bias_table;
    private readonly Tensor relative_position_index;
    private readonly Tensor? attn_mask;
    private readonly int _heads;
    private readonly int _window;
    private readonly MapSize _map;
    private readonly MapSize _padded;
    private readonly MapSize _shift;

    // Points of the padded map in the order of windows, and the places of the map's points in it.
    private readonly ConstantTensor<long> _order;
    private readonly ConstantTensor<long> _places;

    public LocalAttention(int dim, int heads, int window, MapSize map, bool isShifted)
        : base(nameof(LocalAttention))
    {
        _heads = heads;
        _window = window;
        _map = map;
        _padded = new MapSize(RoundUp(map.Height), RoundUp(map.Width));
        int shift = isShifted ? (window + 1) / 2 : 0;
        _shift = new MapSize(map.Height < window ? 0 : shift, map.Width < window ? 0 : shift);
        proj_qkv = Initialization.UniformLinear(dim, 3 * dim);
        proj_out = Initialization.UniformLinear(dim, dim);
        (int side, int points) = ((2 * window) - 1, window * window);
        relative_position_bias_table = new Parameter(zeros(side * side, heads));
        relative_position_index = tensor(AttentionWindows.RelativePositionIndex(window), points, points);
        attn_mask = isShifted || _padded != map
            ? tensor(AttentionWindows.Mask(map, _padded, window, _shift), _padded.Points / points, points, points)
            : null;
        _order = new ConstantTensor<long>(AttentionWindows.Order(_padded, window, _shift), _padded.Points);
        _places = new ConstantTensor<long>(AttentionWindows.Places(map, _padded, window, _shift), map.Points);
        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        (long batch, long dim) = (input.shape[0], input.shape[1]);
        (long rows, long columns) = (_padded.Height / _window, _padded.Width / _window);
        long points = _window * _window;
        Tensor x = MixedPrecision.Rounded(input.permute(0, 2, 3, 1)); // (B, H, W, C)
        if (_padded != _map)
        {
            x = nn.functional.pad(x, [0, 0, 0, _padded.Width - _map.Width, 0, _padded.Height - _map.Height]);
        }

        if (Attention.IsScoring(this, input))
        {
            return Mix(x).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
        }

        if (_shift != default)
        {
            x = x.roll([-_shift.Height, -_shift.Width], [1, 2]);
        }

        x = x.reshape(batch, rows, _window, columns, _window, dim)
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(batch, rows * columns, points, dim);           // (B, windows, N, C)
        Tensor[] parts = MixedPrecision.Linear(proj_qkv, x)         // (B, windows, N, 3 C)
            .reshape(batch, rows * columns, points, 3, _heads, dim / _heads)
            .permute(3, 0, 1, 4, 2, 5)                              // (3, B, windows, heads, N, C / heads)
            .unbind(0);
        Tensor products = parts[0].Times(Math.Pow(dim / _heads, -0.5)) // (B, windows, heads, N, N)
            .MatMul(parts[1].transpose(-2, -1));
        Tensor weights = products.Plus(Bias(points)).softmax(-1);    // (B, windows, heads, N, N)
        x = weights.to(parts[2].dtype).MatMul(parts[2])             // (B, windows, heads, N, C / heads)
            .transpose(2, 3)
            .reshape(batch, rows, columns, _window, _window, dim);
        x = MixedPrecision.Linear(proj_out, x)
            .permute(0, 1, 3, 2, 4, 5)
            .reshape(batch, _padded.Height, _padded.Width, dim);    // (B, H, W, C)
        if (_shift != default)
        {
            x = x.roll([_shift.Height, _shift.Width], [1, 2]);
        }

        x = x.narrow(1, 0, _map.Height).narrow(2, 0, _map.Width);
        return x.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _order.Dispose();
            _places.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Scoring: the padded map (B, H', W', C) to (B, H, W, C). Gathers windows by one index; the kernel holds no
    /// attention weights, but a bias for each window of a batch of several clips.
    /// </summary>
    private Tensor Mix(Tensor x)
    {
        (long batch, long dim, long points) = (x.shape[0], x.shape[3], _window * _window);
        Tensor projected;
        using (Tensor windows = x.flatten(1, 2)
            .index_select(1, _order.Like(x))
            .view(-1, points, dim))                                 // (B windows, N, C)
        {
            projected = MixedPrecision.Linear(proj_qkv, windows);   // (B windows, N, 3 C)
        }

        Tensor bias = Bias(points);                                 // (1 or windows, heads, N, N)
        bias = batch == 1 || bias.shape[0] == 1 ? bias : bias.repeat(batch, 1, 1, 1);
        Tensor mixed = Attention.Mix(projected, _heads, bias);      // (B windows, N, C)
        return MixedPrecision.Linear(proj_out, mixed)
            .view(batch, _padded.Points, dim)
            .index_select(1, _places.Like(x))
            .view(batch, _map.Height, _map.Width, dim);
    }

    /// <summary>Relative position bias (section 3.2) plus attention mask, (1 or windows, heads, N, N).</summary>
    private Tensor Bias(long points)
    {
        Tensor index = relative_position_index.view(-1).to(ScalarType.Int64);
        Tensor bias = relative_position_bias_table.index_select(0, index)
            .view(points, points, _heads)
            .permute(2, 0, 1)
            .unsqueeze(0);                                          // (1, heads, N, N)
        return attn_mask is null ? bias : bias.Plus(attn_mask.unsqueeze(1), AttentionWindows.MaskFactor);
    }

    private int RoundUp(int length) => (length + _window - 1) / _window * _window;
}
