using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed partial class ModelOperationsCatalog
{
    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(
        ITransformer transformer,
        bool ignoreMissingColumns = true,
        SchemaDefinition inputSchemaDefinition = null,
        SchemaDefinition outputSchemaDefinition = null)
        where TSrc : class
        where TDst : class, new()
        => new(
            transformer,
            ignoreMissingColumns,
            inputSchemaDefinition,
            outputSchemaDefinition,
            ownsTransformer: true);

    /// <summary>Gives the members of the input class the types and annotations of a schema's columns.</summary>
    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(
        ITransformer transformer, DataViewSchema inputSchema)
        where TSrc : class
        where TDst : class, new()
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return new(
            transformer,
            ignoreMissingColumns: false,
            RowObject.DefinitionFor<TSrc>(inputSchema),
            outputSchemaDefinition: null,
            ownsTransformer: true);
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(
        ITransformer transformer, PredictionEngineOptions options)
        where TSrc : class
        where TDst : class, new()
    {
        Contracts.CheckValue(options, nameof(options));
        return new(
            transformer,
            options.IgnoreMissingColumns,
            options.InputSchemaDefinition,
            options.OutputSchemaDefinition,
            options.OwnsTransformer);
    }
}
