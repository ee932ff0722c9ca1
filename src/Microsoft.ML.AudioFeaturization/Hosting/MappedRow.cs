using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>One input row with the added columns, for prediction engines.</summary>
internal sealed class MappedRow(RowGetters getters, DataViewRow input) : DataViewRow
{
    private bool _disposed;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override DataViewSchema Schema => getters.Schema;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        getters.GetGetter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => getters.IsColumnActive(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            getters.Dispose();
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}
