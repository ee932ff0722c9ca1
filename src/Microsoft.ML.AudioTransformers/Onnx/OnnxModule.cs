using System.Runtime.InteropServices;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Onnx;

/// <summary>
/// Module of a network in a graph: layers of ONNX with the weights of the state dict whose names begin with the module's
/// path. Constants have the state dict's names; matrices are stored transposed, (in, out), as ONNX multiplies.
/// </summary>
/// <param name="graph">Graph.</param>
/// <param name="weights">State dict of the whole network.</param>
/// <param name="path">Path of the module in the state dict; empty for the network.</param>
/// <param name="prefix">Prefix of all names in the graph, for one network of several. Default: none.</param>
internal sealed class OnnxModule(
    OnnxGraph graph, IReadOnlyDictionary<string, CheckpointTensor> weights, string path = "", string prefix = "")
{
    /// <summary>Graph.</summary>
    public OnnxGraph Graph => graph;

    /// <summary>Module within this one, with a path such as "blocks.0.attn"; nodes that follow are named by it.</summary>
    public OnnxModule this[string name] => new(graph, weights, PathOf(name), prefix);

    /// <summary>Whether the state dict has a weight of this name in the module.</summary>
    public bool Has(string name) => weights.ContainsKey(PathOf(name));

    /// <summary>Weight of the module, as it is in the state dict.</summary>
    public OnnxValue Weight(string name)
    {
        CheckpointTensor tensor = Find(name);
        return Store(name, tensor.ToSingles, [.. tensor.Shape]);
    }

    /// <summary>Elements of a weight, to compute constants from.</summary>
    public float[] Values(string name) => Find(name).ToSingles();

    /// <summary>Shape of a weight.</summary>
    public IReadOnlyList<long> ShapeOf(string name) => Find(name).Shape;

    /// <summary>Constant that is computed from weights, in the precision of the graph.</summary>
    /// <param name="name">Name in the module.</param>
    /// <param name="values">Elements, read when the file is written.</param>
    /// <param name="shape">Shape.</param>
    public OnnxValue Store(string name, Func<float[]> values, params long[] shape)
    {
        OnnxTensor constant = Whole(name, values, shape);
        return graph.Precision == OnnxPrecision.Float16 && shape.Length > 1
            ? graph.Constant(OnnxNumbers.InHalf(constant, values)).Cast(TensorProto.Types.DataType.Float)
            : graph.Constant(constant);
    }

    /// <summary>Linear layer with the module's weight (out, in) and bias: (..., in) to (..., out).</summary>
    public OnnxValue Linear(OnnxValue input)
    {
        Enter();
        IReadOnlyList<long> shape = ShapeOf("weight");
        return Linear(input, "", 0, (int)shape[0]);
    }

    /// <summary>
    /// Linear layer of values whose sizes are known but for the first, (B, inner..., in) to (B, inner..., out), as a product of
    /// two matrices, in which runtimes add the bias as they multiply.
    /// </summary>
    public OnnxValue LinearOfRows(OnnxValue input, params ReadOnlySpan<long> inner)
    {
        Enter();
        IReadOnlyList<long> shape = ShapeOf("weight");
        return Linear(input.Rows(shape[1])).Reshape([-1, .. inner, shape[0]]);
    }

    /// <summary>Linear layer with a range of the outputs only: (..., in) to (..., count).</summary>
    /// <param name="input">Input.</param>
    /// <param name="part">Name of the range, after those of weight and bias.</param>
    /// <param name="first">First output.</param>
    /// <param name="count">Number of outputs.</param>
    public OnnxValue Linear(OnnxValue input, string part, int first, int count)
    {
        Enter();
        CheckpointTensor weight = Find("weight");
        int inputs = (int)(weight.ElementCount / weight.Shape[0]);
        OnnxValue product = Product(
            input, "weight" + part, inputs, count,
            () => Transposed(weight.ToSingles().AsSpan(first * inputs, count * inputs), count, inputs));
        return Has("bias")
            ? product.Plus(Store("bias" + part, () => Find("bias").ToSingles()[first..(first + count)], count))
            : product;
    }

    /// <summary>
    /// Product of an input (..., in) with a constant matrix (in, out): in integers where the graph's precision says so.
    /// </summary>
    /// <param name="input">Input.</param>
    /// <param name="name">Name of the matrix in the module.</param>
    /// <param name="inputs">Rows.</param>
    /// <param name="outputs">Columns.</param>
    /// <param name="matrix">Elements, (in, out), read when the file is written.</param>
    public OnnxValue Product(OnnxValue input, string name, int inputs, int outputs, Func<float[]> matrix)
    {
        if (graph.Precision != OnnxPrecision.Int8)
        {
            return input.MatMul(Store(name, matrix, inputs, outputs));
        }

        OnnxTensor whole = Whole(name, matrix, [inputs, outputs]);
        OnnxValue integers = Integers(whole, matrix, outputs, isByRow: false);
        OnnxValue scales = Scales(whole, matrix, [outputs], isByRow: false);
        OnnxValue[] rounded = graph.AddMany("DynamicQuantizeLinear", 3, [input]);
        return graph.Add("MatMulInteger", [rounded[0], integers, rounded[2]])
            .Cast(TensorProto.Types.DataType.Float)
            .Times(rounded[1].Times(scales));
    }

    /// <summary>Layer normalization over the last dimension.</summary>
    public OnnxValue LayerNorm(OnnxValue input, double epsilon)
    {
        Enter();
        return graph.Add(
            "LayerNormalization", [input, Weight("weight"), Weight("bias")],
            ("axis", -1L), ("epsilon", (float)epsilon));
    }

    /// <summary>
    /// Convolution of maps (B, in, H, W) with the module's weight and bias, in float32. Its kernels are not rounded to
    /// float16: they are a small part of a model, and what is rounded in its first layers and in depthwise ones grows most.
    /// In int8 files those of a single group are in int8 with a scale for each output, and become float32 when a session
    /// loads them.
    /// </summary>
    /// <param name="input">Maps.</param>
    /// <param name="stride">Stride, in rows and columns.</param>
    /// <param name="padding">Padding with zeros at each border, in rows and columns.</param>
    /// <param name="groups">Groups of channels.</param>
    public OnnxValue Conv(
        OnnxValue input, (long Height, long Width) stride, (long Height, long Width) padding, long groups = 1)
    {
        Enter();
        return graph.Add(
            "Conv",
            [input, Kernels(groups), Has("bias") ? Weight("bias") : null],
            ("kernel_shape", (long[])[.. ShapeOf("weight").Skip(2)]),
            ("strides", (long[])[stride.Height, stride.Width]),
            ("pads", (long[])[padding.Height, padding.Width, padding.Height, padding.Width]),
            ("group", groups));
    }

    /// <summary>Names the nodes that follow by the module.</summary>
    public void Enter() => graph.Scope = prefix + path;

    /// <summary>Matrix (rows, columns) as (columns, rows).</summary>
    public static float[] Transposed(ReadOnlySpan<float> matrix, int rows, int columns)
    {
        var transposed = new float[matrix.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                transposed[(column * rows) + row] = matrix[(row * columns) + column];
            }
        }

        return transposed;
    }

    private OnnxValue Kernels(long groups)
    {
        CheckpointTensor weight = Find("weight");
        OnnxTensor whole = Whole("weight", weight.ToSingles, [.. weight.Shape]);
        return graph.Precision == OnnxPrecision.Int8 && groups == 1
            ? Integers(whole, weight.ToSingles, (int)weight.Shape[0], isByRow: true)
                .Cast(TensorProto.Types.DataType.Float)
                .Times(Scales(whole, weight.ToSingles, [weight.Shape[0], 1, 1, 1], isByRow: true))
            : graph.Constant(whole);
    }

    private OnnxValue Integers(OnnxTensor whole, Func<float[]> values, int outputs, bool isByRow) =>
        graph.Constant(new OnnxTensor(
            whole.Name, TensorProto.Types.DataType.Int8, whole.Shape,
            () => OnnxNumbers.Quantize(values(), outputs, isByRow).Integers));

    private OnnxValue Scales(OnnxTensor whole, Func<float[]> values, long[] shape, bool isByRow) =>
        graph.Constant(new OnnxTensor(
            whole.Name + ".scale", TensorProto.Types.DataType.Float, shape,
            () => OnnxNumbers.ToBytes(OnnxNumbers.Quantize(values(), (int)shape[0], isByRow).Scales)));

    private OnnxTensor Whole(string name, Func<float[]> values, long[] shape) => new(
        prefix + PathOf(name), TensorProto.Types.DataType.Float, shape, () => OnnxNumbers.ToBytes(values()));

    private CheckpointTensor Find(string name) => weights[PathOf(name)];

    private string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";
}

/// <summary>Numbers of constants in the precisions of files.</summary>
internal static class OnnxNumbers
{
    // Symmetric, so that zero stays zero and no zero point is needed.
    private const int Largest = 127;

    /// <summary>Elements as bytes, little-endian.</summary>
    public static byte[] ToBytes(float[] values) =>
        MemoryMarshal.AsBytes<float>(values).ToArray();

    /// <summary>The same constant in float16.</summary>
    public static OnnxTensor InHalf(OnnxTensor constant, Func<float[]> values) => new(
        constant.Name, TensorProto.Types.DataType.Float16, constant.Shape, () =>
        {
            Half[] halves = Array.ConvertAll(values(), value => (Half)value);
            return MemoryMarshal.AsBytes<Half>(halves).ToArray();
        });

    /// <summary>Weights rounded to 8 bits, with a scale for each output.</summary>
    /// <param name="weights">Weights, (in, out), or (out, ...).</param>
    /// <param name="outputs">Outputs.</param>
    /// <param name="isByRow">Whether the outputs are the first dimension.</param>
    public static (byte[] Integers, float[] Scales) Quantize(float[] weights, int outputs, bool isByRow)
    {
        int inputs = weights.Length / outputs;
        int OutputOf(int place) => isByRow ? place / inputs : place % outputs;
        var scales = new float[outputs];
        for (int i = 0; i < weights.Length; i++)
        {
            scales[OutputOf(i)] = Math.Max(scales[OutputOf(i)], Math.Abs(weights[i]));
        }

        for (int output = 0; output < outputs; output++)
        {
            // An output of zeros has any scale.
            scales[output] = scales[output] == 0 ? 1 : scales[output] / Largest;
        }

        var integers = new byte[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            integers[i] = unchecked((byte)(sbyte)Math.Clamp(
                MathF.Round(weights[i] / scales[OutputOf(i)]), -Largest, Largest));
        }

        return (integers, scales);
    }
}
