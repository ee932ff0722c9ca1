using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>
/// Base class of the cursors that read rows ahead, so that several are scored together: it keeps the rows' values of the active
/// columns in slots.
/// </summary>
internal abstract class ScoringCursor : DataViewRowCursor
{
    private readonly RowMapper _mapper;
    private readonly ScoringMapping _mapping;
    private readonly bool[] _active;
    private readonly KeptColumn?[] _kept;
    private readonly KeptColumn<DataViewRowId> _ids;
    private readonly long[] _batches;
    private bool _disposed;

    /// <param name="mapper">Mapper of the rows.</param>
    /// <param name="mapping">Mapping of the model.</param>
    /// <param name="input">Cursor of the input; disposed with this one.</param>
    /// <param name="active">Which columns are asked for.</param>
    /// <param name="slots">Number of rows to keep.</param>
    protected ScoringCursor(RowMapper mapper, ScoringMapping mapping, DataViewRowCursor input, bool[] active, int slots)
    {
        _mapper = mapper;
        _mapping = mapping;
        Input = input;
        _active = active;
        _ids = new KeptColumn<DataViewRowId>(input.GetIdGetter(), slots);
        _batches = new long[slots];
        _kept = new KeptColumn?[mapper.InputSchema.Count];
        for (int i = 0; i < _kept.Length; i++)
        {
            if (active[i])
            {
                _kept[i] = KeptColumn.Create(input, mapper.InputSchema[i], slots);
            }
        }
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Batch => Position < 0 ? 0 : _batches[Slot];

    protected DataViewRowCursor Input { get; }

    protected bool IsDisposed => _disposed;

    /// <summary>Slot of the current row.</summary>
    protected abstract int Slot { get; }

    /// <summary>Scores of the current row.</summary>
    protected abstract ReadOnlySpan<float> Scores();

    /// <summary>Values of an input column that are kept because it is active; null if it is not.</summary>
    protected KeptColumn? Kept(DataViewSchema.Column column) => _kept[column.Index];

    /// <summary>Keeps the values of the input's current row.</summary>
    protected void Keep(int slot)
    {
        _batches[slot] = Input.Batch;
        _ids.Keep(slot);
        foreach (KeptColumn? column in _kept)
        {
            column?.Keep(slot);
        }
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
        (ref DataViewRowId value) => _ids.Get(CheckedSlot(), ref value);

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
            return (ref TValue value) => kept.Get(CheckedSlot(), ref value);
        }

        ClipScores scores = () =>
        {
            CheckedSlot();
            return Scores();
        };
        return RowGetters.Cast<TValue>(_mapping.Model.Columns.CreateGetter(added, scores), column);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            Input.Dispose();
        }

        base.Dispose(disposing);
    }

    private int CheckedSlot() => Position >= 0
        ? Slot
        : throw new InvalidOperationException("The cursor is not on a row: MoveNext has not been called, or has returned false.");
}
