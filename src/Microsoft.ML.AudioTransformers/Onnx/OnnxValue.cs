namespace Microsoft.ML.AudioTransformers.Onnx;

/// <summary>
/// Value in a graph: the output of an operator, an input or a constant. Its methods add the operator of that name, or the few
/// that stand for it, and return its output; shapes broadcast as in NumPy.
/// </summary>
/// <param name="graph">Graph of the value.</param>
/// <param name="name">Name in the graph.</param>
internal sealed class OnnxValue(OnnxGraph graph, string name)
{
    /// <summary>Graph of the value.</summary>
    public OnnxGraph Graph => graph;

    /// <summary>Name in the graph.</summary>
    public string Name => name;

    /// <summary>x + y</summary>
    public OnnxValue Plus(OnnxValue other) => graph.Add("Add", [this, other]);

    /// <summary>x + number</summary>
    public OnnxValue Plus(double number) => Plus(graph.Number(number));

    /// <summary>x - y</summary>
    public OnnxValue Minus(OnnxValue other) => graph.Add("Sub", [this, other]);

    /// <summary>x * y</summary>
    public OnnxValue Times(OnnxValue other) => graph.Add("Mul", [this, other]);

    /// <summary>x * number</summary>
    public OnnxValue Times(double number) => Times(graph.Number(number));

    /// <summary>x / y; of integers the whole part.</summary>
    public OnnxValue Over(OnnxValue other) => graph.Add("Div", [this, other]);

    /// <summary>The greater of x and y.</summary>
    public OnnxValue Max(OnnxValue other) => graph.Add("Max", [this, other]);

    /// <summary>x between a minimum and a maximum.</summary>
    public OnnxValue Clip(double minimum, double maximum) =>
        graph.Add("Clip", [this, graph.Number(minimum), graph.Number(maximum)]);

    /// <summary>Matrix product of the last two dimensions.</summary>
    public OnnxValue MatMul(OnnxValue other) => graph.Add("MatMul", [this, other]);

    /// <summary>An operator of one input and no attributes: Exp, Log, Sqrt, Abs, Neg, Sign, Tanh, Sigmoid, Erf, Relu.</summary>
    public OnnxValue Apply(string operation) => graph.Add(operation, [this]);

    /// <summary>Softmax over an axis; the last where none is given.</summary>
    public OnnxValue Softmax(long axis = -1) => graph.Add("Softmax", [this], ("axis", axis));

    /// <summary>Exact GELU, x / 2 (1 + erf(x / sqrt 2)), written as runtimes know it, which have a kernel for the whole.</summary>
    public OnnxValue Gelu() => Times(Over(graph.Number(Math.Sqrt(2))).Apply("Erf").Plus(1)).Times(0.5);

    /// <summary>View with other sizes; 0 keeps that of the same place, and one may be -1, whatever is left.</summary>
    public OnnxValue Reshape(params ReadOnlySpan<long> shape) => Reshape(graph.Integers(shape));

    /// <summary>View as a matrix, the last dimension of which is kept: (..., width) to (rows, width).</summary>
    public OnnxValue Rows(long width) => Reshape(-1, width);

    /// <summary>View with sizes that a graph computes.</summary>
    public OnnxValue Reshape(OnnxValue shape) => graph.Add("Reshape", [this, shape]);

    /// <summary>Dimensions in another order.</summary>
    public OnnxValue Transpose(params ReadOnlySpan<long> order) => graph.Add("Transpose", [this], ("perm", order.ToArray()));

    /// <summary>Part of an axis from a start to an end (exclusive); long.MaxValue for all that is left.</summary>
    public OnnxValue Slice(long axis, long start, long end) => Slice(axis, graph.Integers(start), graph.Integers(end));

    /// <summary>Part of an axis from a start to an end that a graph computes, each a vector of one.</summary>
    public OnnxValue Slice(long axis, OnnxValue start, OnnxValue end) =>
        graph.Add("Slice", [this, start, end, graph.Integers(axis)]);

    /// <summary>Equal parts of an axis.</summary>
    /// <param name="axis">Axis.</param>
    /// <param name="parts">Number of parts.</param>
    /// <param name="length">Size of each.</param>
    public OnnxValue[] Split(long axis, int parts, long length) => graph.AddMany(
        "Split", parts, [this, graph.Integers([.. Enumerable.Repeat(length, parts)])], ("axis", axis));

    /// <summary>Elements of an axis at constant indices; negative ones count from the end.</summary>
    public OnnxValue Gather(long axis, params ReadOnlySpan<long> indices) => Gather(axis, graph.Integers(indices));

    /// <summary>Elements of an axis at indices.</summary>
    public OnnxValue Gather(long axis, OnnxValue indices) => graph.Add("Gather", [this, indices], ("axis", axis));

    /// <summary>Joins values along an axis.</summary>
    public static OnnxValue Concat(long axis, params ReadOnlySpan<OnnxValue> values) =>
        values[0].Graph.Add("Concat", [.. values], ("axis", axis));

    /// <summary>Dimensions of size 1 removed.</summary>
    public OnnxValue Squeeze(params ReadOnlySpan<long> axes) => graph.Add("Squeeze", [this, graph.Integers(axes)]);

    /// <summary>Dimensions of size 1 added.</summary>
    public OnnxValue Unsqueeze(params ReadOnlySpan<long> axes) => graph.Add("Unsqueeze", [this, graph.Integers(axes)]);

    /// <summary>Repeated along axes of size 1, to sizes that a graph computes.</summary>
    public OnnxValue Expand(OnnxValue shape) => graph.Add("Expand", [this, shape]);

    /// <summary>Sizes, a vector of int64.</summary>
    public OnnxValue Shape() => graph.Add("Shape", [this]);

    /// <summary>Size of an axis, a vector of one int64.</summary>
    public OnnxValue Size(long axis) => Shape().Gather(0, axis);

    /// <summary>Shifted along an axis by a constant number of places, what leaves one end entering at the other.</summary>
    /// <param name="axis">Axis.</param>
    /// <param name="by">Places; negative to the front.</param>
    public OnnxValue Roll(long axis, long by)
    {
        if (by == 0)
        {
            return this;
        }

        // As torch.roll: of n elements the last "by" come first.
        return Concat(axis, Slice(axis, -by, long.MaxValue), Slice(axis, 0, -by));
    }

    /// <summary>Zeros before the first and after the last elements of each axis.</summary>
    /// <param name="pads">Numbers before, for each axis, then after, for each axis.</param>
    /// <param name="value">Number in place of zero.</param>
    public OnnxValue Pad(OnnxValue pads, double value = 0) => graph.Add("Pad", [this, pads, graph.Number(value)]);

    /// <inheritdoc cref="Pad(OnnxValue, double)"/>
    public OnnxValue Pad(params ReadOnlySpan<long> pads) => Pad(graph.Integers(pads));

    /// <summary>Mean over axes.</summary>
    public OnnxValue Mean(bool keeps, params long[] axes) => Reduce("ReduceMean", keeps, axes);

    /// <summary>Maximum over axes.</summary>
    public OnnxValue Maximum(bool keeps, params long[] axes) => Reduce("ReduceMax", keeps, axes);

    /// <summary>Minimum over axes.</summary>
    public OnnxValue Minimum(bool keeps, params long[] axes) => Reduce("ReduceMin", keeps, axes);

    /// <summary>Sum over axes.</summary>
    public OnnxValue Sum(bool keeps, params long[] axes) =>
        graph.Add("ReduceSum", [this, graph.Integers(axes)], ("keepdims", keeps ? 1L : 0L));

    /// <summary>Elements in another type.</summary>
    public OnnxValue Cast(TensorProto.Types.DataType type) => graph.Add("Cast", [this], ("to", (long)type));

    /// <summary>
    /// Maps (B, C, H, W), sampled bilinearly at points (B, H', W', 2), x and y from -1 to 1 between the centres of the outermost
    /// elements: (B, C, H', W'). Zero outside of the map.
    /// </summary>
    public OnnxValue GridSample(OnnxValue points) => graph.Add(
        "GridSample", [this, points],
        ("align_corners", 1L), ("mode", graph.Opset < 20 ? "bilinear" : "linear"), ("padding_mode", "zeros"));

    // The axes of these are an attribute up to version 17, and an input from 18 on.
    private OnnxValue Reduce(string operation, bool keeps, long[] axes) => graph.Opset < 18
        ? graph.Add(operation, [this], ("axes", axes), ("keepdims", keeps ? 1L : 0L))
        : graph.Add(operation, [this, graph.Integers(axes)], ("keepdims", keeps ? 1L : 0L));
}
