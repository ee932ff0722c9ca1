using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Data view of the rows of one fold, or of all rows without those.</summary>
internal sealed class FoldDataView(IDataView input, DataViewSchema.Column column, string fold, bool without) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => input.Schema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        HashSet<int> active = [.. needed.Select(item => item.Index)];
        DataViewRowCursor cursor = input.GetRowCursor(active.Contains(column.Index) ? needed : [.. needed, column], rand);
        try
        {
            Func<string> reader = GroupReader.Of(cursor, column, "Fold");
            return new Cursor(cursor, active, () => reader() == fold != without);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor input, HashSet<int> active, Func<bool> accepts) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => input.Schema;

        public override bool MoveNext()
        {
            while (input.MoveNext())
            {
                if (accepts())
                {
                    _position++;
                    return true;
                }
            }

            _position = -1;
            return false;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => IsColumnActive(column)
                ? input.GetGetter<TValue>(column)
                : throw new InvalidOperationException($"Column '{column.Name}' is not active in this cursor.");

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                input.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
