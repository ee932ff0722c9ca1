using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.Transforms.KeyToValueMappingTransformer),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Key To Value Transform",
    Microsoft.ML.Transforms.KeyToValueMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Maps keys to the values that their column's annotation gives them.</summary>
public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    internal KeyToValueMappingEstimator(IHostEnvironment env, params (string Output, string Input)[] columns)
        : base(new KeyToValueMappingTransformer(env, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(Transformer.ColumnPairs.Select(pair =>
        {
            SchemaShape.Column input = inputSchema.Find(pair.Input);
            if (!input.IsKey)
                throw Contracts.ExceptSchemaMismatch(
                    nameof(inputSchema), "input", pair.Input, "KeyType", input.GetTypeString());
            if (!input.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out SchemaShape.Column values))
                throw Contracts.ExceptParam(
                    nameof(inputSchema), $"Input column '{pair.Input}' doesn't contain key values metadata");
            return new SchemaShape.Column(
                pair.Output,
                input.Kind,
                values.ItemType,
                values.IsKey,
                new SchemaShape(input.AnnotationsNamed(AnnotationUtils.Kinds.SlotNames)));
        }));
    }
}

public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "KeyToValueTransform";

    internal KeyToValueMappingTransformer(IHostEnvironment env, params (string Output, string Input)[] columns)
        : base(env.Register(nameof(KeyToValueMappingTransformer)), columns)
    {
    }

    private KeyToValueMappingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(KeyToValueMappingTransformer)), ctx)
    {
    }

    private protected override AddedColumns Bind(DataViewSchema inputSchema) => new Values(this, inputSchema);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
    }

    private static VersionInfo GetVersionInfo()
        => new(
            modelSignature: "KEY2VALT",
            verWrittenCur: 0x00010001,
            verReadableCur: 0x00010001,
            verWeCanReadBack: 0x00010001,
            loaderAssemblyName: typeof(KeyToValueMappingTransformer).Assembly.FullName,
            loaderSignature: LoaderSignature);

    private static KeyToValueMappingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new KeyToValueMappingTransformer(env, ctx);
    }

    private sealed class Values : OneToOneColumns
    {
        private readonly PrimitiveDataViewType[] _valueTypes;

        public Values(KeyToValueMappingTransformer parent, DataViewSchema inputSchema)
            : base(parent, inputSchema)
        {
            _valueTypes = Inputs.Select(ValueType).ToArray();
            Columns = Inputs.Select((input, i) =>
            {
                var annotations = new DataViewSchema.Annotations.Builder();
                annotations.Add(input.Annotations, name => name == AnnotationUtils.Kinds.SlotNames);
                DataViewType type = input.Type is VectorDataViewType vector
                    ? new VectorDataViewType(_valueTypes[i], vector.Dimensions)
                    : _valueTypes[i];
                return new DataViewSchema.DetachedColumn(
                    parent.ColumnPairs[i].Output, type, annotations.ToAnnotations());
            }).ToArray();
        }

        public override DataViewSchema.DetachedColumn[] Columns { get; }

        public override Func<int, Delegate> GettersOver(DataViewRow input)
            => column => RuntimeGeneric.Call<Delegate>(
                CreateGetter<int, int>,
                [Inputs[column].Type.GetItemType().RawType, _valueTypes[column].RawType],
                input,
                Inputs[column],
                _valueTypes[column]);

        private static PrimitiveDataViewType ValueType(DataViewSchema.Column input)
        {
            var values = input.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type
                as VectorDataViewType;
            Contracts.Check(values != null, "Metadata KeyValues does not exist");
            Contracts.Check(
                (ulong)values.Size == input.Type.GetItemType().GetKeyCount(),
                "KeyValues metadata size does not match column type key count");
            return values.ItemType;
        }

        private static Delegate CreateGetter<TKey, TValue>(
            DataViewRow row, DataViewSchema.Column input, PrimitiveDataViewType valueType)
            where TKey : System.Numerics.IBinaryInteger<TKey>
        {
            VBuffer<TValue> annotation = default;
            input.GetKeyValues(ref annotation);
            TValue[] values = annotation.DenseValues().ToArray();
            TValue missing = MissingValues.Of<TValue>(valueType);
            TValue ValueOf(TKey key)
                => ulong.CreateChecked(key) is > 0 and var raw && raw <= (ulong)values.Length ? values[raw - 1] : missing;

            DataViewSchema.Column column = row.Schema[input.Index];
            if (input.Type is not VectorDataViewType)
            {
                var getter = row.GetGetter<TKey>(column);
                TKey key = default;
                return (ValueGetter<TValue>)((ref TValue value) =>
                {
                    getter(ref key);
                    value = ValueOf(key);
                });
            }

            var vectorGetter = row.GetGetter<VBuffer<TKey>>(column);
            VBuffer<TKey> keys = default;
            return (ValueGetter<VBuffer<TValue>>)((ref VBuffer<TValue> value) =>
            {
                vectorGetter(ref keys);
                var editor = VBufferEditor.Create(ref value, keys.Length);
                editor.Values.Fill(missing);
                ReadOnlySpan<TKey> explicitKeys = keys.GetValues();
                ReadOnlySpan<int> indices = keys.GetIndices();
                for (int i = 0; i < explicitKeys.Length; i++)
                    editor.Values[keys.IsDense ? i : indices[i]] = ValueOf(explicitKeys[i]);
                value = editor.Commit();
            });
        }
    }
}
