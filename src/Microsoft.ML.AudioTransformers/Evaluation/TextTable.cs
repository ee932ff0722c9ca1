using System.Globalization;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Table in plain text: the first column is aligned to the left, all others to the right.</summary>
internal sealed class TextTable
{
    private readonly List<string[]> _rows = [];

    /// <summary>Creates a table with the columns' headings.</summary>
    public TextTable(params string[] headings) => _rows.Add(headings);

    /// <summary>A number with four decimals.</summary>
    public static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    /// <summary>A count.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Adds a row with as many cells as there are headings.</summary>
    public TextTable Add(params string[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    /// <summary>The whole table, each line with an end.</summary>
    public override string ToString()
    {
        int columns = _rows[0].Length;
        int[] widths = [.. Enumerable.Range(0, columns).Select(column => _rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        for (int row = 0; row < _rows.Count; row++)
        {
            var line = new StringBuilder();
            for (int column = 0; column < columns; column++)
            {
                string cell = _rows[row][column];
                line.Append(column == 0 ? cell.PadRight(widths[0]) : "  " + cell.PadLeft(widths[column]));
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
            if (row == 0)
            {
                text.Append('-', widths.Sum() + 2 * (columns - 1)).Append('\n');
            }
        }

        return text.ToString();
    }
}
