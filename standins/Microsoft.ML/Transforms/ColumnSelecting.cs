using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.Transforms.ColumnSelectingTransformer),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Select Columns Transform",
    Microsoft.ML.Transforms.ColumnSelectingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Keeps some columns, in the order in which they are named, or drops some.</summary>
public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    internal ColumnSelectingEstimator(IHostEnvironment env, string[] keep, string[] drop, bool keepHidden)
        : base(new ColumnSelectingTransformer(env, keep, drop, keepHidden))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        Transformer.CheckNames(inputSchema.Select(column => column.Name));
        return new SchemaShape(inputSchema.Where(column => Transformer.Keeps(column.Name)));
    }
}

public sealed class ColumnSelectingTransformer : ITransformer
{
    internal const string LoaderSignature = "SelectColumnsTransform";

    private readonly string[] _names;
    private readonly bool _keep;
    private readonly bool _keepHidden;

    internal ColumnSelectingTransformer(IHostEnvironment env, string[] keep, string[] drop, bool keepHidden)
    {
        Contracts.CheckValue(env, nameof(env));
        _keep = keep is { Length: > 0 };
        bool drops = drop is { Length: > 0 };
        Contracts.Check(
            !_keep || !drops, "Both keepColumns and dropColumns are set. Exactly one can be specified.");
        Contracts.Check(
            _keep || drops, "Neither keepColumns and dropColumns is set. Exactly one must be specified.");
        _names = _keep ? keep : drop;
        _keepHidden = keepHidden;
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new SelectedDataView(Bind(input.Schema), input);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(_keep);
        ctx.Writer.Write(_keepHidden);
        ctx.Writer.Write(_names.Length);
        foreach (string name in _names)
            ctx.SaveNonEmptyString(name);
    }

    internal bool Keeps(string name) => _names.Contains(name) == _keep;

    internal void CheckNames(IEnumerable<string> inputNames)
    {
        string[] missing = _names.Except(inputNames).ToArray();
        if (missing.Length > 0)
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", string.Join(",", missing));
    }

    private static VersionInfo GetVersionInfo()
        => new(
            modelSignature: "SELCOLST",
            verWrittenCur: 0x00010001,
            verReadableCur: 0x00010001,
            verWeCanReadBack: 0x00010001,
            loaderAssemblyName: typeof(ColumnSelectingTransformer).Assembly.FullName,
            loaderSignature: LoaderSignature);

    private static ColumnSelectingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        bool keep = ctx.Reader.ReadBoolean();
        bool keepHidden = ctx.Reader.ReadBoolean();
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count > 0, "Corrupt model file: a selection without columns.");
        var names = new List<string>();
        for (int i = 0; i < count; i++)
            names.Add(ctx.LoadNonEmptyString());
        return keep
            ? new ColumnSelectingTransformer(env, [.. names], null, keepHidden)
            : new ColumnSelectingTransformer(env, null, [.. names], keepHidden);
    }

    private ColumnSelection Bind(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        CheckNames(inputSchema.Select(column => column.Name));
        // Of what is dropped, hidden columns go too; of the rest they stay.
        IEnumerable<DataViewSchema.Column> selected = _keep
            ? _names.SelectMany(name => inputSchema.Where(
                column => column.Name == name && (_keepHidden || !column.IsHidden)))
            : inputSchema.Where(column => Keeps(column.Name));
        return new ColumnSelection(inputSchema, selected.ToArray());
    }
}
