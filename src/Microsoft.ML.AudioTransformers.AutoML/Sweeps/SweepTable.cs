using System.Globalization;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>Trials as a table: a row for each, a column for each parameter, in the form of RFC 4180.</summary>
internal static class SweepTable
{
    public static string Write(IReadOnlyList<AudioSweepTrial> trials, SweepNames parameterNames)
    {
        Dictionary<string, string>[] values = [.. trials.Select(trial => parameterNames.Values(trial.Parameters))];
        string[] names = [.. values.SelectMany(row => row.Keys).Distinct().Order(StringComparer.Ordinal)];
        var table = new StringBuilder();
        AddRow(table, [
            "trial", "state", trials.Count == 0 ? "metric" : trials[0].MetricName, "seconds", .. names,
            "validation accuracy by epoch", "message",
        ]);
        foreach ((AudioSweepTrial trial, Dictionary<string, string> row) in trials.Zip(values))
        {
            AddRow(table, [
                trial.Id.ToString(CultureInfo.InvariantCulture),
                trial.State.ToString(),
                trial.Metric?.ToString("R", CultureInfo.InvariantCulture) ?? "",
                (trial.DurationInMilliseconds / 1000).ToString("F1", CultureInfo.InvariantCulture),
                .. names.Select(name => row.GetValueOrDefault(name, "")),
                string.Join(' ', trial.ValidationAccuracies.Select(
                    accuracy => accuracy.ToString("F4", CultureInfo.InvariantCulture))),
                trial.Message ?? "",
            ]);
        }

        return table.ToString();
    }

    private static void AddRow(StringBuilder table, IEnumerable<string> cells) =>
        table.AppendJoin(',', cells.Select(Quote)).Append('\n');

    private static string Quote(string cell) => cell.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? cell
        : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
