using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioFeaturization.ClipScoring.Windows;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>Data view with the columns that a model adds; its cursors score rows in batches.</summary>
internal sealed class BatchedDataView(RowMapper mapper, ScoringMapping mapping, IDataView input) : IDataView
{
    private readonly MappedDataView _rowByRow = new(mapper, input);

    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        List<DataViewSchema.Column> columns = columnsNeeded.ToList();
        if (columns.TrueForAll(column => column.Index < mapper.InputSchema.Count))
        {
            return _rowByRow.GetRowCursor(columns, rand);
        }

        IEnumerable<DataViewSchema.Column> needed = mapper.GetDependencies(columns);
        DataViewRowCursor cursor = mapping.Windows is null
            ? input.GetRowCursor(needed, rand)
            : RowGetters.OpenCursor(input, needed, rand);
        try
        {
            bool[] active = mapper.GetActive(columns);
            return mapping.Windows is null
                ? new BatchedCursor(mapper, mapping, cursor, active)
                : new WindowedCursor(mapper, mapping, cursor, active);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    /// <summary>Returns one cursor: its batches are parallel already.</summary>
    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
