using System.Globalization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Reads the group that a row belongs to, as a column names it: its fold, or its recording device.</summary>
internal static class GroupReader
{
    /// <summary>Reader of the group of the row that a cursor is on.</summary>
    /// <param name="row">Cursor.</param>
    /// <param name="column">Column: text, a number or a key.</param>
    /// <param name="role">What the groups are in messages, such as "Fold".</param>
    /// <exception cref="ArgumentOutOfRangeException">The column cannot name groups.</exception>
    public static Func<string> Of(DataViewRow row, DataViewSchema.Column column, string role)
    {
        Func<string> name;
        if (column.Type is TextDataViewType or KeyDataViewType { Count: <= int.MaxValue })
        {
            Func<string[]> names = ColumnReaders.Names(row, column, role);
            name = () => names()[0];
        }
        else if (ColumnReaders.Number(row, column) is Func<double> number)
        {
            name = () => number() is double value && double.IsNaN(value)
                ? ""
                : value.ToString(CultureInfo.InvariantCulture);
        }
        else
        {
            throw SchemaChecks.WrongType(column.Name, role, "text, a number or a key", column.Type);
        }

        return () => name() is { Length: > 0 } group
            ? group
            : throw new ArgumentException(
                $"Row {row.Position} has no {role.ToLowerInvariant()} in column '{column.Name}'; expected one in every "
                + "row.");
    }

    /// <summary>Groups in order: "10" comes after "9", and numbers come before names.</summary>
    public static string[] Sort(IEnumerable<string> groups) =>
    [
        .. groups
            .OrderBy(group =>
                double.TryParse(group, CultureInfo.InvariantCulture, out double number) ? number : double.MaxValue)
            .ThenBy(group => group, StringComparer.Ordinal),
    ];
}
