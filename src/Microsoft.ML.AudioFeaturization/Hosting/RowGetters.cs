using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>The getters of a mapped row or cursor: those of the input passed through, and the added ones.</summary>
internal sealed class RowGetters : IDisposable
{
    private readonly RowMapper _mapper;
    private readonly DataViewRow _input;
    private readonly bool[] _active;
    private readonly Delegate?[]? _added;
    private readonly IDisposable? _state;

    public RowGetters(RowMapper mapper, DataViewRow input, bool[] active)
    {
        _mapper = mapper;
        _input = input;
        _active = active;
        int offset = mapper.InputSchema.Count;
        if (Array.IndexOf(active, true, offset) >= 0)
        {
            _added = mapper.Mapping.CreateGetters(input, i => active[offset + i], out _state);
        }
    }

    public DataViewSchema Schema => _mapper.OutputSchema;

    public bool IsColumnActive(DataViewSchema.Column column)
    {
        CheckColumn(column);
        return _active[column.Index];
    }

    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new ArgumentOutOfRangeException(
                nameof(column), column.Name, $"Column '{column.Name}' was not among the columns asked for.");
        }

        int offset = _mapper.InputSchema.Count;
        if (column.Index < offset)
        {
            return _input.GetGetter<TValue>(_mapper.InputSchema[column.Index]);
        }

        int added = column.Index - offset;
        return _added![added] as ValueGetter<TValue>
            ?? _mapper.Mapping.CreateOtherGetter<TValue>(_input, added)
            ?? Cast<TValue>(_added[added]!, column);
    }

    /// <summary>A getter as the type that is asked for.</summary>
    /// <exception cref="InvalidOperationException">The column has another type; the message names both.</exception>
    public static ValueGetter<TValue> Cast<TValue>(Delegate getter, DataViewSchema.Column column) =>
        getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException(
            $"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");

    /// <summary>
    /// Getter of a column's values in another type than the column's, which only this library asks for; null where the column, or
    /// a view that it passes through, has none.
    /// </summary>
    /// <typeparam name="TValue">The type.</typeparam>
    /// <param name="row">A row in which the column is active.</param>
    /// <param name="column">The column.</param>
    public static ValueGetter<TValue>? FindOther<TValue>(DataViewRow row, DataViewSchema.Column column)
    {
        try
        {
            return row.GetGetter<TValue>(column);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException
            or InvalidCastException or NotSupportedException)
        {
            // Whatever holds values has them in the column's own type alone, and says so in its own way.
            return null;
        }
    }

    /// <summary>
    /// A cursor of one thread, for <see cref="FindOther"/>: where a view would read rows ahead on several, and hold their values, it is
    /// asked not to.
    /// </summary>
    public static DataViewRowCursor OpenCursor(
        IDataView view, IEnumerable<DataViewSchema.Column> columns, Random? rand)
    {
        List<DataViewSchema.Column> needed = [.. columns];
        DataViewRowCursor[] cursors = view.GetRowCursorSet(needed, 1, rand);
        if (cursors.Length == 1)
        {
            return cursors[0];
        }

        Array.ForEach(cursors, cursor => cursor.Dispose());
        return view.GetRowCursor(needed, rand);
    }

    public void Dispose() => _state?.Dispose();

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= _active.Length || Schema[column.Index].Name != column.Name)
        {
            throw new ArgumentOutOfRangeException(
                nameof(column), column.Name, $"Column '{column.Name}' is not in this row's schema: {Schema}.");
        }
    }
}
