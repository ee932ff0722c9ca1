using System.Globalization;
using System.Reflection;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Interactive;

/// <summary>
/// Table of values: a row each, a column a property; numbers to three decimals, to the right. Of text, a cell shows the
/// beginning.
/// </summary>
internal sealed class DataTable
{
    /// <summary>Rows that are shown at most.</summary>
    public const int MaximumRows = 200;

    /// <summary>Rows that are counted at most, shown or not; a sequence may have no end.</summary>
    public const int MaximumCounted = 1_000_000;

    /// <summary>Characters of a cell that are shown at most.</summary>
    public const int MaximumCell = 200;

    private readonly string[] _names;
    private readonly (string Text, bool IsNumber)[][] _rows;

    // What is below the rows; null for nothing.
    private readonly string? _more;

    private DataTable(string[] names, (string Text, bool IsNumber)[][] rows, string? more) =>
        (_names, _rows, _more) = (names, rows, more);

    /// <summary>Reads the properties of rows.</summary>
    /// <param name="rows">
    /// Rows; beyond <see cref="MaximumRows"/> they are counted, and beyond <see cref="MaximumCounted"/> not read.
    /// </param>
    public static DataTable Of<T>(IEnumerable<T> rows)
    {
        PropertyInfo[] properties =
        [
            .. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.GetIndexParameters().Length == 0),
        ];
        List<(string Text, bool IsNumber)[]> shown = [];
        int count = 0;
        foreach (T row in rows.Take(MaximumCounted + 1))
        {
            if (++count <= MaximumRows)
            {
                shown.Add([.. properties.Select(property => Cell(property.GetValue(row)))]);
            }
        }

        string? more = count <= MaximumRows ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"and {(count > MaximumCounted ? "more than " : "")}{Math.Min(count, MaximumCounted) - MaximumRows} more");
        return new DataTable([.. properties.Select(property => property.Name)], [.. shown], more);
    }

    /// <summary>HTML of the table, with every text encoded.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder("<table><thead><tr>");
        for (int column = 0; column < _names.Length; column++)
        {
            html.Append(Start("th", IsNumber(column))).Append(HtmlText.Encode(_names[column])).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach ((string Text, bool IsNumber)[] row in _rows)
        {
            html.Append("<tr>");
            foreach ((string text, bool isNumber) in row)
            {
                html.Append(Start("td", isNumber)).Append(HtmlText.Encode(text)).Append("</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
        return _more is null ? html.ToString() : html.Append("<p>").Append(_more).Append("</p>").ToString();
    }

    /// <summary>The table in lines, with columns below each other.</summary>
    public override string ToString()
    {
        string[][] lines = [_names, .. _rows.Select(row => row.Select(cell => cell.Text).ToArray())];
        int[] widths = [.. _names.Select((_, column) => lines.Max(line => line[column].Length))];
        string text = string.Join('\n', lines.Select(line => string.Join("  ", line.Select((cell, column) =>
            IsNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd()));
        return _more is null ? text : $"{text}\n{_more}";
    }

    private bool IsNumber(int column) => Array.TrueForAll(_rows, row => row[column].IsNumber);

    private static string Start(string tag, bool isNumber) =>
        $"<{tag} style=\"padding:2px 12px;text-align:{(isNumber ? "right" : "left")}\">";

    private static string Cut(string text) => HtmlText.Cut(text, MaximumCell);

    private static (string Text, bool IsNumber) Cell(object? value) => value switch
    {
        null => ("", true),
        float or double or decimal => (((IFormattable)value).ToString("0.000", CultureInfo.InvariantCulture), true),
        sbyte or byte or short or ushort or int or uint or long or ulong =>
            (((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), true),
        IFormattable formattable => (Cut(formattable.ToString(null, CultureInfo.InvariantCulture)), false),
        _ => (Cut(value.ToString() ?? ""), false),
    };
}
