using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AudioMLNet.Reproduce;

/// <summary>The results of a table: a file a training, so that a run that was ended goes on where it was.</summary>
/// <param name="settings">What is asked for.</param>
/// <param name="table">The table.</param>
internal sealed class Results(Settings settings, PaperTable table)
{
    private readonly string _folder = Path.Combine(
        settings.Output, $"{table.Paper}-{table.Number}{(settings.IsSynthetic ? "-synthetic" : "")}");

    private readonly Dictionary<(string Row, string Dataset), List<double[]>> _values = [];

    /// <summary>Checks that the results kept in the folder are of the same data, weights and epochs, or that it has none.</summary>
    /// <exception cref="ArgumentException">They are of others.</exception>
    public void CheckSettings()
    {
        string path = Path.Combine(_folder, "settings.txt");
        Directory.CreateDirectory(_folder);
        if (!File.Exists(path))
        {
            File.WriteAllText(path, settings.Decisive);
        }
        else if (File.ReadAllText(path) is var kept && kept != settings.Decisive)
        {
            throw new ArgumentException(
                $"'{_folder}' has results of {kept}; this run is of {settings.Decisive}. Give another --out.");
        }
    }

    /// <summary>The name of a training, and of its files.</summary>
    public static string NameOf(PaperRow row, string dataset, int seed) => FormattableString.Invariant(
        $"{string.Concat(row.Model.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'))}-{dataset}-{seed}");

    /// <summary>The path of a training's files, without extension.</summary>
    public string PathOf(PaperRow row, string dataset, int seed) => Path.Combine(_folder, NameOf(row, dataset, seed));

    /// <summary>Whether a training was ended before.</summary>
    public bool Has(PaperRow row, string dataset, int seed) => File.Exists(PathOf(row, dataset, seed) + ".json");

    /// <summary>The values of a training, as they were measured before or are now.</summary>
    public void Add(PaperRow row, string dataset, int seed, Func<double[]> measure)
    {
        string path = PathOf(row, dataset, seed) + ".json";
        double?[]? known = File.Exists(path) ? JsonSerializer.Deserialize<double?[]>(File.ReadAllText(path)) : null;
        double[] values = known is null ? measure() : [.. known.Select(value => value ?? double.NaN)];
        if (known is null)
        {
            // Renamed when it is whole: a file that is there is a training that was ended.
            File.WriteAllText(path + ".part", JsonSerializer.Serialize(
                values.Select(value => double.IsFinite(value) ? value : (double?)null)));
            File.Move(path + ".part", path, overwrite: true);
        }

        if (!_values.TryGetValue((row.Model, dataset), out List<double[]>? all))
        {
            _values.Add((row.Model, dataset), all = []);
        }

        all.Add(values);
    }

    /// <summary>Writes table.md and table.csv, and returns the first.</summary>
    public string Write()
    {
        List<string[]> rows = [.. table.Rows.Select(Cells)];
        string[] headings = ["model", .. table.Columns.SelectMany(column => new[] { column.Name, "ours" })];
        var markdown = new StringBuilder();
        markdown.Append(CultureInfo.InvariantCulture, $"## {table.Paper}, table {table.Number}: {table.Title}\n\n");
        markdown.Append(CultureInfo.InvariantCulture, $"Ours: mean +- sample deviation of {settings.Seeds} trainings");
        markdown.Append(settings.IsSynthetic ? " on synthetic data, which tell nothing about the papers'.\n\n" : ".\n\n");
        if (table.Note is not null)
        {
            markdown.Append(table.Note).Append("\n\n");
        }

        AppendRow(headings);
        AppendRow([.. headings.Select(_ => "---")]);
        rows.ForEach(AppendRow);
        File.WriteAllText(Path.Combine(_folder, "table.md"), markdown.ToString());
        File.WriteAllLines(
            Path.Combine(_folder, "table.csv"),
            rows.Prepend(headings).Select(row => string.Join(',', row.Select(cell => $"\"{cell.Replace("\"", "\"\"")}\""))));
        return markdown.ToString();

        void AppendRow(string[] cells) =>
            markdown.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "/"))).Append(" |\n");
    }

    private string[] Cells(PaperRow row)
    {
        List<string> cells = [row.Model];
        int place = 0;
        foreach (Experiment experiment in table.Experiments)
        {
            for (int i = 0; i < experiment.Columns.Length; i++)
            {
                Column column = experiment.Columns[i];
                cells.Add(row.Paper[place++] is { } paper ? Show(paper, column) : "-");
                cells.Add(Ours(row, experiment, column, i));
            }
        }

        return [.. cells];
    }

    private string Ours(PaperRow row, Experiment experiment, Column column, int place)
    {
        if (!_values.TryGetValue((row.Model, experiment.Dataset), out List<double[]>? runs))
        {
            return row.Options is null && row.EnsembleOf is null ? "not implemented" : "no data";
        }

        double unit = column.RelativeTo is { } other
            && _values.TryGetValue((other, experiment.Dataset), out List<double[]>? compared)
                ? compared.Average(run => run[place])
                : 1;
        double[] values = [.. runs.Select(run => run[place] / unit).Where(double.IsFinite)];
        if (values.Length == 0)
        {
            return "-";
        }

        double mean = values.Average();
        double squares = values.Sum(value => (value - mean) * (value - mean));
        return values.Length < 2
            ? Show(mean, column)
            : $"{Show(mean, column)} +- {Show(Math.Sqrt(squares / (values.Length - 1)), column)}";
    }

    private static string Show(double value, Column column) =>
        value.ToString("F" + column.Decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
