using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AudioMLNet.StandIns.Tests.MicrosoftML;

/// <summary>An outside transformer, as a user would write one: output = input + summand, one row at a time.</summary>
internal sealed class AddingTransformer(string output, string input, float summand) : ITransformer, IDisposable
{
    public const string LoaderSignature = "StandInTestsAdd";

    public bool IsDisposed { get; private set; }

    public bool IsRowToRowMapper => true;

    public float Summand => summand;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new Mapper(this, inputSchema).OutputSchema;

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    public IDataView Transform(IDataView input) => new View(new Mapper(this, input.Schema), input);

    public void Dispose() => IsDisposed = true;

    public void Save(ModelSaveContext ctx)
    {
        Reach.SetVersionInfo(ctx, "ADDINGTR", 0x00010001, LoaderSignature, typeof(AddingTransformer).Assembly);
        Reach.SaveBinaryStream(ctx, "adding.bin", writer =>
        {
            writer.Write(output);
            writer.Write(input);
            writer.Write(summand);
        });
    }

    private sealed class Mapper : IRowToRowMapper
    {
        private readonly AddingTransformer _transformer;
        private readonly DataViewSchema.Column _source;

        public Mapper(AddingTransformer transformer, DataViewSchema schema)
        {
            _transformer = transformer;
            _source = schema[transformer.InputName];
            InputSchema = schema;
            DataViewSchema.Builder builder = new();
            builder.AddColumns(schema);
            builder.AddColumn(transformer.OutputName, NumberDataViewType.Single);
            OutputSchema = builder.ToSchema();
        }

        public DataViewSchema InputSchema { get; }

        public DataViewSchema OutputSchema { get; }

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        {
            HashSet<int> needed = [.. dependingColumns.Select(c => c.Index == InputSchema.Count ? _source.Index : c.Index)];
            return InputSchema.Where(column => needed.Contains(column.Index));
        }

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
            => new Row(this, input, activeColumns);

        public ValueGetter<float> Getter(DataViewRow row)
        {
            ValueGetter<float> source = row.GetGetter<float>(_source);
            return (ref float value) =>
            {
                source(ref value);
                value += _transformer.Summand;
            };
        }
    }

    private sealed class View(Mapper mapper, IDataView source) : IDataView
    {
        public bool CanShuffle => source.CanShuffle;

        public DataViewSchema Schema => mapper.OutputSchema;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            DataViewSchema.Column[] columns = [.. columnsNeeded];
            DataViewRowCursor cursor = source.GetRowCursor(mapper.GetDependencies(columns), rand);
            return new Cursor(cursor, new Row(mapper, cursor, columns));
        }

        public DataViewRowCursor[] GetRowCursorSet(
            IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Row(Mapper mapper, DataViewRow input, IEnumerable<DataViewSchema.Column> active) : DataViewRow
    {
        private readonly HashSet<int> _active = [.. active.Select(column => column.Index)];

        public override DataViewSchema Schema => mapper.OutputSchema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => column.Index == input.Schema.Count
                ? (ValueGetter<TValue>)(Delegate)mapper.Getter(input)
                : input.GetGetter<TValue>(input.Schema[column.Index]);

        protected override void Dispose(bool disposing)
        {
            input.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class Cursor(DataViewRowCursor source, Row row) : DataViewRowCursor
    {
        public override DataViewSchema Schema => row.Schema;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool MoveNext() => source.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => row.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            row.Dispose();
            base.Dispose(disposing);
        }
    }

    private string OutputName => output;

    private string InputName => input;
}

/// <summary>Makes the transformer from a saved model; found by its name and the shape of its one method.</summary>
internal static class AddingLoader
{
    private static ITransformer Create(IHostEnvironment env, object ctx)
    {
        ITransformer? transformer = null;
        bool found = Reach.TryLoadBinaryStream(ctx, "adding.bin", reader => transformer =
            new AddingTransformer(reader.ReadString(), reader.ReadString(), reader.ReadSingle()));
        return found ? transformer! : throw new InvalidDataException("adding.bin is missing");
    }
}

/// <summary>Fits to nothing but counts how often it is fitted.</summary>
internal sealed class AddingEstimator(string output, string input, float summand) : IEstimator<AddingTransformer>
{
    public int Fits { get; private set; }

    public AddingTransformer Fit(IDataView input1)
    {
        Fits++;
        _ = input1.Schema[input];
        return new AddingTransformer(output, input, summand);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (!inputSchema.Any(column => column.Name == input))
        {
            throw new ArgumentOutOfRangeException(nameof(inputSchema), $"no column '{input}'");
        }

        SchemaShape.Column added = Reach.CreateShapeColumn(
            output, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false, null);
        return new SchemaShape([.. inputSchema.Where(column => column.Name != output), added]);
    }
}
