namespace Microsoft.ML.AudioDatasets.Tables;

/// <summary>The columns of a table and their places.</summary>
internal sealed class TableColumns
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <summary>Finds the columns of a format in a header.</summary>
    /// <exception cref="InvalidDataException">One is not there, or twice.</exception>
    public TableColumns(string table, TableFormat format, IReadOnlyList<string> header)
    {
        Table = table;
        for (int i = 0; i < header.Count; i++)
        {
            if (!_places.TryAdd(header[i].Trim(), i))
            {
                throw new InvalidDataException($"'{table}' has the column '{header[i].Trim()}' twice.");
            }
        }

        string[] missing = [.. format.Columns.Where(column => !_places.ContainsKey(column))];
        if (missing.Length > 0)
        {
            throw new InvalidDataException(
                $"'{table}' has no column {string.Join(", ", missing)}; found {string.Join(", ", header)}.");
        }
    }

    /// <summary>The table's name in messages.</summary>
    public string Table { get; }

    /// <summary>Whether there is such a column.</summary>
    public bool Has(string column) => _places.ContainsKey(column);

    /// <summary>The place of a column, counted from 0.</summary>
    public int PlaceOf(string column) => _places.TryGetValue(column, out int place)
        ? place
        : throw new InvalidDataException($"'{Table}' has no column {column}; found {string.Join(", ", _places.Keys)}.");
}
