using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Learns the distinct values of columns, so that each can be a key.</summary>
public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    private readonly IHost _host;
    private readonly (string Output, string Input)[] _columns;
    private readonly int _maximumNumberOfKeys;
    private readonly KeyOrdinality _keyOrdinality;
    private readonly bool _keyValuesAsText;
    private readonly IDataView _keyData;

    internal ValueToKeyMappingEstimator(
        IHostEnvironment env,
        (string Output, string Input)[] columns,
        int maximumNumberOfKeys,
        KeyOrdinality keyOrdinality,
        bool keyValuesAsText,
        IDataView keyData)
    {
        _host = env.Register(nameof(ValueToKeyMappingEstimator));
        Contracts.CheckParam(columns.Length > 0, nameof(columns), "There must be at least one column.");
        if (keyData != null && keyData.Schema.Count != 1)
            throw Contracts.ExceptParam(
                nameof(keyData),
                $"If specified, this data view should contain only a single column containing the terms to map, but this had {keyData.Schema.Count} columns.");
        _columns = columns;
        _maximumNumberOfKeys = maximumNumberOfKeys;
        _keyOrdinality = keyOrdinality;
        _keyValuesAsText = keyValuesAsText;
        _keyData = keyData;
    }

    /// <summary>The order of the keys: of their values' first occurrence, or of the values themselves.</summary>
    public enum KeyOrdinality : byte
    {
        ByOccurrence = 0,
        ByValue = 1,
    }

    public ValueToKeyMappingTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        DataViewSchema.Column[] inputs = _columns
            .Select(pair => input.Schema.GetColumnOrNull(pair.Input)
                ?? throw Contracts.ExceptSchemaMismatch("inputSchema", "input", pair.Input))
            .ToArray();
        return new ValueToKeyMappingTransformer(
            _host, _columns, _keyData == null ? Learn(input, inputs) : LearnKeyData(inputs), _keyValuesAsText);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(_columns.Select(pair =>
        {
            SchemaShape.Column input = inputSchema.Find(pair.Input);
            // The keys of keys keep the values that the keys stand for.
            SchemaShape.Column[] keyValues = input.IsKey
                ? input.AnnotationsNamed(AnnotationUtils.Kinds.KeyValues)
                    .Where(values => values.Kind == SchemaShape.Column.VectorKind.Vector)
                    .ToArray()
                : [];
            if (keyValues.Length == 0)
                keyValues =
                [
                    new SchemaShape.Column(
                        AnnotationUtils.Kinds.KeyValues,
                        SchemaShape.Column.VectorKind.Vector,
                        _keyValuesAsText ? TextDataViewType.Instance : input.ItemType,
                        isKey: input.IsKey && !_keyValuesAsText),
                ];
            IEnumerable<SchemaShape.Column> annotations
                = input.AnnotationsNamed(AnnotationUtils.Kinds.SlotNames).Concat(keyValues);
            return new SchemaShape.Column(
                pair.Output, input.Kind, NumberDataViewType.UInt32, isKey: true, new SchemaShape(annotations));
        }));
    }

    private TermMap[] Learn(IDataView data, DataViewSchema.Column[] inputs)
    {
        Contracts.CheckParam(_maximumNumberOfKeys > 0, "maximumNumberOfKeys", "Must be positive");
        using IChannel channel = _host.Start("Training");
        using DataViewRowCursor cursor = data.GetRowCursor(inputs.DistinctBy(input => input.Index));
        TermLearner[] learners = inputs
            .Select(input => TermLearner.Create(cursor, input, _maximumNumberOfKeys))
            .ToArray();
        while (!Array.TrueForAll(learners, learner => learner.IsFull) && cursor.MoveNext())
        {
            _host.CheckAlive();
            foreach (TermLearner learner in learners)
                learner.Add();
        }

        for (int i = 0; i < learners.Length; i++)
        {
            if (learners[i].Count == 0)
                channel.Warning(
                    MessageSensitivity.Schema,
                    $"Term map for output column '{_columns[i].Output}' contains no entries.");
        }

        return learners.Select(learner => learner.Finish(_keyOrdinality)).ToArray();
    }

    private TermMap[] LearnKeyData(DataViewSchema.Column[] inputs)
    {
        DataViewSchema.Column column = _keyData.Schema[0];
        foreach (DataViewSchema.Column input in inputs)
        {
            if (!input.Type.GetItemType().Equals(column.Type))
                throw Contracts.ExceptParam(
                    "keyData",
                    $"Input data's column must be of type '{input.Type.GetItemType()}' but was '{column.Type}'");
        }

        using DataViewRowCursor cursor = _keyData.GetRowCursor([column]);
        TermLearner learner = TermLearner.Create(cursor, column, int.MaxValue);
        while (cursor.MoveNext())
            learner.Add();
        TermMap map = learner.Finish(_keyOrdinality);
        return inputs.Select(_ => map).ToArray();
    }
}
