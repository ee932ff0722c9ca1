using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A transformer that adds columns to each row.</summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected RowToRowTransformerBase(IHost host)
    {
        Host = host;
    }

    bool ITransformer.IsRowToRowMapper => true;

    private protected IHost Host { get; }

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return new RowMapping(Bind(inputSchema)).OutputSchema;
    }

    public IDataView Transform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new RowMapping(Bind(input.Schema)).Over(input);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return new RowMapping(Bind(inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        SaveModel(ctx);
    }

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    private protected abstract AddedColumns Bind(DataViewSchema inputSchema);

    private protected abstract void SaveModel(ModelSaveContext ctx);
}

/// <summary>A transformer that makes each of its columns from one other.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    private protected OneToOneTransformerBase(IHost host, (string Output, string Input)[] columns)
        : base(host)
    {
        Contracts.CheckParam(
            columns is { Length: > 0 }, nameof(columns), "There must be at least one column.");
        foreach (var (output, input) in columns)
        {
            Contracts.CheckNonEmpty(output, "outputColumnName");
            Contracts.CheckNonEmpty(input, "inputColumnName");
        }

        Contracts.CheckParam(
            columns.DistinctBy(pair => pair.Output).Count() == columns.Length,
            nameof(columns),
            "Some output column names are specified multiple times.");
        ColumnPairs = columns;
    }

    private protected OneToOneTransformerBase(IHost host, ModelLoadContext ctx)
        : this(host, ReadColumns(ctx))
    {
    }

    internal (string Output, string Input)[] ColumnPairs { get; }

    /// <summary>The input columns, in the order of the output columns that are made of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing.</exception>
    private protected DataViewSchema.Column[] FindInputs(DataViewSchema inputSchema)
        => ColumnPairs
            .Select(pair => inputSchema.GetColumnOrNull(pair.Input)
                ?? throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", pair.Input))
            .ToArray();

    private protected void SaveColumns(ModelSaveContext ctx)
    {
        ctx.Writer.Write(ColumnPairs.Length);
        foreach (var (output, input) in ColumnPairs)
        {
            ctx.SaveNonEmptyString(output);
            ctx.SaveNonEmptyString(input);
        }
    }

    private static (string Output, string Input)[] ReadColumns(ModelLoadContext ctx)
    {
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count > 0, "Corrupt model file: a transformer without columns.");
        var columns = new List<(string Output, string Input)>();
        for (int i = 0; i < count; i++)
        {
            string output = ctx.LoadNonEmptyString();
            columns.Add((output, ctx.LoadNonEmptyString()));
        }

        return [.. columns];
    }

    /// <summary>The columns of a one-to-one transformer over one schema.</summary>
    private protected abstract class OneToOneColumns : AddedColumns
    {
        protected OneToOneColumns(OneToOneTransformerBase parent, DataViewSchema inputSchema)
            : base(inputSchema)
        {
            Inputs = parent.FindInputs(inputSchema);
        }

        protected DataViewSchema.Column[] Inputs { get; }

        public sealed override IEnumerable<DataViewSchema.Column> DependenciesOf(int column) => [Inputs[column]];
    }
}
