using System.Globalization;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Tests.Pretrained;

/// <summary>
/// Tables of docs/model-card.md, made of the list of published files: each stands between the lines
/// <c>&lt;!-- files: ARCHITECTURE --&gt;</c> and <c>&lt;!-- end --&gt;</c>; the rest of the page is written by hand.
/// </summary>
internal static class ModelCard
{
    private const string Begin = "<!-- files: ";
    private const string BeginEnd = " -->";
    private const string End = "<!-- end -->";

    /// <summary>The page with its tables made anew.</summary>
    /// <exception cref="InvalidDataException">An architecture of the list has no table in the page, or a table no end.</exception>
    public static string Render(string page)
    {
        HashSet<string> open = [.. PublishedCheckpoints.All.Select(Section)];
        var text = new StringBuilder();
        using var lines = new StringReader(page);
        while (lines.ReadLine() is { } line)
        {
            text.Append(line).Append('\n');
            if (!line.StartsWith(Begin, StringComparison.Ordinal))
            {
                continue;
            }

            string section = line[Begin.Length..^BeginEnd.Length];
            open.Remove(section);
            text.Append(Table([.. PublishedCheckpoints.All.Where(each => Section(each) == section)]));
            do
            {
                line = lines.ReadLine() ?? throw new InvalidDataException($"The table of {section} has no '{End}'.");
            }
            while (line != End);
            text.Append(End).Append('\n');
        }

        return open.Count == 0 ? text.ToString()
            : throw new InvalidDataException($"The page has no table of {string.Join(", ", open)}.");
    }

    /// <summary>Section of a file: image models and CLAP's towers have their own.</summary>
    private static string Section(PublishedCheckpoint file) =>
        file.Classes is null ? "images"
        : file.Authors.Contains("LAION", StringComparison.Ordinal) ? "CLAP"
        : file.Architecture;

    private static string Table(IReadOnlyList<PublishedCheckpoint> files)
    {
        (string Title, Func<PublishedCheckpoint, string?> Text)[] columns =
        [
            ("file", file => $"[{file.File}]({file.Page})"),
            ("for", file => file.Purpose),
            ("stride", file => file.Stride?.ToString(CultureInfo.InvariantCulture)),
            ("front end", file => file.FrontEnd),
            ("label set", file => file.Labels),
            ("as published", file => file.Metric),
            ("licence", file => file.Licence),
            ("bytes", file => file.Bytes?.ToString(CultureInfo.InvariantCulture)),
        ];
        var shown = columns.Where(column => files.Any(file => column.Text(file) is not null)).ToArray();
        var text = new StringBuilder();
        text.Append($"| {string.Join(" | ", shown.Select(column => column.Title))} |\n");
        text.Append($"|{string.Concat(shown.Select(_ => " --- |"))}\n");
        foreach (PublishedCheckpoint file in files)
        {
            text.Append($"| {string.Join(" | ", shown.Select(column => column.Text(file) ?? ""))} |\n");
        }

        string[] empty = [.. columns.Except(shown).Select(column => column.Title)];
        text.Append($"\nBy {string.Join("; ", files.Select(file => file.Authors).Distinct())}.");
        text.Append(empty.Length > 0 ? $" Not found, or none: {string.Join(", ", empty)}.\n" : "\n");
        return text.ToString();
    }
}
