using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>The lazy view that a <see cref="RowMapper"/> makes of its input, row by row.</summary>
internal sealed class MappedDataView(RowMapper mapper, IDataView input) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        List<DataViewSchema.Column> columns = columnsNeeded.ToList();
        return CreateCursor(input.GetRowCursor(mapper.GetDependencies(columns), rand), columns);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        List<DataViewSchema.Column> columns = columnsNeeded.ToList();
        DataViewRowCursor[] inputs = input.GetRowCursorSet(mapper.GetDependencies(columns), n, rand);
        return Array.ConvertAll(inputs, cursor => CreateCursor(cursor, columns));
    }

    private DataViewRowCursor CreateCursor(DataViewRowCursor cursor, List<DataViewSchema.Column> columns)
    {
        try
        {
            return new MappedCursor(new RowGetters(mapper, cursor, mapper.GetActive(columns)), cursor);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
