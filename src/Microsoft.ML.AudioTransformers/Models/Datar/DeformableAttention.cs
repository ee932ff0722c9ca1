using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Deformable attention: keys and values are sampled from the map at points that an offset network moves (section 3.1). All
/// groups and heads go through each operator together.
/// </summary>
/// <remarks>
/// A map of one row or column has no distance that DAT++'s coordinates could be divided by (the official code divides by
/// zero): its only point lies at 0, the middle.
/// </remarks>
internal sealed class DeformableAttention : nn.Module<Tensor, Tensor>
{
    private readonly Sequential conv_offset;
    private readonly Convolution2d proj_q;
    private readonly Convolution2d proj_k;
    private readonly Convolution2d proj_v;
    private readonly Convolution2d proj_out;
    private readonly Parameter? rpe_table;

    // The module named rpe_table, where the position bias is a module and not a table.
    private readonly Func<Tensor, Tensor>? _encodePositions;
    private readonly DatarStageConfig _options;
    private readonly DatVersion _version;
    private readonly MapSize _map;
    private readonly MapSize _samples;

    public DeformableAttention(DatarStageConfig options, DatVersion version, MapSize map)
        : base(nameof(DeformableAttention))
    {
        _options = options;
        _version = version;
        _map = map;
        (int dim, int groupDim, int kernel) = (options.Dim, options.Dim / options.Groups, options.OffsetKernel);
        int padding = version == DatVersion.DatPlusPlus && kernel == options.Stride ? 0 : kernel / 2;
        int least = Math.Min(map.Height, map.Width) + (2 * padding);
        OptionCheck.That(
            kernel <= least, kernel, "OffsetKernels", $"at most {least} for a map of {map.Height} x {map.Width}");
        _samples = new MapSize(Samples(map.Height, padding), Samples(map.Width, padding));

        // The audio offset generator; the last convolution has no bias, which would shift all points alike.
        conv_offset = nn.Sequential(
            new Convolution2d(groupDim, groupDim, kernel, options.Stride, padding, groups: groupDim),
            new LayerNorm2d(groupDim),
            nn.GELU(),
            new Convolution2d(groupDim, 2, 1, hasBias: false));
        proj_q = new Convolution2d(dim, dim, 1);
        proj_k = new Convolution2d(dim, dim, 1);
        proj_v = new Convolution2d(dim, dim, 1);
        proj_out = new Convolution2d(dim, dim, 1);

        // DAT++ without offsets has no position bias either.
        bool hasBias = version == DatVersion.Dat || !options.NoOffsets;
        switch (hasBias ? options.PositionBias : DeformablePositionBias.None)
        {
            case DeformablePositionBias.Interpolated:
                rpe_table = new Parameter(zeros(options.Heads, (2 * map.Height) - 1, (2 * map.Width) - 1));
                break;
            case DeformablePositionBias.Fixed:
                rpe_table = new Parameter(zeros(options.Heads, map.Points, _samples.Points));
                break;
            case DeformablePositionBias.Convolutional:
                _encodePositions = Register(new Convolution2d(dim, dim, 3, 1, 1, groups: dim));
                break;
            case DeformablePositionBias.LogSpaced:
                _encodePositions = Register(nn.Sequential(
                    Initialization.UniformLinear(2, 32),
                    nn.ReLU(),
                    Initialization.UniformLinear(32, options.Heads / options.Groups, hasBias: false)));
                break;
        }

        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!Attention.IsScoring(this, input))
        {
            return Attend(input).Output.MoveToOuterDisposeScope();
        }

        // Without the weights, and so by LibTorch's kernel.
        (long batch, int heads) = (input.shape[0], _options.Heads);
        Points points = Sample(input);
        Tensor mixed = Attention.Mix(                                                     // (B, HW, C)
            Heads(points.Query), Heads(points.Keys), Heads(points.Values),
            points.Bias?.view(batch, heads, _map.Points, _samples.Points));
        mixed = mixed.view(batch, _map.Height, _map.Width, _options.Dim).permute(0, 3, 1, 2);
        return Project(mixed, points).MoveToOuterDisposeScope();                          // (B, C, H, W)

        // (B, C, H, W) to (B, heads, H W, c)
        Tensor Heads(Tensor map) => map.permute(0, 2, 3, 1)
            .reshape(batch, map.shape[2] * map.shape[3], heads, -1)
            .transpose(1, 2);
    }

    /// <summary>Output, (B, C, H, W), and the points that it was sampled at; in the current dispose scope.</summary>
    public DeformableSamples Attend(Tensor input)
    {
        (long batch, int heads, long headDim) = (input.shape[0], _options.Heads, _options.Dim / _options.Heads);
        Points sampled = Sample(input);

        // (4): attention with the bias of the positions.
        Tensor q = sampled.Query.reshape(batch * heads, headDim, _map.Points);            // (B h, c, HW)
        Tensor k = sampled.Keys.reshape(batch * heads, headDim, _samples.Points);         // (B h, c, N)
        Tensor v = sampled.Values.reshape(batch * heads, headDim, _samples.Points);       // (B h, c, N)
        Tensor scaled = q.Times(Math.Pow(headDim, -0.5)).transpose(1, 2);                 // (B h, HW, c)
        Tensor products = MixedPrecision.Widened(scaled.bmm(k));
        products = sampled.Bias is null ? products : products.AddInPlace(sampled.Bias);
        Tensor weights = products.softmax(2);                                             // (B h, HW, N)
        Tensor mixed = v.bmm(weights.to(v.dtype).transpose(1, 2))                         // (B h, c, HW)
            .reshape(batch, _options.Dim, _map.Height, _map.Width);
        long[] shape = [batch, _options.Groups, _samples.Height, _samples.Width, 2];
        return new DeformableSamples(
            Project(mixed, sampled),                                                      // (B, C, H, W)
            sampled.Positions.view(shape),
            sampled.References.expand(shape),
            weights.view(batch, heads, _map.Points, _samples.Points));
    }

    /// <summary>Queries, and the keys and values of the deformed points.</summary>
    private Points Sample(Tensor input)
    {
        (long batch, int groups, long groupDim) = (input.shape[0], _options.Groups, _options.Dim / _options.Groups);

        // Queries, and from them the offsets. Positions have more digits than bfloat16, and so has what is sampled.
        Tensor map = MixedPrecision.Widened(input);
        Tensor query = MixedPrecision.Pointwise(proj_q, input);                           // (B, C, H, W)
        Tensor references = References(_samples, map);                                    // (Hk, Wk, 2), y and x
        Tensor exact = query.to(input.dtype);
        Tensor positions = Positions(exact.reshape(batch * groups, groupDim, _map.Height, _map.Width), references);
        Tensor grid = positions.flip(3);                                                  // (B g, Hk, Wk, 2), x and y

        // (2), (3): features sampled at the deformed points, bilinearly; zero outside of the map.
        Tensor sampled = _options.NoOffsets && _version == DatVersion.DatPlusPlus
            ? nn.functional.adaptive_avg_pool2d(input, [_samples.Height, _samples.Width])
            : nn.functional.grid_sample(
                map.reshape(batch * groups, groupDim, _map.Height, _map.Width), grid,
                GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, true);
        sampled = sampled.reshape(batch, _options.Dim, 1, _samples.Points).to(input.dtype); // (B, C, 1, N)

        return new Points(
            query,
            exact,
            MixedPrecision.Pointwise(proj_k, sampled),                                    // (B, C, 1, N)
            MixedPrecision.Pointwise(proj_v, sampled),                                    // (B, C, 1, N)
            Bias(positions, grid, batch),                                                 // (B h, HW, N)
            positions,
            references);
    }

    /// <summary>Output, (B, C, H, W), of mixed values (B, C, H, W).</summary>
    private Tensor Project(Tensor mixed, Points points)
    {
        if (_options.PositionBias == DeformablePositionBias.Convolutional && _encodePositions is not null)
        {
            mixed = mixed.Plus(_encodePositions(points.Exact));
        }

        return MixedPrecision.Pointwise(proj_out, mixed);
    }

    /// <summary>Deformed points (B g, Hk, Wk, 2), y and x.</summary>
    private Tensor Positions(Tensor groupQueries, Tensor references)
    {
        Tensor positions = references.unsqueeze(0).expand(groupQueries.shape[0], -1, -1, -1);
        if (!_options.NoOffsets)
        {
            Tensor offsets = MixedPrecision.Widened(conv_offset.call(groupQueries))
                .permute(0, 2, 3, 1);                                                     // (B g, Hk, Wk, 2)
            bool isBounded = _version == DatVersion.Dat ? _options.OffsetRange > 0 : _options.OffsetRange >= 0;
            if (isBounded)
            {
                // Section 3.1: at most s reference points away.
                Tensor range = stack([Range(_samples.Height, offsets), Range(_samples.Width, offsets)]);
                offsets = offsets.tanh() * range;
            }

            positions = offsets.Plus(positions);
        }

        return _options.OffsetRange >= 0 ? positions
            : _version == DatVersion.Dat ? positions.tanh()
            : positions.Clamp(-1, 1);
    }

    private Tensor Range(int count, Tensor like)
    {
        int distances = _version == DatVersion.Dat ? count : Math.Max(count - 1, 1);
        return TensorArithmetic.Full([], _options.OffsetRange / distances, like.dtype, like.device);
    }

    /// <summary>Position bias (B h, HW, N); null where there is none, or it is not added to the products.</summary>
    private Tensor? Bias(Tensor positions, Tensor grid, long batch)
    {
        (int groups, int heads) = (_options.Groups, _options.Heads);
        if (rpe_table is not null && _options.PositionBias == DeformablePositionBias.Fixed)
        {
            return rpe_table.unsqueeze(0).expand(batch, -1, -1, -1)
                .reshape(batch * heads, _map.Points, _samples.Points);
        }

        if (rpe_table is not null)
        {
            // The table spans displacements of -2 to 2, sampled at half of them.
            Tensor queries = Queries(grid).flip(1).Times(0.5).view(1, _map.Points, 1, 2);
            Tensor halves = grid.Times(0.5).view(batch * groups, 1, _samples.Points, 2);
            Tensor table = MixedPrecision.Widened(rpe_table)
                .view(1, groups, heads / groups, rpe_table.shape[1], rpe_table.shape[2])
                .expand(batch, -1, -1, -1, -1)
                .flatten(0, 1);                                                           // (B g, h / g, 2H-1, 2W-1)
            return nn.functional.grid_sample(
                    table, queries - halves, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, true)
                .view(batch * heads, _map.Points, _samples.Points);
        }

        if (_encodePositions is null || _options.PositionBias != DeformablePositionBias.LogSpaced)
        {
            return null;
        }

        // Swin V2's log-spaced coordinates, of displacements of up to 8.
        Tensor points = positions.view(batch * groups, 1, _samples.Points, 2);
        Tensor displacements = (Queries(positions).view(1, _map.Points, 1, 2) - points).Times(4);
        Tensor logarithms = displacements.sign() * displacements.abs().Plus(1).log2().Over(3);
        return _encodePositions(logarithms)                                               // (B g, HW, N, h / g)
            .permute(0, 3, 1, 2)
            .reshape(batch * heads, _map.Points, _samples.Points);
    }

    /// <summary>Positions of the queries (HW, 2), y and x.</summary>
    private Tensor Queries(Tensor like) => _version == DatVersion.Dat
        ? References(_map, like).view(-1, 2)
        : Grid(_map, like, 0).view(-1, 2);

    /// <summary>Reference points (H, W, 2), y and x: the cell centres of a uniform grid.</summary>
    private Tensor References(MapSize size, Tensor like) => Grid(size, like, 0.5);

    private Tensor Grid(MapSize size, Tensor like, double start) => stack(
        [
            Axis(size.Height, like, start).view(-1, 1).expand(size.Height, size.Width),
            Axis(size.Width, like, start).view(1, -1).expand(size.Height, size.Width),
        ],
        2);

    // DAT divides by the number of cells, and DAT++ by the distance of the outermost points, which puts the last cell
    // centres of DAT++ beyond 1.
    private Tensor Axis(int count, Tensor like, double start)
    {
        if (count == 1)
        {
            return zeros(1, like.dtype, like.device);
        }

        int distances = _version == DatVersion.Dat ? count : count - 1;
        float[] cells = [.. Enumerable.Range(0, count).Select(cell => (float)(cell + start))];
        return TensorData.Create<float>(cells, [count], like.device).to(like.dtype).Over(distances).Times(2).Minus(1);
    }

    private Func<Tensor, Tensor> Register(nn.Module<Tensor, Tensor> module)
    {
        register_module(nameof(rpe_table), module);
        return module.call;
    }

    private int Samples(int length, int padding) =>
        ((length + (2 * padding) - _options.OffsetKernel) / _options.Stride) + 1;

    /// <summary>What attention is computed of.</summary>
    /// <param name="Query">Queries, (B, C, H, W).</param>
    /// <param name="Exact">The same in the input's type.</param>
    /// <param name="Keys">Keys of the deformed points, (B, C, 1, N).</param>
    /// <param name="Values">Their values, (B, C, 1, N).</param>
    /// <param name="Bias">Position bias (B heads, H W, N); null where nothing is added to the products.</param>
    /// <param name="Positions">Deformed points, (B groups, Hk, Wk, 2), y and x.</param>
    /// <param name="References">Reference points, (Hk, Wk, 2), y and x.</param>
    private sealed record Points(
        Tensor Query, Tensor Exact, Tensor Keys, Tensor Values, Tensor? Bias, Tensor Positions, Tensor References);
}

/// <summary>Samples of a deformable attention.</summary>
/// <param name="Output">Output, (B, C, H, W).</param>
/// <param name="Positions">Deformed points, (B, groups, Hk, Wk, 2), y and x, -1 to 1 over the map.</param>
/// <param name="References">Reference points that they were moved from, of the same shape.</param>
/// <param name="Weights">Attention weights of each query and point, (B, heads, H W, Hk Wk).</param>
internal sealed record DeformableSamples(Tensor Output, Tensor Positions, Tensor References, Tensor Weights);

/// <summary>Position bias of deformable attention.</summary>
internal enum DeformablePositionBias
{
    /// <summary>No position bias.</summary>
    None,

    /// <summary>A bias interpolated from a table of relative positions (section 3.1).</summary>
    Interpolated,

    /// <summary>A depthwise convolution of the queries, added to the output.</summary>
    Convolutional,

    /// <summary>A bias for each pair of query and reference point, wherever the latter has moved.</summary>
    Fixed,

    /// <summary>A bias computed from the logarithm of relative positions by a small network (Swin V2).</summary>
    LogSpaced,
}
