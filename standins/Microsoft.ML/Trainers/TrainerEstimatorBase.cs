using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Trains on a feature column, and a label and a weight column where it has them.</summary>
public abstract class TrainerEstimatorBase<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    public readonly SchemaShape.Column FeatureColumn;

    public readonly SchemaShape.Column LabelColumn;

    public readonly SchemaShape.Column WeightColumn;

    private protected TrainerEstimatorBase(
        IHost host, SchemaShape.Column feature, SchemaShape.Column label, SchemaShape.Column weight)
    {
        Host = host;
        FeatureColumn = feature;
        LabelColumn = label;
        WeightColumn = weight;
    }

    public abstract TrainerInfo Info { get; }

    private protected IHost Host { get; }

    public TTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        CheckInput(SchemaShape.Create(input.Schema));
        return Train(input);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        CheckInput(inputSchema);
        return inputSchema.With(OutputColumns(inputSchema));
    }

    private protected abstract TTransformer Train(IDataView data);

    private protected abstract IEnumerable<SchemaShape.Column> OutputColumns(SchemaShape inputSchema);

    private void CheckInput(SchemaShape inputSchema)
    {
        Check(inputSchema, FeatureColumn, "feature");
        if (WeightColumn.IsValid)
            Check(inputSchema, WeightColumn, "weight");
        Check(inputSchema, LabelColumn, "label");
    }

    private static void Check(SchemaShape inputSchema, SchemaShape.Column expected, string role)
    {
        if (!inputSchema.TryFindColumn(expected.Name, out SchemaShape.Column actual))
            throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), role, expected.Name);
        if (!expected.IsCompatibleWith(actual))
            throw Contracts.ExceptSchemaMismatch(
                nameof(inputSchema), role, expected.Name, expected.GetTypeString(), actual.GetTypeString());
    }
}
