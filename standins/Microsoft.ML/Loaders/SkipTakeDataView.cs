namespace Microsoft.ML.Data;

/// <summary>A run of the source's rows: some skipped, then some taken.</summary>
internal sealed class SkipTakeDataView : IDataView
{
    private readonly IDataView _source;
    private readonly long _skip;
    private readonly long _take;

    public SkipTakeDataView(IDataView source, long skip, long take)
    {
        _source = source;
        _skip = skip;
        _take = take;
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount()
        => _source.GetRowCount() is { } count ? Math.Min(Math.Max(count - _skip, 0), _take) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        DataViewSchema.Column[] needed = columnsNeeded.ToArray();
        return new Cursor(_source.GetRowCursor(needed), needed, _skip, _take);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : PassThroughCursor
    {
        private readonly long _take;
        private long _toSkip;
        private long _position = -1;
        private bool _isDone;

        public Cursor(DataViewRowCursor input, DataViewSchema.Column[] needed, long skip, long take)
            : base(input, needed)
        {
            _toSkip = skip;
            _take = take;
        }

        public override long Position => _position;

        public override bool MoveNext()
        {
            if (_isDone)
                return false;
            for (; _toSkip > 0; _toSkip--)
            {
                if (!Input.MoveNext())
                    return End();
            }

            if (_position + 1 >= _take || !Input.MoveNext())
                return End();
            _position++;
            return true;
        }

        private bool End()
        {
            _isDone = true;
            _position = -1;
            return false;
        }
    }
}
