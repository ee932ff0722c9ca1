using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.Transforms.ColumnCopyingTransformer),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Copy Columns Transform",
    Microsoft.ML.Transforms.ColumnCopyingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Copies columns, annotations included.</summary>
public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    internal ColumnCopyingEstimator(IHostEnvironment env, params (string Output, string Input)[] columns)
        : base(new ColumnCopyingTransformer(env, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(Transformer.ColumnPairs.Select(pair =>
        {
            SchemaShape.Column input = inputSchema.Find(pair.Input);
            return new SchemaShape.Column(pair.Output, input.Kind, input.ItemType, input.IsKey, input.Annotations);
        }));
    }
}

public sealed class ColumnCopyingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "CopyTransform";

    internal ColumnCopyingTransformer(IHostEnvironment env, params (string Output, string Input)[] columns)
        : base(env.Register(nameof(ColumnCopyingTransformer)), columns)
    {
    }

    private ColumnCopyingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(ColumnCopyingTransformer)), ctx)
    {
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
    }

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new Copies(this, inputSchema);

    private static VersionInfo GetVersionInfo()
        => new(
            modelSignature: "COPYCOLT",
            verWrittenCur: 0x00010001,
            verReadableCur: 0x00010001,
            verWeCanReadBack: 0x00010001,
            loaderAssemblyName: typeof(ColumnCopyingTransformer).Assembly.FullName,
            loaderSignature: LoaderSignature);

    private static ColumnCopyingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new ColumnCopyingTransformer(env, ctx);
    }

    private sealed class Copies : OneToOneColumns
    {
        public Copies(ColumnCopyingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            Columns = parent.ColumnPairs
                .Zip(Inputs, (pair, input) => new DataViewSchema.DetachedColumn(pair.Output, input.Type, input.Annotations))
                .ToArray();
        }

        public override DataViewSchema.DetachedColumn[] Columns { get; }

        public override Func<int, Delegate> GettersOver(DataViewRow input)
            => column => RuntimeGeneric.Call<Delegate>(
                input.GetGetter<int>, Inputs[column].Type.RawType, input.Schema[Inputs[column].Index]);
    }
}
