using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Columns that are computed from the columns of one schema.</summary>
internal abstract class AddedColumns
{
    protected AddedColumns(DataViewSchema inputSchema)
    {
        InputSchema = inputSchema;
    }

    public DataViewSchema InputSchema { get; }

    /// <summary>The columns, in the order in which they follow the input's.</summary>
    public abstract DataViewSchema.DetachedColumn[] Columns { get; }

    /// <summary>The input columns that a column is computed from.</summary>
    public abstract IEnumerable<DataViewSchema.Column> DependenciesOf(int column);

    /// <summary>Makes getters (a <see cref="ValueGetter{TValue}"/> of a column's raw type) over a row of the input.</summary>
    public abstract Func<int, Delegate> GettersOver(DataViewRow input);
}

/// <summary>The rows of an input with columns added. Only what is asked for is computed, and when it is asked for.</summary>
internal sealed class RowMapping : IRowToRowMapper
{
    private readonly AddedColumns _added;

    public RowMapping(AddedColumns added)
    {
        _added = added;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(added.InputSchema);
        builder.AddColumns(added.Columns);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema => _added.InputSchema;

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => dependingColumns
            .SelectMany(column => column.Index < InputSchema.Count
                ? [InputSchema[column.Index]]
                : _added.DependenciesOf(column.Index - InputSchema.Count))
            .DistinctBy(column => column.Index)
            .OrderBy(column => column.Index)
            .ToArray();

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckValue(activeColumns, nameof(activeColumns));
        Contracts.CheckParam(input.Schema == InputSchema, nameof(input), "Schema of input row must be the same as the schema the mapper is bound to");
        return new Row(input, CreateGetters(input, activeColumns));
    }

    public IDataView Over(IDataView source) => new View(this, source);

    private Getters CreateGetters(DataViewRow input, IEnumerable<DataViewSchema.Column> active)
        => new(this, input, active);

    /// <summary>The getters of a row's active columns: the input's own and those of what is added.</summary>
    private sealed class Getters
    {
        private readonly RowMapping _mapping;
        private readonly DataViewRow _input;
        private readonly bool[] _isActive;
        private readonly RowGetters _added;

        public Getters(RowMapping mapping, DataViewRow input, IEnumerable<DataViewSchema.Column> active)
        {
            _mapping = mapping;
            _input = input;
            DataViewSchema.Column[] columns = active.ToArray();
            _isActive = new bool[Schema.Count];
            foreach (DataViewSchema.Column column in columns)
                _isActive[column.Index] = true;
            int inputCount = mapping.InputSchema.Count;
            Func<int, Delegate> create = mapping._added.GettersOver(input);
            _added = new RowGetters(
                Schema,
                columns.Where(column => column.Index >= inputCount),
                column => create(column.Index - inputCount));
        }

        public DataViewSchema Schema => _mapping.OutputSchema;

        public bool IsActive(DataViewSchema.Column column) => _isActive[column.Index];

        public ValueGetter<TValue> Get<TValue>(DataViewSchema.Column column)
        {
            if (column.Index >= _mapping.InputSchema.Count)
                return _added.Get<TValue>(column);
            Contracts.CheckParam(IsActive(column), nameof(column), "requested column not active");
            return _input.GetGetter<TValue>(_input.Schema[column.Index]);
        }
    }

    private sealed class Row : DataViewRow
    {
        private readonly DataViewRow _input;
        private readonly Getters _getters;

        public Row(DataViewRow input, Getters getters)
        {
            _input = input;
            _getters = getters;
        }

        public override DataViewSchema Schema => _getters.Schema;

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _getters.Get<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly DataViewRowCursor _input;
        private readonly Getters _getters;

        public Cursor(DataViewRowCursor input, Getters getters)
        {
            _input = input;
            _getters = getters;
        }

        public override DataViewSchema Schema => _getters.Schema;

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override bool MoveNext() => _input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _getters.Get<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class View : IDataView
    {
        private readonly RowMapping _mapping;
        private readonly IDataView _source;

        public View(RowMapping mapping, IDataView source)
        {
            _mapping = mapping;
            _source = source;
        }

        public bool CanShuffle => _source.CanShuffle;

        public DataViewSchema Schema => _mapping.OutputSchema;

        public long? GetRowCount() => _source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        {
            DataViewSchema.Column[] needed = columnsNeeded.ToArray();
            DataViewRowCursor input = _source.GetRowCursor(_mapping.GetDependencies(needed), rand);
            return new Cursor(input, _mapping.CreateGetters(input, needed));
        }

        public DataViewRowCursor[] GetRowCursorSet(
            IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        {
            DataViewSchema.Column[] needed = columnsNeeded.ToArray();
            return _source.GetRowCursorSet(_mapping.GetDependencies(needed), n, rand)
                .Select(input => (DataViewRowCursor)new Cursor(input, _mapping.CreateGetters(input, needed)))
                .ToArray();
        }
    }
}
