using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Holds in memory the columns that a cursor has asked for, so that each is computed once. As in the real one, rows
/// can be shuffled as a whole and a row's id is its position.
/// </summary>
internal sealed class CacheDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly CachedColumn[] _columns;
    private readonly object _lock = new();
    private long _rowCount;

    public CacheDataView(IHostEnvironment env, IDataView source, int[] prefetch)
    {
        _host = env.Register("Cache");
        _source = source;
        _columns = new CachedColumn[source.Schema.Count];
        _rowCount = source.GetRowCount() ?? -1;
        if (prefetch?.Length > 0)
            EnsureCached(prefetch);
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _rowCount < 0 ? null : _rowCount;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(this, [.. columnsNeeded.Select(column => column.Index)], rand);

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private void EnsureCached(int[] wanted)
    {
        lock (_lock)
        {
            int[] missing = [.. wanted.Where(index => _columns[index] == null).Distinct()];
            if (missing.Length == 0 && _rowCount >= 0)
                return;
            using IChannel channel = _host.Start("Cache");
            channel.Trace(MessageSensitivity.None, "Begin cache of {0} columns", missing.Length);
            using DataViewRowCursor cursor = _source.GetRowCursor(missing.Select(index => Schema[index]));
            CachedColumn[] fresh = [.. missing.Select(index => CachedColumn.Create(cursor, Schema[index]))];
            long rows = 0;
            while (cursor.MoveNext())
            {
                rows++;
                foreach (CachedColumn column in fresh)
                    column.Add();
            }

            for (int i = 0; i < missing.Length; i++)
                _columns[missing[i]] = fresh[i].Freeze();
            _rowCount = rows;
            channel.Trace(MessageSensitivity.None, "End cache of {0} columns", missing.Length);
        }
    }

    private abstract class CachedColumn
    {
        public static CachedColumn Create(DataViewRow row, DataViewSchema.Column column)
        {
            Type type = column.Type is VectorDataViewType vector
                ? typeof(CachedVectors<>).MakeGenericType(vector.ItemType.RawType)
                : typeof(CachedScalars<>).MakeGenericType(column.Type.RawType);
            return (CachedColumn)Activator.CreateInstance(type, row, column);
        }

        public abstract void Add();

        /// <summary>Lets go of the source's getter.</summary>
        public abstract CachedColumn Freeze();

        public abstract Delegate MakeGetter(Func<int> row);
    }

    private sealed class CachedScalars<T> : CachedColumn
    {
        private readonly List<T> _values = [];
        private ValueGetter<T> _getter;

        public CachedScalars(DataViewRow row, DataViewSchema.Column column)
        {
            _getter = row.GetGetter<T>(column);
        }

        public override void Add()
        {
            T value = default;
            _getter(ref value);
            _values.Add(value);
        }

        public override CachedColumn Freeze()
        {
            _getter = null;
            return this;
        }

        public override Delegate MakeGetter(Func<int> row)
        {
            ValueGetter<T> getter = (ref T value) => value = _values[row()];
            return getter;
        }
    }

    private sealed class CachedVectors<T> : CachedColumn
    {
        private readonly List<VBuffer<T>> _values = [];
        private ValueGetter<VBuffer<T>> _getter;
        private VBuffer<T> _buffer;

        public CachedVectors(DataViewRow row, DataViewSchema.Column column)
        {
            _getter = row.GetGetter<VBuffer<T>>(column);
        }

        public override void Add()
        {
            _getter(ref _buffer);
            VBuffer<T> copy = default;
            _buffer.CopyTo(ref copy);
            _values.Add(copy);
        }

        public override CachedColumn Freeze()
        {
            _getter = null;
            _buffer = default;
            return this;
        }

        public override Delegate MakeGetter(Func<int> row)
        {
            ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> value) => _values[row()].CopyTo(ref value);
            return getter;
        }
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly CacheDataView _parent;
        private readonly int[] _active;
        private readonly Random _random;
        private readonly Dictionary<int, Delegate> _getters = [];
        private int[] _order;
        private long _position = -1;
        private bool _started;
        private bool _ended;

        public Cursor(CacheDataView parent, int[] active, Random random)
        {
            _parent = parent;
            _active = active;
            _random = random;
        }

        public override DataViewSchema Schema => _parent.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        private int Row => _position < 0
            ? throw Contracts.Except("Cannot get a value while the cursor is on no row.")
            : _order?[_position] ?? (int)_position;

        public override bool MoveNext()
        {
            if (!_started)
                Start();
            _ended = _ended || ++_position >= _parent._rowCount;
            if (_ended)
                _position = -1;
            return !_ended;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Row, 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(IsColumnActive(column), nameof(column), "requested column not active.");
            Type raw = Schema[column.Index].Type.RawType;
            Contracts.Check(raw == typeof(TValue), $"Invalid TValue: '{typeof(TValue)}', expected '{raw}'.");
            if (_getters.TryGetValue(column.Index, out Delegate getter))
                return (ValueGetter<TValue>)getter;

            // The column is not filled before the cursor moves, so the getter is bound at its first use.
            ValueGetter<TValue> inner = null;
            ValueGetter<TValue> late = (ref TValue value) =>
            {
                inner ??= (ValueGetter<TValue>)_parent._columns[column.Index].MakeGetter(() => Row);
                inner(ref value);
            };
            _getters[column.Index] = late;
            return late;
        }

        private void Start()
        {
            _parent.EnsureCached(_active);
            _started = true;
            if (_random == null)
                return;
            _order = [.. Enumerable.Range(0, (int)_parent._rowCount)];
            _random.Shuffle(_order);
        }
    }
}
