using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Row mappers one after the other; each sees only the columns that the ones after it need.</summary>
internal sealed class CompositeRowToRowMapper : IRowToRowMapper, IDisposable
{
    private readonly IRowToRowMapper[] _mappers;

    public CompositeRowToRowMapper(DataViewSchema inputSchema, IRowToRowMapper[] mappers)
    {
        _mappers = mappers;
        InputSchema = inputSchema;
        OutputSchema = mappers.Length == 0 ? inputSchema : mappers[^1].OutputSchema;
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => _mappers.Reverse().Aggregate(dependingColumns, (needed, mapper) => mapper.GetDependencies(needed));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckValue(activeColumns, nameof(activeColumns));
        Contracts.CheckParam(input.Schema == InputSchema, nameof(input), "Schema did not match original schema");
        DataViewSchema.Column[] active = [.. activeColumns];
        if (_mappers.Length == 0)
        {
            foreach (DataViewSchema.Column column in active)
            {
                Contracts.CheckParam(
                    input.IsColumnActive(input.Schema[column.Index]),
                    nameof(input),
                    $"Mapper required column '{column.Name}' active but it was not.");
            }

            return input;
        }

        var needed = new IEnumerable<DataViewSchema.Column>[_mappers.Length];
        needed[^1] = active.Select(column => OutputSchema[column.Index]).ToArray();
        for (int i = needed.Length - 1; i > 0; i--)
            needed[i - 1] = _mappers[i].GetDependencies(needed[i]);
        DataViewRow row = input;
        for (int i = 0; i < _mappers.Length; i++)
            row = _mappers[i].GetRow(row, needed[i]);
        return row;
    }

    public void Dispose()
    {
        foreach (IRowToRowMapper mapper in _mappers)
            (mapper as IDisposable)?.Dispose();
    }
}
