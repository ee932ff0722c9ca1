using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>A <see cref="RowMapping"/> over one input schema, as ML.NET asks for it.</summary>
internal sealed class RowMapper : IRowToRowMapper
{
    public RowMapper(DataViewSchema inputSchema, RowMapping mapping)
    {
        InputSchema = inputSchema;
        Mapping = mapping;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumns(mapping.Added);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public RowMapping Mapping { get; }

    /// <summary>The input columns that are needed for the given output columns.</summary>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new bool[InputSchema.Count];
        foreach (DataViewSchema.Column column in dependingColumns)
        {
            if (column.Index < needed.Length)
            {
                needed[column.Index] = true;
                continue;
            }

            foreach (DataViewSchema.Column source in Mapping.Sources)
            {
                needed[source.Index] = true;
            }
        }

        return InputSchema.Where(column => needed[column.Index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedRow(new RowGetters(this, input, GetActive(activeColumns)), input);
    }

    /// <summary>Which output columns are asked for, by index.</summary>
    public bool[] GetActive(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[OutputSchema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            active[column.Index] = true;
        }

        return active;
    }
}
