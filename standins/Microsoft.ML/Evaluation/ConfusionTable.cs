using System.Text;

namespace Microsoft.ML.Data;

/// <summary>Lays out a confusion matrix as a table of text.</summary>
internal static class ConfusionTable
{
    private const string Corner = "PREDICTED";

    public static string Format(ConfusionMatrix matrix, string[] names)
    {
        int count = matrix.NumberOfClasses;
        int columnWidth = count == 2 ? 8 : 5;
        int nameWidth = names.Max(name => name.Length);
        // Names that are too long for the columns' heads are numbered there, and before the rows.
        bool isNumbered = nameWidth > columnWidth;
        int digits = (count - 1).ToString().Length;
        int rowHeadWidth = Math.Max(Corner.Length, isNumbered ? nameWidth + digits + 2 : nameWidth);
        string line = string.Concat(Enumerable.Repeat(count > 2 ? "========" : "===========", count));

        string Head(string text) => text.PadRight(rowHeadWidth) + " ||";
        string RowHead(int i)
            => isNumbered
                ? $"{i.ToString().PadLeft(digits)}. {names[i].PadLeft(rowHeadWidth - digits - 2)} ||"
                : $"{names[i].PadLeft(rowHeadWidth)} ||";
        string Cell(string text) => $" {text.PadLeft(columnWidth)} |";

        var table = new StringBuilder();
        table.AppendLine();
        table.AppendLine("Confusion table");
        table.AppendLine(Head("") + line);
        table.Append(Head(Corner));
        for (int i = 0; i < count; i++)
            table.Append(Cell(isNumbered ? i.ToString() : names[i]));
        table.AppendLine(" Recall");
        table.AppendLine(Head("TRUTH") + line);
        for (int i = 0; i < count; i++)
        {
            table.Append(RowHead(i));
            foreach (double number in matrix.Counts[i])
                table.Append(Cell(number.ToString("N0")));
            table.AppendLine($" {matrix.PerClassRecall[i],5:F4}");
        }

        table.AppendLine(Head("") + line);
        table.Append(Head("Precision"));
        foreach (double precision in matrix.PerClassPrecision)
            table.Append($"{precision.ToString("N4").PadLeft(columnWidth + 1)} |");
        table.AppendLine();
        return table.ToString();
    }
}
