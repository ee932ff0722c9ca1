namespace Microsoft.ML.Data;

/// <summary>The rows of the source that a predicate accepts.</summary>
internal sealed class FilteredDataView : IDataView
{
    private readonly IDataView _source;
    private readonly DataViewSchema.Column[] _tested;
    private readonly Func<DataViewRow, Func<bool>> _bind;

    /// <param name="source">Where the rows come from.</param>
    /// <param name="tested">The columns that the predicate reads.</param>
    /// <param name="bind">Makes the predicate of a cursor; it is called once for each row, in order.</param>
    /// <param name="canShuffle">False where the predicate depends on the order of the rows.</param>
    public FilteredDataView(
        IDataView source,
        IEnumerable<DataViewSchema.Column> tested,
        Func<DataViewRow, Func<bool>> bind,
        bool canShuffle = true)
    {
        _source = source;
        _tested = tested.ToArray();
        _bind = bind;
        CanShuffle = canShuffle && source.CanShuffle;
    }

    public bool CanShuffle { get; }

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        DataViewSchema.Column[] needed = columnsNeeded.ToArray();
        DataViewRowCursor input = _source.GetRowCursor(
            needed.Concat(_tested).DistinctBy(column => column.Index), CanShuffle ? rand : null);
        return new Cursor(input, needed, _bind(input));
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : PassThroughCursor
    {
        private readonly Func<bool> _accepts;
        private long _position = -1;

        public Cursor(DataViewRowCursor input, DataViewSchema.Column[] needed, Func<bool> accepts)
            : base(input, needed)
        {
            _accepts = accepts;
        }

        public override long Position => _position;

        public override bool MoveNext()
        {
            while (Input.MoveNext())
            {
                if (_accepts())
                {
                    _position++;
                    return true;
                }
            }

            _position = -1;
            return false;
        }
    }
}
