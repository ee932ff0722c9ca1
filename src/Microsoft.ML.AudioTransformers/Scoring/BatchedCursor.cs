using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>
/// Cursor that reads a batch of rows ahead, keeps their values of the active columns, and scores them together when the first
/// score is read. Batches double from one row to the model's batch size.
/// </summary>
internal sealed class BatchedCursor : DataViewRowCursor
{
    private readonly RowMapper _mapper;
    private readonly ScoringMapping _mapping;
    private readonly DataViewRowCursor _input;
    private readonly bool[] _active;
    private readonly string _featureColumn;
    private readonly KeptColumn<VBuffer<float>> _features;
    private readonly KeptColumn?[] _kept;
    private readonly KeptColumn<DataViewRowId> _ids;
    private readonly long[] _batches;
    private readonly BatchScores _scores;
    private readonly ClipCuts.Pass? _cuts;
    private long _position = -1;
    private int _next = 1;
    private int _row;
    private bool _inputEnded;
    private bool _disposed;

    public BatchedCursor(RowMapper mapper, ScoringMapping mapping, DataViewRowCursor input, bool[] active)
    {
        _mapper = mapper;
        _mapping = mapping;
        _input = input;
        _active = active;
        _featureColumn = mapping.Sources[0].Name;
        int capacity = mapping.Model.Description.ScoringBatchSize;
        _scores = new BatchScores(mapping.Model, mapping.Reader, capacity);
        _cuts = mapping.Cuts?.Begin();
        _ids = new KeptColumn<DataViewRowId>(input.GetIdGetter(), capacity);
        _batches = new long[capacity];
        _kept = new KeptColumn?[mapper.InputSchema.Count];
        for (int i = 0; i < _kept.Length; i++)
        {
            if (active[i])
            {
                _kept[i] = KeptColumn.Create(input, mapper.InputSchema[i], capacity);
            }
        }

        // If the feature column is active too, its values are read once for both.
        DataViewSchema.Column features = mapping.Sources[0];
        _features = _kept[features.Index] as KeptColumn<VBuffer<float>>
            ?? new KeptColumn<VBuffer<float>>(input.GetGetter<VBuffer<float>>(features), capacity);
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _position;

    public override long Batch => _position < 0 ? 0 : _batches[_row];

    public override bool MoveNext()
    {
        if (_disposed)
        {
            return false;
        }

        if (_position >= 0 && _row + 1 < _scores.Count)
        {
            _row++;
            _position++;
            return true;
        }

        ReadBatch();
        _row = 0;
        _position = _scores.Count == 0 ? -1 : _position + 1;
        return _scores.Count > 0;
    }

    public override bool IsColumnActive(DataViewSchema.Column column)
    {
        if (column.Index >= _active.Length || Schema[column.Index].Name != column.Name)
        {
            throw new ArgumentOutOfRangeException(
                nameof(column), column.Name, $"Column '{column.Name}' is not in this cursor's schema: {Schema}.");
        }

        return _active[column.Index];
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId value) => _ids.Get(CheckedRow(), ref value);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new ArgumentOutOfRangeException(
                nameof(column), column.Name, $"Column '{column.Name}' was not among the columns asked for.");
        }

        int added = column.Index - _kept.Length;
        if (added < 0)
        {
            var kept = _kept[column.Index] as KeptColumn<TValue>
                ?? throw new InvalidOperationException(
                    $"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");
            return (ref TValue value) => kept.Get(CheckedRow(), ref value);
        }

        return RowGetters.Cast<TValue>(_mapping.CreateGetter(added, _scores, CheckedRow), column);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _position = -1;
            _input.Dispose();
            _cuts?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void ReadBatch()
    {
        // A preview or TakeRows reads a few rows, and each row read ahead is decoded: batches begin with one row and double.
        int most = Math.Min(_next, _batches.Length);
        _next = Math.Min(2 * most, _batches.Length);
        _scores.Clear();
        while (!_inputEnded && _scores.Count < most)
        {
            if (!_input.MoveNext())
            {
                _inputEnded = true;
                break;
            }

            int row = _scores.Count;
            _batches[row] = _input.Batch;
            _ids.Keep(row);
            foreach (KeptColumn? column in _kept)
            {
                column?.Keep(row);
            }

            if (Array.IndexOf(_kept, _features) < 0)
            {
                _features.Keep(row);
            }

            _cuts?.Add(_input.Position, _features[row].Length);
            _scores.Add(_features[row], _featureColumn, _input.Position);
        }
    }

    private int CheckedRow() => _position >= 0
        ? _row
        : throw new InvalidOperationException("The cursor is not on a row: MoveNext has not been called, or has returned false.");
}
