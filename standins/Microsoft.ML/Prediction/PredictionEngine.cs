using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Applies a transformer to one object at a time. It is not for several threads at once.</summary>
public abstract class PredictionEngineBase<TSrc, TDst> : IDisposable
    where TSrc : class
    where TDst : class, new()
{
    private readonly ITransformer _transformer;
    private readonly bool _ownsTransformer;
    private readonly RowObjectRow<TSrc> _input;
    private readonly DataViewRow _output;
    private readonly Action<TDst> _fill;
    private bool _isDisposed;

    private protected PredictionEngineBase(
        ITransformer transformer,
        bool ignoreMissingColumns,
        SchemaDefinition inputSchemaDefinition,
        SchemaDefinition outputSchemaDefinition,
        bool ownsTransformer)
    {
        Contracts.CheckValue(transformer, nameof(transformer));
        Contracts.CheckParam(transformer.IsRowToRowMapper, nameof(transformer), "Must be a row to row mapper");
        _transformer = transformer;
        _ownsTransformer = ownsTransformer;
        _input = new RowObjectRow<TSrc>(
            RowMember.Of(typeof(TSrc), SchemaDefinition.Direction.Read, inputSchemaDefinition));
        IRowToRowMapper mapper = transformer.GetRowToRowMapper(_input.Schema);
        var reader = new RowObjectReader<TDst>(mapper.OutputSchema, ignoreMissingColumns, outputSchemaDefinition);
        _output = mapper.GetRow(_input, mapper.OutputSchema);
        _fill = reader.CreateFiller(_output);
        OutputSchema = transformer.GetOutputSchema(_input.Schema);
    }

    public DataViewSchema OutputSchema { get; }

    public TDst Predict(TSrc example)
    {
        var prediction = new TDst();
        Predict(example, ref prediction);
        return prediction;
    }

    public abstract void Predict(TSrc example, ref TDst prediction);

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _output.Dispose();
        _input.Dispose();
        if (_ownsTransformer)
            (_transformer as IDisposable)?.Dispose();
    }

    private protected void Fill(TSrc example, TDst prediction)
    {
        _input.MoveTo(example);
        _fill(prediction);
    }
}

public sealed class PredictionEngine<TSrc, TDst> : PredictionEngineBase<TSrc, TDst>
    where TSrc : class
    where TDst : class, new()
{
    internal PredictionEngine(
        ITransformer transformer,
        bool ignoreMissingColumns,
        SchemaDefinition inputSchemaDefinition,
        SchemaDefinition outputSchemaDefinition,
        bool ownsTransformer)
        : base(transformer, ignoreMissingColumns, inputSchemaDefinition, outputSchemaDefinition, ownsTransformer)
    {
    }

    /// <summary>Fills an object that the caller may use again; null makes a new one.</summary>
    public override void Predict(TSrc example, ref TDst prediction)
    {
        Contracts.CheckValue(example, nameof(example));
        prediction ??= new TDst();
        Fill(example, prediction);
    }
}

public sealed class PredictionEngineOptions
{
    /// <summary>A member of the output class may lack a column.</summary>
    public bool IgnoreMissingColumns = true;

    public SchemaDefinition InputSchemaDefinition;

    public SchemaDefinition OutputSchemaDefinition;

    /// <summary>Disposing the engine disposes the transformer.</summary>
    public bool OwnsTransformer = true;
}
