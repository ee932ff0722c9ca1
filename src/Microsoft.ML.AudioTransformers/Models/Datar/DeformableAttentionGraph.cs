using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Graph of a <see cref="DeformableAttention"/>: sampling is ONNX's GridSample.</summary>
/// <param name="stage">Configuration of the stage.</param>
/// <param name="version">Version of DAT.</param>
/// <param name="map">Size of the maps.</param>
internal sealed class DeformableAttentionGraph(DatarStageConfig stage, DatVersion version, MapSize map)
{
    private readonly int _groups = stage.Groups;
    private readonly int _heads = stage.Heads;
    private readonly int _groupDim = stage.Dim / stage.Groups;
    private readonly int _padding =
        version == DatVersion.DatPlusPlus && stage.OffsetKernel == stage.Stride ? 0 : stage.OffsetKernel / 2;

    private MapSize Samples => new(Count(map.Height), Count(map.Width));

    /// <summary>(B, H, W, C) to (B, H, W, C)</summary>
    public OnnxValue Write(OnnxModule attention, OnnxValue x)
    {
        // Queries, and from them the offsets.
        OnnxValue query = attention["proj_q"].LinearOfRows(x, map.Height, map.Width);     // (B, H, W, C)
        attention.Enter();
        OnnxValue positions = Positions(attention, query);                                // (B g, Hk, Wk, 2), y and x
        OnnxValue grid = positions.Gather(3, 1, 0);                                       // (B g, Hk, Wk, 2), x and y

        // (2), (3): features sampled at the deformed points, bilinearly; zero outside of the map.
        OnnxValue sampled = stage.NoOffsets && version == DatVersion.DatPlusPlus
            ? Pooled(x)
            : ByGroups(x).GridSample(grid)                                                // (B g, c, Hk, Wk)
                .Reshape(-1, stage.Dim, Samples.Points)
                .Transpose(0, 2, 1);                                                      // (B, N, C)

        // (4): attention with the bias of the positions.
        OnnxValue keys = attention["proj_k"].LinearOfRows(sampled, Samples.Points);       // (B, N, C)
        OnnxValue values = attention["proj_v"].LinearOfRows(sampled, Samples.Points);
        attention.Enter();
        int headDim = stage.Dim / _heads;
        OnnxValue q = query.Reshape(0, map.Points, _heads, headDim).Transpose(0, 2, 1, 3) // (B, heads, HW, c)
            .Times(1 / Math.Sqrt(headDim));
        OnnxValue k = keys.Reshape(0, Samples.Points, _heads, headDim).Transpose(0, 2, 3, 1); // (B, heads, c, N)
        OnnxValue v = values.Reshape(0, Samples.Points, _heads, headDim).Transpose(0, 2, 1, 3); // (B, heads, N, c)
        OnnxValue products = q.MatMul(k);                                                 // (B, heads, HW, N)
        OnnxValue? bias = Bias(attention, positions);
        products = bias is null ? products : products.Plus(bias);
        OnnxValue mixed = products.Softmax().MatMul(v)                                    // (B, heads, HW, c)
            .Transpose(0, 2, 1, 3)
            .Reshape(0, map.Height, map.Width, stage.Dim);
        if (PositionBias == DeformablePositionBias.Convolutional)
        {
            mixed = mixed.Plus(DatarStageGraph.Depthwise(attention["rpe_table"], query, stage.Dim, 3));
        }

        return attention["proj_out"].LinearOfRows(mixed, map.Height, map.Width);          // (B, H, W, C)
    }

    // DAT++ without offsets has no position bias either.
    private DeformablePositionBias PositionBias =>
        version == DatVersion.Dat || !stage.NoOffsets ? stage.PositionBias : DeformablePositionBias.None;

    /// <summary>Deformed points (B g, Hk, Wk, 2), y and x.</summary>
    private OnnxValue Positions(OnnxModule attention, OnnxValue query)
    {
        OnnxValue references = attention.Graph.Table("references", Grid(Samples, 0.5), Samples.Height, Samples.Width, 2);
        OnnxValue positions;
        if (stage.NoOffsets)
        {
            OnnxValue groups = ByGroups(query).Size(0);                                   // B g
            positions = references.Expand(
                OnnxValue.Concat(0, groups, query.Graph.Integers(Samples.Height, Samples.Width, 2)));
        }
        else
        {
            OnnxModule network = attention["conv_offset"];
            OnnxValue hidden = network["0"].Conv(                                         // (B g, c, Hk, Wk)
                ByGroups(query), (stage.Stride, stage.Stride), (_padding, _padding), _groupDim);
            hidden = DatarGraph.Norm(network["1"], DatarGraph.ChannelsLast(hidden)).Gelu();
            OnnxValue offsets = network["3"].Linear(hidden);                              // (B g, Hk, Wk, 2)
            attention.Enter();
            if (version == DatVersion.Dat ? stage.OffsetRange > 0 : stage.OffsetRange >= 0)
            {
                // Section 3.1: at most s reference points away.
                float[] range = [Range(Samples.Height), Range(Samples.Width)];
                offsets = offsets.Apply("Tanh").Times(attention.Graph.Table("range", range, 2));
            }

            positions = offsets.Plus(references);
        }

        return stage.OffsetRange >= 0 ? positions
            : version == DatVersion.Dat ? positions.Apply("Tanh")
            : positions.Clip(-1, 1);
    }

    /// <summary>Position bias, which broadcasts to (B, heads, HW, N); null where there is none.</summary>
    private OnnxValue? Bias(OnnxModule attention, OnnxValue positions)
    {
        OnnxGraph graph = attention.Graph;
        switch (PositionBias)
        {
            case DeformablePositionBias.Fixed:
                return attention.Weight("rpe_table");                                     // (heads, HW, N)
            case DeformablePositionBias.Interpolated:
                return Interpolated(attention, positions);
            case DeformablePositionBias.LogSpaced:
                // Swin V2's log-spaced coordinates, of displacements of up to 8.
                OnnxValue points = positions.Reshape(-1, 1, Samples.Points, 2);
                OnnxValue displacements = graph.Table("queries", QueryGrid(), 1, map.Points, 1, 2).Minus(points).Times(4);
                OnnxValue logarithms = displacements.Apply("Sign")                        // (B g, HW, N, 2)
                    .Times(displacements.Apply("Abs").Plus(1).Apply("Log").Times(1 / (3 * Math.Log(2))));
                OnnxModule network = attention["rpe_table"];
                return network["2"].Linear(network["0"].Linear(logarithms).Apply("Relu")) // (B g, HW, N, h / g)
                    .Transpose(0, 3, 1, 2)
                    .Reshape(-1, _heads, map.Points, Samples.Points);
            default:
                return null;
        }
    }

    /// <summary>
    /// Bias of the table of displacements, (g, h / g, 2H - 1, 2W - 1), bilinear between its elements and zero outside:
    /// (B, heads, HW, N).
    /// </summary>
    /// <remarks>
    /// The queries are a grid: which row a displacement is at depends on the query's row alone, and which column on its
    /// column. So columns are interpolated once for each query column, and rows by a product with weights; GridSample would
    /// do so for each query by itself.
    /// </remarks>
    private OnnxValue Interpolated(OnnxModule attention, OnnxValue positions)
    {
        (int tall, int wide, int inGroup) = ((2 * map.Height) - 1, (2 * map.Width) - 1, _heads / _groups);

        // Columns from the one before the first to the one behind the last, which are zero, and how much the next one
        // differs.
        OnnxValue table = attention.Weight("rpe_table").Reshape(_groups, inGroup, tall, wide).Pad(0, 0, 0, 1, 0, 0, 0, 2);
        OnnxValue columns = table.Slice(3, 0, wide + 2);
        OnnxValue steps = table.Slice(3, 1, long.MaxValue).Minus(columns);
        OnnxValue x = Elements("columns", positions.Gather(3, 1), map.Width).Clip(-1, wide);         // (B g, N, W)
        OnnxValue before = x.Apply("Floor");
        float[] firsts = [.. Enumerable.Range(0, _groups).Select(group => (group * (wide + 2)) + 1f)];
        OnnxValue places = before.Reshape(-1, _groups, Samples.Points, map.Width)
            .Plus(attention.Graph.Table("groups", firsts, 1, _groups, 1, 1))
            .Cast(TensorProto.Types.DataType.Int64);                                      // (B, g, N, W)
        OnnxValue share = x.Minus(before).Reshape(-1, _groups, Samples.Points, map.Width, 1);
        OnnxValue ofColumns = Rows(columns).Gather(0, places)                             // (B, g, N, W, h / g (2H - 1))
            .Plus(Rows(steps).Gather(0, places).Times(share));

        // A row's weight is 1 at its place, and none a row further.
        float[] elements = [.. Enumerable.Range(0, tall).Select(element => (float)element)];
        OnnxValue rows = Elements("rows", positions.Gather(3, 0), map.Height).Unsqueeze(2) // (B g, N, 1, H)
            .Minus(attention.Graph.Table("elements", elements, 1, 1, tall, 1))
            .Apply("Abs").Apply("Neg").Plus(1).Apply("Relu");                             // (B g, N, 2H - 1, H)
        return ofColumns.Reshape(-1, Samples.Points, map.Width * inGroup, tall)
            .MatMul(rows)                                                                 // (B g, N, W h / g, H)
            .Reshape(-1, Samples.Points, map.Points * inGroup)
            .Transpose(0, 2, 1)
            .Reshape(-1, map.Width, inGroup, map.Height, Samples.Points)
            .Transpose(0, 2, 3, 1, 4)                                                     // (B g, h / g, H, W, N)
            .Reshape(-1, _heads, map.Points, Samples.Points);

        // (g, h / g, 2H - 1, 2W + 1) to (g (2W + 1), h / g (2H - 1))
        OnnxValue Rows(OnnxValue tables) =>
            tables.Transpose(0, 3, 1, 2).Reshape(_groups * (wide + 2), inGroup * tall);
    }

    /// <summary>
    /// Displacements of queries from sampled points along an axis, in elements of the table of displacements.
    /// </summary>
    /// <param name="name">Name of the constants.</param>
    /// <param name="points">Positions of the samples along the axis, (B g, Hk, Wk), from -1 to 1.</param>
    /// <param name="length">Points of the axis, L.</param>
    /// <returns>(B g, N, L): displacements of -2 to 2 are 0 to 2L - 2.</returns>
    private OnnxValue Elements(string name, OnnxValue points, int length)
    {
        double scale = (length - 1) / 2.0;
        float[] queries = [.. Axis(length, version == DatVersion.Dat ? 0.5 : 0)
            .Select(query => (float)((query * scale) + length - 1))];
        return points.Graph.Table(name, queries, 1, 1, length)
            .Minus(points.Times(scale).Reshape(-1, Samples.Points, 1));
    }

    /// <summary>Maps of each group, (B, H, W, C) to (B g, c, H, W).</summary>
    private OnnxValue ByGroups(OnnxValue x) =>
        DatarGraph.ChannelsFirst(x).Reshape(-1, _groupDim, map.Height, map.Width);

    /// <summary>Means of the parts of a map, as many as there are samples: (B, H, W, C) to (B, N, C).</summary>
    private OnnxValue Pooled(OnnxValue x)
    {
        OnnxValue rows = x.Graph.Table("rows", Pooling(map.Height, Samples.Height), Samples.Height, map.Height);
        OnnxValue columns = x.Graph.Table("columns", Pooling(map.Width, Samples.Width), Samples.Width, map.Width);
        OnnxValue pooled = rows.MatMul(x.Reshape(0, map.Height, map.Width * stage.Dim))   // (B, Hk, W C)
            .Reshape(0, Samples.Height, map.Width, stage.Dim);
        return columns.MatMul(pooled).Reshape(0, Samples.Points, stage.Dim);              // of (B, Hk, Wk, C)
    }

    /// <summary>Adaptive average pooling of an axis as a matrix, (to, from): PyTorch's parts, which may overlap.</summary>
    private static float[] Pooling(int from, int to)
    {
        var matrix = new float[to * from];
        for (int i = 0; i < to; i++)
        {
            int start = i * from / to;
            int end = (((i + 1) * from) + to - 1) / to;
            matrix.AsSpan((i * from) + start, end - start).Fill(1f / (end - start));
        }

        return matrix;
    }

    private float[] QueryGrid() => Grid(map, version == DatVersion.Dat ? 0.5 : 0);

    /// <summary>Points of a uniform grid, (H, W, 2), y and x; the cells' centres where they start at a half.</summary>
    private float[] Grid(MapSize size, double start)
    {
        (float[] rows, float[] columns) = (Axis(size.Height, start), Axis(size.Width, start));
        return [.. rows.SelectMany(row => columns.SelectMany(column => new[] { row, column }))];
    }

    private float[] Axis(int count, double start)
    {
        int distances = version == DatVersion.Dat ? count : count - 1;
        return count == 1
            ? [0]
            : [.. Enumerable.Range(0, count).Select(cell => ((float)(cell + start) / distances * 2) - 1)];
    }

    private float Range(int count) =>
        (float)(stage.OffsetRange / (version == DatVersion.Dat ? count : Math.Max(count - 1, 1)));

    private int Count(int length) => ((length + (2 * _padding) - stage.OffsetKernel) / stage.Stride) + 1;
}
