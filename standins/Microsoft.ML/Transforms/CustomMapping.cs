using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Transforms
{
    /// <summary>Adds the columns that a method makes of each row.</summary>
    public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
        where TSrc : class, new()
        where TDst : class, new()
    {
        internal CustomMappingEstimator(CustomMappingTransformer<TSrc, TDst> transformer)
            : base(transformer)
        {
        }

        public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            foreach (RowMember member in Transformer.SourceMembers)
            {
                SchemaShape.Column column = inputSchema.Find(member.ColumnName);
                SchemaShape.GetColumnTypeShape(
                    member.ColumnType, out var kind, out DataViewType itemType, out bool isKey);
                bool fits = itemType.Equals(column.ItemType)
                    && isKey == column.IsKey
                    // A vector of any size takes one of a known size too.
                    && (kind == column.Kind
                        || (kind == SchemaShape.Column.VectorKind.VariableVector
                            && column.Kind == SchemaShape.Column.VectorKind.Vector));
                if (!fits)
                    throw Contracts.ExceptSchemaMismatch(
                        nameof(inputSchema),
                        "input",
                        member.ColumnName,
                        member.ColumnType.ToString(),
                        column.GetTypeString());
            }

            return inputSchema.With(SchemaShape.Create(RowObject.SchemaOf(Transformer.AddedMembers)));
        }
    }

    public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
        where TSrc : class, new()
        where TDst : class, new()
    {
        private readonly Action<TSrc, TDst> _map;
        private readonly string _contractName;
        private readonly SchemaDefinition _inputDefinition;

        internal CustomMappingTransformer(
            Action<TSrc, TDst> map,
            string contractName,
            SchemaDefinition inputDefinition = null,
            SchemaDefinition outputDefinition = null)
        {
            Contracts.CheckValue(map, "mapAction");
            _map = map;
            _contractName = contractName;
            _inputDefinition = inputDefinition;
            AddedMembers = RowMember.Of(typeof(TDst), SchemaDefinition.Direction.Write, outputDefinition);
        }

        bool ITransformer.IsRowToRowMapper => true;

        internal RowMember[] AddedMembers { get; }

        internal RowMember[] SourceMembers
            => RowMember.Of(typeof(TSrc), SchemaDefinition.Direction.Both, _inputDefinition);

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

        public IDataView Transform(IDataView input)
        {
            Contracts.CheckValue(input, nameof(input));
            return Bind(input.Schema).Over(input);
        }

        IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

        void ICanSaveModel.Save(ModelSaveContext ctx)
        {
            Contracts.CheckValue(ctx, nameof(ctx));
            Contracts.Check(
                _contractName != null, "Empty contract name for a transform: the transform cannot be saved");
            CustomMappingLoader.Save(ctx, _contractName, _map.Method.DeclaringType.Assembly);
        }

        private RowMapping Bind(DataViewSchema inputSchema)
        {
            Contracts.CheckValue(inputSchema, nameof(inputSchema));
            return new RowMapping(new Mapped(this, inputSchema));
        }

        private sealed class Mapped : AddedColumns
        {
            private readonly CustomMappingTransformer<TSrc, TDst> _parent;
            private readonly RowObjectReader<TSrc> _reader;

            public Mapped(CustomMappingTransformer<TSrc, TDst> parent, DataViewSchema inputSchema)
                : base(inputSchema)
            {
                _parent = parent;
                _reader = new RowObjectReader<TSrc>(
                    inputSchema, ignoreMissingColumns: false, parent._inputDefinition);
                Columns = RowObject.SchemaOf(parent.AddedMembers)
                    .Select(column => new DataViewSchema.DetachedColumn(column))
                    .ToArray();
            }

            public override DataViewSchema.DetachedColumn[] Columns { get; }

            public override IEnumerable<DataViewSchema.Column> DependenciesOf(int column) => _reader.Columns;

            public override Func<int, Delegate> GettersOver(DataViewRow input)
            {
                // The columns of a row share one object, so that the row is mapped once, and only if it is asked for.
                var output = new RowObjectRow<TDst>(_parent.AddedMembers);
                Action refresh = null;
                return column =>
                {
                    refresh ??= CreateRefresh(input, output);
                    return RuntimeGeneric.Call<Delegate>(
                        CreateGetter<int>, Columns[column].Type.RawType, output, column, refresh);
                };
            }

            private static Delegate CreateGetter<T>(RowObjectRow<TDst> output, int column, Action refresh)
            {
                var getter = output.GetGetter<T>(output.Schema[column]);
                return (ValueGetter<T>)((ref T value) =>
                {
                    refresh();
                    getter(ref value);
                });
            }

            private Action CreateRefresh(DataViewRow input, RowObjectRow<TDst> output)
            {
                Action<TSrc> fill = _reader.CreateFiller(input);
                var source = new TSrc();
                var destination = new TDst();
                long mapped = -1;
                return () =>
                {
                    if (mapped == input.Position)
                        return;
                    fill(source);
                    _parent._map(source, destination);
                    output.MoveTo(destination);
                    mapped = input.Position;
                };
            }
        }
    }
}

namespace Microsoft.ML
{
    /// <summary>Transformations that a user's method makes.</summary>
    public static class CustomMappingCatalog
    {
        public static CustomMappingEstimator<TSrc, TDst> CustomMapping<TSrc, TDst>(
            this TransformsCatalog catalog,
            Action<TSrc, TDst> mapAction,
            string contractName,
            SchemaDefinition inputSchemaDefinition = null,
            SchemaDefinition outputSchemaDefinition = null)
            where TSrc : class, new()
            where TDst : class, new()
        {
            Contracts.CheckValue(catalog, nameof(catalog));
            return new CustomMappingEstimator<TSrc, TDst>(new CustomMappingTransformer<TSrc, TDst>(
                mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition));
        }
    }
}
