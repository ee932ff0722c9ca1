using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Rows with some of their columns, in another order.</summary>
internal sealed class ColumnSelection : IRowToRowMapper
{
    private readonly DataViewSchema.Column[] _selected;

    public ColumnSelection(DataViewSchema inputSchema, DataViewSchema.Column[] selected)
    {
        InputSchema = inputSchema;
        _selected = selected;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(selected);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => dependingColumns.Select(column => _selected[column.Index]).ToArray();

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckParam(
            input.Schema == InputSchema, nameof(input), "Schema of input row must be the same as the schema the mapper is bound to");
        return new Row(this, input);
    }

    public ValueGetter<TValue> GetGetter<TValue>(DataViewRow input, DataViewSchema.Column column)
        => input.GetGetter<TValue>(input.Schema[_selected[column.Index].Index]);

    public bool IsActive(DataViewRow input, DataViewSchema.Column column)
        => input.IsColumnActive(input.Schema[_selected[column.Index].Index]);

    private sealed class Row : DataViewRow
    {
        private readonly ColumnSelection _selection;
        private readonly DataViewRow _input;

        public Row(ColumnSelection selection, DataViewRow input)
        {
            _selection = selection;
            _input = input;
        }

        public override DataViewSchema Schema => _selection.OutputSchema;

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _selection.IsActive(_input, column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _selection.GetGetter<TValue>(_input, column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }
    }
}

internal sealed class SelectedDataView : IDataView
{
    private readonly ColumnSelection _selection;
    private readonly IDataView _source;

    public SelectedDataView(ColumnSelection selection, IDataView source)
    {
        _selection = selection;
        _source = source;
    }

    public bool CanShuffle => _source.CanShuffle;

    public DataViewSchema Schema => _selection.OutputSchema;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(_selection, _source.GetRowCursor(_selection.GetDependencies(columnsNeeded), rand));

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => _source.GetRowCursorSet(_selection.GetDependencies(columnsNeeded), n, rand)
            .Select(input => (DataViewRowCursor)new Cursor(_selection, input))
            .ToArray();

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly ColumnSelection _selection;
        private readonly DataViewRowCursor _input;

        public Cursor(ColumnSelection selection, DataViewRowCursor input)
        {
            _selection = selection;
            _input = input;
        }

        public override DataViewSchema Schema => _selection.OutputSchema;

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override bool MoveNext() => _input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _selection.IsActive(_input, column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _selection.GetGetter<TValue>(_input, column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }
    }
}
