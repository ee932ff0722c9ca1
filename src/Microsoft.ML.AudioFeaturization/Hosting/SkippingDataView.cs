using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>
/// The view that a <see cref="RowMapper"/> makes of its input, without the rows whose added value cannot be computed.
/// </summary>
/// <remarks>
/// Which rows these are is found out when a cursor first passes them, and kept for later cursors, which then have the same rows.
/// The input must have its rows in the same order each time, so it is not shuffled. The added column is annotated with the rows
/// that were left out so far (<see cref="AnnotationKinds.SkippedRows"/>).
/// </remarks>
internal sealed class SkippingDataView : IDataView
{
    private readonly RowMapper _mapper;
    private readonly IDataView _input;
    private readonly Func<Exception, bool> _isSkipped;
    private readonly Action<long, long, Exception> _tell;
    private readonly Func<DataViewRow, RowTrial?> _createTrial;
    private readonly Lock _lock = new();
    private readonly List<RowState> _states = [];
    private readonly SortedDictionary<int, Exception> _reasons = [];

    /// <param name="mapper">Adds one column, a vector of Single.</param>
    /// <param name="input">The rows.</param>
    /// <param name="isSkipped">Whether an exception leaves a row out; any other one is thrown.</param>
    /// <param name="tell">
    /// Told at a cursor's end, if it found rows to leave out: how many, of how many, and the first exception.
    /// </param>
    /// <param name="createTrial">
    /// Makes, of a row of the input, what tries its added value; null if only the value's getter can.
    /// </param>
    public SkippingDataView(
        RowMapper mapper,
        IDataView input,
        Func<Exception, bool> isSkipped,
        Action<long, long, Exception> tell,
        Func<DataViewRow, RowTrial?> createTrial)
    {
        _mapper = mapper;
        _input = input;
        _isSkipped = isSkipped;
        _tell = tell;
        _createTrial = createTrial;
        DataViewSchema.Column added = mapper.OutputSchema[mapper.InputSchema.Count];
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(added.Annotations, _ => true);
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = GetReasons;
        annotations.Add(AnnotationKinds.SkippedRows, new VectorDataViewType(TextDataViewType.Instance), getter);
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(mapper.InputSchema);
        schema.AddColumn(added.Name, added.Type, annotations.ToAnnotations());
        Schema = schema.ToSchema();
    }

    private enum RowState : byte
    {
        Unknown,
        Good,
        Skipped,
    }

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public long? GetRowCount() => null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        // The added column decides on a row, whether it is asked for or not.
        DataViewSchema.Column added = Schema[_mapper.InputSchema.Count];
        List<DataViewSchema.Column> columns = columnsNeeded.ToList();
        bool isAsked = columns.Any(column => column.Index == added.Index);
        List<DataViewSchema.Column> all = isAsked ? columns : [.. columns, added];
        DataViewRowCursor cursor = _input.GetRowCursor(_mapper.GetDependencies(all));
        try
        {
            var getters = new RowGetters(_mapper, cursor, _mapper.GetActive(all));
            return new Cursor(this, getters, cursor, added, isAsked);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private RowState StateOf(int row)
    {
        lock (_lock)
        {
            return row < _states.Count ? _states[row] : RowState.Unknown;
        }
    }

    private void SetState(int row, RowState state)
    {
        lock (_lock)
        {
            while (_states.Count <= row)
            {
                _states.Add(RowState.Unknown);
            }

            _states[row] = state;
        }
    }

    private void Skip(int row, Exception exception)
    {
        SetState(row, RowState.Skipped);
        lock (_lock)
        {
            _reasons[row] = exception;
        }
    }

    private void GetReasons(ref VBuffer<ReadOnlyMemory<char>> reasons)
    {
        lock (_lock)
        {
            ReadOnlyMemory<char>[] texts =
                [.. _reasons.Select(reason => SkippedRow.FromException(reason.Key, reason.Value).ToText().AsMemory())];
            AnnotationKinds.Fill<ReadOnlyMemory<char>>(ref reasons, texts);
        }
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly SkippingDataView _view;
        private readonly RowGetters _getters;
        private readonly DataViewRowCursor _input;
        private readonly DataViewSchema.Column _added;
        private readonly ValueGetter<VBuffer<float>> _get;
        private readonly RowTrial? _trial;
        private readonly bool _isAsked;
        private bool _isValueUsed;
        private VBuffer<float> _value;
        private bool _hasValue;
        private int _inputRow = -1;
        private long _position = -1;
        private long _found;
        private Exception? _first;
        private bool _disposed;

        public Cursor(
            SkippingDataView view, RowGetters getters, DataViewRowCursor input, DataViewSchema.Column added, bool isAsked)
        {
            _view = view;
            _getters = getters;
            _input = input;
            _added = added;
            _get = getters.GetGetter<VBuffer<float>>(added);
            _trial = view._createTrial(input);
            _isAsked = isAsked;
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _position;

        public override long Batch => _input.Batch;

        public override bool MoveNext()
        {
            _hasValue = false;
            _trial?.Forget();
            while (!_disposed && _input.MoveNext())
            {
                _inputRow++;
                RowState state = _view.StateOf(_inputRow);
                if (state == RowState.Good || (state == RowState.Unknown && TryGet()))
                {
                    _position++;
                    return true;
                }
            }

            _position = -1;
            return false;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index != _added.Index || !_isAsked)
            {
                return _getters.GetGetter<TValue>(column);
            }

            if (typeof(TValue) != typeof(VBuffer<float>))
            {
                ValueGetter<TValue> other = _getters.GetGetter<TValue>(column);
                return _trial?.Kept(other) ?? other;
            }

            _isValueUsed = true;
            ValueGetter<VBuffer<float>> getter = (ref VBuffer<float> value) =>
            {
                if (!_hasValue)
                {
                    _get(ref value);
                    return;
                }

                _value.CopyTo(ref value);
            };
            return RowGetters.Cast<TValue>(getter, column);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) =>
            _getters.IsColumnActive(column) && (_isAsked || column.Index != _added.Index);

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                _position = -1;
                _getters.Dispose();
                _input.Dispose();
                if (_first is not null)
                {
                    _view._tell(_found, _inputRow + 1, _first);
                }
            }

            base.Dispose(disposing);
        }

        private bool TryGet()
        {
            try
            {
                if (_isValueUsed || _trial is null || !_trial.Try())
                {
                    _get(ref _value);
                    _hasValue = true;
                }

                _view.SetState(_inputRow, RowState.Good);
                return true;
            }
            catch (Exception exception) when (_view._isSkipped(exception))
            {
                _found++;
                _first ??= exception;
                _view.Skip(_inputRow, exception);
                return false;
            }
        }
    }
}
