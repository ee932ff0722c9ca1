using System.Globalization;
using System.Text.Unicode;
using CsvHelper;

namespace Microsoft.ML.AudioDatasets.Tables;

/// <summary>A row of a table, valid until the next one is read. Errors name file, line, column and value.</summary>
internal readonly struct TableRow(CsvReader reader, TableColumns columns)
{
    /// <summary>The line that the row starts in, counted from 1.</summary>
    public long Line => reader.LineNumber;

    /// <summary>The text of a field, without spaces around it.</summary>
    /// <exception cref="InvalidDataException">It is not in UTF-8. A field that nobody reads may be in anything.</exception>
    public string this[string column]
    {
        get
        {
            int place = columns.PlaceOf(column);

            // Else two labels that differ in such bytes alone would become one.
            return Utf8.IsValid(reader.GetRawSpan(place))
                ? reader.GetString(place).Trim()
                : throw new InvalidDataException(
                    $"'{columns.Table}', line {Line}: {column} has bytes that are no text in UTF-8; save it as UTF-8.");
        }
    }

    /// <summary>Whether the table has such a column.</summary>
    public bool Has(string column) => columns.Has(column);

    /// <summary>The text of a field that has to have some.</summary>
    /// <exception cref="InvalidDataException">It is empty.</exception>
    public string Text(string column) => this[column] is { Length: > 0 } text ? text : throw Wrong(column, "some text");

    /// <summary>Seconds, a number of 0 or more.</summary>
    /// <exception cref="InvalidDataException">It is no such number.</exception>
    public float Seconds(string column) =>
        float.TryParse(this[column], NumberStyles.Float, CultureInfo.InvariantCulture, out float seconds)
        && float.IsFinite(seconds) && seconds >= 0
            ? seconds
            : throw Wrong(column, "seconds, 0 or more");

    /// <summary>A length written as a time of day: hours:minutes:seconds.</summary>
    /// <exception cref="InvalidDataException">It is no such time.</exception>
    public TimeSpan Time(string column) =>
        TimeSpan.TryParse(this[column], CultureInfo.InvariantCulture, out TimeSpan time) && time >= TimeSpan.Zero
            ? time
            : throw Wrong(column, "a time as in 00:01:02.345");

    /// <summary>A whole number in a range, both ends included.</summary>
    /// <exception cref="InvalidDataException">It is no such number.</exception>
    public int Whole(string column, int minimum, int maximum) =>
        int.TryParse(this[column], NumberStyles.Integer, CultureInfo.InvariantCulture, out int number)
        && number >= minimum && number <= maximum
            ? number
            : throw Wrong(column, $"a whole number, {minimum} to {maximum}");

    /// <summary>A number in a range, both ends included.</summary>
    /// <exception cref="InvalidDataException">It is no such number.</exception>
    public double Number(string column, double minimum, double maximum) =>
        double.TryParse(this[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && number >= minimum && number <= maximum
            ? number
            : throw Wrong(column, FormattableString.Invariant($"a number, {minimum} to {maximum}"));

    /// <summary>The error for a field that is not as expected.</summary>
    public InvalidDataException Wrong(string column, string expected) => new(
        $"'{columns.Table}', line {Line}: {column} is '{this[column]}'; expected {expected}.");
}
