using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A cursor over the rows of another, with the same columns.</summary>
internal abstract class PassThroughCursor : DataViewRowCursor
{
    private readonly bool[] _isActive;

    protected PassThroughCursor(DataViewRowCursor input, IEnumerable<DataViewSchema.Column> needed)
    {
        Input = input;
        _isActive = new bool[input.Schema.Count];
        foreach (DataViewSchema.Column column in needed)
            _isActive[column.Index] = true;
    }

    public override DataViewSchema Schema => Input.Schema;

    public override long Batch => Input.Batch;

    protected DataViewRowCursor Input { get; }

    public override bool IsColumnActive(DataViewSchema.Column column) => _isActive[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Contracts.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
        return Input.GetGetter<TValue>(column);
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Input.Dispose();
        base.Dispose(disposing);
    }
}
