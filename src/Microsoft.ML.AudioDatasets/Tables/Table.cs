using CsvHelper;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioDatasets.Tables;

/// <summary>Reads tables of text, row by row. Errors name the file and the line.</summary>
internal static class Table
{
    /// <summary>The longest row, in bytes: a guard against an unclosed quote.</summary>
    private const int MaximumRow = 1 << 20;

    /// <summary>The rows of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its format.</param>
    /// <returns>The rows; each is valid until the next one is asked for.</returns>
    /// <exception cref="InvalidDataException">
    /// The header lacks a column, a row has another number of fields than the first, or its quotes do not close.
    /// </exception>
    public static IEnumerable<TableRow> Read(string path, TableFormat format)
    {
        using var stream = RegularFile.OpenRead(path);
        foreach (TableRow row in Read(stream, path, format))
        {
            yield return row;
        }
    }

    /// <summary>The rows of a stream; see <see cref="Read(string, TableFormat)"/>.</summary>
    /// <param name="stream">The table in UTF-8; left open.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="format">Its format.</param>
    public static IEnumerable<TableRow> Read(Stream stream, string name, TableFormat format)
    {
        using CsvReader reader = CsvReader.Create(stream, OptionsOf(format), leaveOpen: true);
        var columns = new TableColumns(name, format, Guard(name, () => HeaderOf(reader, format)));
        while (Guard(name, reader.Read))
        {
            if (!format.HasHeader && reader.FieldCount != format.Columns.Count)
            {
                throw new InvalidDataException(
                    $"'{name}', line {reader.LineNumber}: found {reader.FieldCount} fields; expected "
                    + $"{format.Columns.Count}: {string.Join(", ", format.Columns)}.");
            }

            yield return new TableRow(reader, columns);
        }
    }

    private static CsvReaderOptions OptionsOf(TableFormat format) => new()
    {
        Separator = format.Separator,
        HasHeader = format.HasHeader,
        CommentPrefix = format.Comment,
        TrimWhitespace = format.Trims,
        Mode = format.HasPlainQuotes ? CsvMode.NoEscape : CsvMode.Rfc4180,
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        MaxRecordSize = MaximumRow,
        TrackLineNumbers = true,
        PoolStrings = true,
    };

    private static IReadOnlyList<string> HeaderOf(CsvReader reader, TableFormat format)
    {
        reader.ReadHeader();
        return format.HasHeader ? [.. reader.Headers] : format.Columns;
    }

    private static T Guard<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is CsvFormatException or CsvValidationException)
        {
            throw new InvalidDataException($"'{name}' is no table as expected: {exception.Message}", exception);
        }
    }
}
