using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Microsoft.ML.AudioTransformers.Onnx;

/// <summary>
/// Graph of an ONNX model while it is written: operators of ONNX's own domain in the order in which they are added, constants,
/// inputs and outputs. What no output depends on is left out of the file.
/// </summary>
/// <param name="opset">Version of the operators, 17 or later.</param>
/// <param name="precision">Precision of the weights.</param>
internal sealed class OnnxGraph(int opset, OnnxPrecision precision)
{
    private readonly List<NodeProto> _nodes = [];
    private readonly Dictionary<string, OnnxTensor> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxValue> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<ValueInfoProto> _inputs = [];
    private readonly List<ValueInfoProto> _outputs = [];
    private int _values;

    /// <summary>Version of the operators.</summary>
    public int Opset => opset;

    /// <summary>Precision of the weights.</summary>
    public OnnxPrecision Precision => precision;

    /// <summary>Part of the model that is being written, "blocks.0.attn" for example: names of nodes begin with it.</summary>
    public string Scope { get; set; } = "";

    /// <summary>Adds an input of float32 numbers.</summary>
    /// <param name="name">Name.</param>
    /// <param name="documentation">Meaning of the values, for whoever reads the file.</param>
    /// <param name="shape">Sizes: an int, or a name for a size that may differ from run to run.</param>
    public OnnxValue Input(string name, string documentation, params ReadOnlySpan<object> shape)
    {
        _inputs.Add(Describe(name, documentation, shape));
        _names.Add(name);
        return new OnnxValue(this, name);
    }

    /// <summary>
    /// Adds an input of float32 numbers that a run need not give: ONNX has it as an input and a constant of one name, and the
    /// constant, here without elements, is its default.
    /// </summary>
    /// <param name="name">Name.</param>
    /// <param name="documentation">Meaning of the values, for whoever reads the file.</param>
    /// <param name="missing">Sizes of the default, one of them 0.</param>
    /// <param name="shape">Sizes: an int, or a name for a size that may differ from run to run.</param>
    public OnnxValue OptionalInput(
        string name, string documentation, long[] missing, params ReadOnlySpan<object> shape)
    {
        _initializers.Add(name, OnnxTensor.Of<float>(name, TensorProto.Types.DataType.Float, [], missing));
        return Input(name, documentation, shape);
    }

    /// <summary>Makes a value an output, under a name of its own.</summary>
    /// <inheritdoc cref="Input"/>
    public void Output(OnnxValue value, string name, string documentation, params ReadOnlySpan<object> shape)
    {
        Scope = "";
        Add("Identity", name, 1, [value]);
        _outputs.Add(Describe(name, documentation, shape));
    }

    /// <summary>Adds an operator with one output.</summary>
    /// <param name="operation">Name of the operator.</param>
    /// <param name="inputs">Inputs; null for an optional one that is left out.</param>
    /// <param name="attributes">Attributes: long, float, string, or an array of long or float.</param>
    public OnnxValue Add(
        string operation, ReadOnlySpan<OnnxValue?> inputs, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Add(operation, null, 1, inputs, attributes)[0];

    /// <summary>Adds an operator with several outputs.</summary>
    /// <inheritdoc cref="Add(string, ReadOnlySpan{OnnxValue?}, ReadOnlySpan{ValueTuple{string, object}})"/>
    public OnnxValue[] AddMany(
        string operation, int outputs, ReadOnlySpan<OnnxValue?> inputs,
        params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Add(operation, null, outputs, inputs, attributes);

    /// <summary>Constant tensor under a name of its own; the same name gives the same constant.</summary>
    public OnnxValue Constant(OnnxTensor tensor)
    {
        if (_initializers.TryAdd(tensor.Name, tensor))
        {
            _names.Add(tensor.Name);
        }

        return new OnnxValue(this, tensor.Name);
    }

    /// <summary>Constant of int64 numbers, for sizes and indices; equal ones are stored once.</summary>
    public OnnxValue Integers(params ReadOnlySpan<long> values) =>
        Shared(TensorProto.Types.DataType.Int64, values.ToArray(), [values.Length], "int64");

    /// <summary>Constant int64 number without dimensions.</summary>
    public OnnxValue Integer(long value) => Shared(TensorProto.Types.DataType.Int64, [value], [], "index");

    /// <summary>Constant float32 number without dimensions.</summary>
    public OnnxValue Number(double value) => Shared(TensorProto.Types.DataType.Float, [(float)value], [], "float32");

    /// <summary>Constant float64 number without dimensions.</summary>
    public OnnxValue Double(double value) => Shared(TensorProto.Types.DataType.Double, [value], [], "float64");

    /// <summary>Constant float32 tensor with a name that says what it is; it keeps float32 whatever the precision is.</summary>
    public OnnxValue Table(string name, float[] values, params long[] shape) =>
        Constant(OnnxTensor.Of(Unique(Qualified(name)), TensorProto.Types.DataType.Float, values, shape));

    /// <summary>The nodes, constants, inputs and outputs as a message, without the constants' elements.</summary>
    /// <param name="name">Name of the graph.</param>
    /// <param name="documentation">Meaning of the graph.</param>
    /// <param name="initializers">Receives the constants that are used, in the order of their first use.</param>
    public GraphProto Build(string name, string documentation, out IReadOnlyList<OnnxTensor> initializers)
    {
        HashSet<string> used = new(_outputs.Select(output => output.Name), StringComparer.Ordinal);
        List<NodeProto> nodes = [];
        foreach (NodeProto node in Enumerable.Reverse(_nodes).Where(node => node.Output.Any(used.Contains)))
        {
            nodes.Add(node);
            used.UnionWith(node.Input);
        }

        nodes.Reverse();
        HashSet<string> listed = new(StringComparer.Ordinal);
        List<OnnxTensor> constants = [];
        foreach (string input in nodes.SelectMany(node => node.Input).Where(listed.Add))
        {
            if (_initializers.TryGetValue(input, out OnnxTensor? tensor))
            {
                constants.Add(tensor);
            }
        }

        initializers = constants;
        return new GraphProto
        {
            Name = name,
            DocString = documentation,
            Node = { nodes },
            Input = { _inputs },
            Output = { _outputs },
        };
    }

    private OnnxValue[] Add(
        string operation, string? output, int count, ReadOnlySpan<OnnxValue?> inputs,
        params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        string name = Unique(Qualified(operation));
        var node = new NodeProto { OpType = operation, Name = name };
        foreach (OnnxValue? input in inputs)
        {
            node.Input.Add(input?.Name ?? "");
        }

        foreach ((string attribute, object value) in attributes)
        {
            node.Attribute.Add(Attribute(attribute, value));
        }

        var values = new OnnxValue[count];
        for (int i = 0; i < count; i++)
        {
            // Values have numbers: in names as long as those of nodes, a small model in int8 would be a twentieth larger.
            string value = output ?? Unique(string.Create(CultureInfo.InvariantCulture, $"v{_values++}"));
            node.Output.Add(value);
            values[i] = new OnnxValue(this, value);
        }

        _nodes.Add(node);
        return values;
    }

    private OnnxValue Shared<T>(TensorProto.Types.DataType type, T[] values, long[] shape, string kind)
        where T : unmanaged
    {
        string key = $"{kind}:{shape.Length}:{Convert.ToHexString(MemoryMarshal.AsBytes<T>(values))}";
        if (!_constants.TryGetValue(key, out OnnxValue? constant))
        {
            constant = Constant(OnnxTensor.Of(Unique($"constants/{kind}"), type, values, shape));
            _constants.Add(key, constant);
        }

        return constant;
    }

    private string Qualified(string name) => Scope.Length == 0 ? name : $"{Scope}/{name}";

    /// <summary>Name that nothing else in the graph has: this one, or with a number behind it.</summary>
    public string Unique(string name)
    {
        string unique = name;
        for (int i = 1; !_names.Add(unique); i++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return unique;
    }

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        long number => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = number },
        float number => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = number },
        string text => new()
        {
            Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(text),
        },
        long[] numbers => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { numbers } },
        _ => throw new ArgumentException($"Attribute '{name}' has a value of type {value.GetType()}.", nameof(value)),
    };

    private static ValueInfoProto Describe(string name, string documentation, ReadOnlySpan<object> shape)
    {
        var sizes = new TensorShapeProto();
        foreach (object size in shape)
        {
            sizes.Dim.Add(size is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = (int)size });
        }

        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = sizes };
        return new ValueInfoProto { Name = name, DocString = documentation, Type = new TypeProto { TensorType = tensor } };
    }
}
