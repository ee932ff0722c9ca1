using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A row whose values are the members of an object that can be exchanged.</summary>
internal sealed class RowObjectRow<TRow> : DataViewRow
    where TRow : class
{
    private readonly RowGetters _getters;
    private TRow _current;
    private long _position = -1;

    public RowObjectRow(RowMember[] members)
    {
        Schema = RowObject.SchemaOf(members);
        _getters = new RowGetters(Schema, Schema, column => members[column.Index].CreateGetter(Current));
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => 0;

    /// <summary>Moves to the next row, which is made of the object.</summary>
    public void MoveTo(TRow row)
    {
        Contracts.CheckValue(row, nameof(row));
        _current = row;
        _position++;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        => _getters.Get<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter()
        => (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

    private TRow Current()
    {
        Contracts.Check(_position >= 0, RowGetters.NoCurrentRow);
        return _current;
    }
}
