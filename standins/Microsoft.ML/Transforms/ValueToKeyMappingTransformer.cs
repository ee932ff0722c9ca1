using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.Transforms.ValueToKeyMappingTransformer),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Term Transform",
    Microsoft.ML.Transforms.ValueToKeyMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Maps values to keys, counted from 1 in the column's raw values; 0 for a value that is not known.</summary>
public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TermTransform";

    private const string Vocabulary = "Vocabulary";

    private readonly TermMap[] _maps;
    private readonly bool _keyValuesAsText;

    internal ValueToKeyMappingTransformer(
        IHostEnvironment env, (string Output, string Input)[] columns, TermMap[] maps, bool keyValuesAsText)
        : base(env.Register(nameof(ValueToKeyMappingTransformer)), columns)
    {
        _maps = maps;
        _keyValuesAsText = keyValuesAsText;
    }

    private ValueToKeyMappingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(ValueToKeyMappingTransformer)), ctx)
    {
        _keyValuesAsText = ctx.Reader.ReadBoolean();
        _maps = new TermMap[ColumnPairs.Length];
        bool isThere = ctx.TryLoadBinaryStream(Vocabulary, reader =>
        {
            for (int i = 0; i < _maps.Length; i++)
                _maps[i] = TermMap.Load(reader);
        });
        Contracts.CheckDecode(isThere, "Corrupt model file: the key values are missing.");
    }

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new Keys(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write(_keyValuesAsText);
        ctx.SaveBinaryStream(Vocabulary, writer =>
        {
            foreach (TermMap map in _maps)
                map.Save(writer);
        });
    }

    private static VersionInfo GetVersionInfo()
        => new(
            modelSignature: "TERMTRNF",
            verWrittenCur: 0x00010003,
            verReadableCur: 0x00010003,
            verWeCanReadBack: 0x00010003,
            loaderAssemblyName: typeof(ValueToKeyMappingTransformer).Assembly.FullName,
            loaderSignature: LoaderSignature);

    private static ValueToKeyMappingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new ValueToKeyMappingTransformer(env, ctx);
    }

    private sealed class Keys : OneToOneColumns
    {
        private readonly TermMap[] _maps;

        public Keys(ValueToKeyMappingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            _maps = parent._maps;
            Columns = new DataViewSchema.DetachedColumn[Inputs.Length];
            for (int i = 0; i < Inputs.Length; i++)
            {
                DataViewSchema.Column input = Inputs[i];
                TermMap map = _maps[i];
                Contracts.Check(
                    input.Type.GetItemType().Equals(map.ItemType),
                    $"Could not apply a map over type '{map.ItemType}' to column '{input.Name}' since it has type '{input.Type.GetItemType()}'");
                var annotations = new DataViewSchema.Annotations.Builder();
                map.AddKeyValues(annotations, input, parent._keyValuesAsText);
                annotations.Add(input.Annotations, name => name == AnnotationUtils.Kinds.SlotNames);
                DataViewType type = input.Type is VectorDataViewType vector
                    ? new VectorDataViewType(map.KeyType, vector.Dimensions)
                    : map.KeyType;
                Columns[i] = new DataViewSchema.DetachedColumn(
                    parent.ColumnPairs[i].Output, type, annotations.ToAnnotations());
            }
        }

        public override DataViewSchema.DetachedColumn[] Columns { get; }

        public override Func<int, Delegate> GettersOver(DataViewRow input)
            => column => _maps[column].CreateGetter(input, Inputs[column]);
    }
}
