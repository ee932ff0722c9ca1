using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of an enumerable, enumerated again by every cursor.</summary>
internal sealed class EnumerableDataView<TRow> : IDataView
    where TRow : class
{
    private readonly IEnumerable<TRow> _rows;
    private readonly RowMember[] _members;

    public EnumerableDataView(IEnumerable<TRow> rows, RowMember[] members)
    {
        _rows = rows;
        _members = members;
        Schema = RowObject.SchemaOf(members);
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => (_rows as ICollection<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly EnumerableDataView<TRow> _parent;
        private readonly IEnumerator<TRow> _rows;
        private readonly RowGetters _getters;
        private long _position = -1;
        private bool _isDone;

        public Cursor(EnumerableDataView<TRow> parent, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            _parent = parent;
            _rows = parent._rows.GetEnumerator();
            _getters = new RowGetters(
                parent.Schema, columnsNeeded, column => parent._members[column.Index].CreateGetter(Current));
        }

        public override DataViewSchema Schema => _parent.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

        public override bool MoveNext()
        {
            if (_isDone)
                return false;
            if (!_rows.MoveNext())
            {
                Dispose();
                return false;
            }

            Contracts.Check(
                _rows.Current != null, "Encountered null when iterating over data, this is not supported.");
            _position++;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_isDone)
                _rows.Dispose();
            _isDone = true;
            _position = -1;
            base.Dispose(disposing);
        }

        private TRow Current()
        {
            Contracts.Check(_position >= 0, RowGetters.NoCurrentRow);
            return _rows.Current;
        }
    }
}
