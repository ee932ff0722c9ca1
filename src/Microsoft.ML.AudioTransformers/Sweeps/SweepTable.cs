using System.Globalization;
using System.Text;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>Trials as a table: a row for each, a column for each parameter, in the form of RFC 4180.</summary>
internal static class SweepTable
{
    public static string Write(IReadOnlyList<AudioSweepTrial> trials)
    {
        Dictionary<string, string>[] values = [.. trials.Select(trial => Flatten(trial.Parameters))];
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

    /// <summary>A point's values by name, such as <c>e1.LearningRate</c>.</summary>
    public static Dictionary<string, string> Flatten(Parameter parameters)
    {
        Dictionary<string, string> values = [];
        Add(parameters, "");
        return values;

        void Add(Parameter parameter, string name)
        {
            if (parameter.ParameterType != ParameterType.Object)
            {
                values[name] = parameter.ParameterType == ParameterType.String
                    ? parameter.AsType<string>()
                    : parameter.ToString();
                return;
            }

            foreach (string key in parameter.Keys)
            {
                Add(parameter[key], name.Length == 0 ? key : $"{name}.{key}");
            }
        }
    }

    private static void AddRow(StringBuilder table, IEnumerable<string> cells) =>
        table.AppendJoin(',', cells.Select(Quote)).Append('\n');

    private static string Quote(string cell) => cell.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? cell
        : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
