using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Makes one vector of columns whose items have one type.</summary>
public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
{
    private readonly IHostEnvironment _env;
    private readonly string _output;
    private readonly string[] _inputs;

    internal ColumnConcatenatingEstimator(IHostEnvironment env, string outputColumnName, string[] inputColumnNames)
    {
        Contracts.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        Contracts.CheckValue(inputColumnNames, nameof(inputColumnNames));
        Contracts.CheckParam(
            inputColumnNames.Length > 0, nameof(inputColumnNames), "Input columns not specified");
        Contracts.CheckParam(
            !Array.Exists(inputColumnNames, string.IsNullOrEmpty),
            nameof(inputColumnNames),
            "Contained some null or empty items");
        _env = env;
        _output = outputColumnName;
        _inputs = inputColumnNames;
    }

    public ColumnConcatenatingTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new ColumnConcatenatingTransformer(_env, _output, _inputs);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        SchemaShape.Column[] inputs = _inputs.Select(inputSchema.Find).ToArray();
        foreach (SchemaShape.Column input in inputs)
        {
            Contracts.Check(
                !input.IsKey, $"Column '{input.Name}' is key. Concatenation of keys is unsupported.");
            Contracts.Check(
                input.ItemType.Equals(inputs[0].ItemType),
                $"Concatenated columns should have the same type. Column '{input.Name}' has type of {input.ItemType}, but expected column type is {inputs[0].ItemType}.");
        }

        var annotations = new List<SchemaShape.Column>();
        if (Array.TrueForAll(inputs, input => input.AnnotationsNamed(AnnotationUtils.Kinds.IsNormalized).Any()))
            annotations.Add(new SchemaShape.Column(
                AnnotationUtils.Kinds.IsNormalized,
                SchemaShape.Column.VectorKind.Scalar,
                BooleanDataViewType.Instance,
                isKey: false));
        if (Array.Exists(inputs, NamesSlots))
            annotations.Add(new SchemaShape.Column(
                AnnotationUtils.Kinds.SlotNames,
                SchemaShape.Column.VectorKind.Vector,
                TextDataViewType.Instance,
                isKey: false));
        bool isVariable = Array.Exists(inputs, input => input.Kind == SchemaShape.Column.VectorKind.VariableVector);
        return inputSchema.With(
        [
            new SchemaShape.Column(
                _output,
                isVariable ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Vector,
                inputs[0].ItemType,
                isKey: false,
                new SchemaShape(annotations)),
        ]);
    }

    private static bool NamesSlots(SchemaShape.Column input)
        => input.Kind == SchemaShape.Column.VectorKind.Scalar
            || input.AnnotationsNamed(AnnotationUtils.Kinds.SlotNames).Any();
}
