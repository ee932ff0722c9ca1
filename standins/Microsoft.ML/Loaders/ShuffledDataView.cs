namespace Microsoft.ML.Data;

/// <summary>
/// The source's rows in random order, drawn from a pool that is filled as it is emptied. Every cursor that is not
/// given a random number generator has the same order.
/// </summary>
internal sealed class ShuffledDataView : IDataView
{
    private readonly IDataView _source;
    private readonly int _poolSize;
    private readonly bool _shuffleSource;
    private readonly int _seed;

    public ShuffledDataView(IDataView source, int poolSize, bool shuffleSource, int seed)
    {
        _source = source;
        _poolSize = poolSize;
        _shuffleSource = shuffleSource;
        _seed = seed;
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        DataViewSchema.Column[] needed = columnsNeeded.ToArray();
        rand ??= new Random(_seed);
        Random sourceRand = _shuffleSource ? new Random(rand.Next()) : null;
        DataViewRowCursor input = _source.GetRowCursor(needed, sourceRand);
        return _poolSize == 1 ? input : new Cursor(input, needed, _poolSize, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly DataViewRowCursor _input;
        private readonly int _poolSize;
        private readonly Random _rand;
        private readonly ColumnStore[] _stores;
        private readonly List<DataViewRowId> _ids = [];
        private readonly ValueGetter<DataViewRowId> _inputId;
        private readonly RowGetters _getters;
        private readonly List<int> _filled = [];
        private int _free = -1;
        private bool _isInputDone;
        private int _place = -1;
        private long _position = -1;

        public Cursor(DataViewRowCursor input, DataViewSchema.Column[] needed, int poolSize, Random rand)
        {
            _input = input;
            _poolSize = poolSize;
            _rand = rand;
            var stores = needed.ToDictionary(column => column.Index, column => ColumnStore.Create(input, column));
            _stores = [.. stores.Values];
            _inputId = input.GetIdGetter();
            _getters = new RowGetters(
                input.Schema, needed, column => stores[column.Index].CreateGetter(CurrentPlace));
        }

        public override DataViewSchema Schema => _input.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId value) => value = _ids[CurrentPlace()];

        public override bool MoveNext()
        {
            _free = _place;
            while (!_isInputDone && (_free >= 0 || _filled.Count < _poolSize))
                Fill();
            if (_filled.Count == 0)
            {
                (_place, _position) = (-1, -1);
                return false;
            }

            int drawn = _rand.Next(_filled.Count);
            _place = _filled[drawn];
            _filled[drawn] = _filled[^1];
            _filled.RemoveAt(_filled.Count - 1);
            _position++;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }

        private void Fill()
        {
            if (!_input.MoveNext())
            {
                _isInputDone = true;
                return;
            }

            int place = _free >= 0 ? _free : _filled.Count;
            _free = -1;
            foreach (ColumnStore store in _stores)
                store.Set(place);
            DataViewRowId id = default;
            _inputId(ref id);
            if (place == _ids.Count)
                _ids.Add(id);
            else
                _ids[place] = id;
            _filled.Add(place);
        }

        private int CurrentPlace()
        {
            Runtime.Contracts.Check(_place >= 0, RowGetters.NoCurrentRow);
            return _place;
        }
    }
}
