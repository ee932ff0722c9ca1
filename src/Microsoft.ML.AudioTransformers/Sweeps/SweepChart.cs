using System.Globalization;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>The metric against each parameter, a panel for each and a mark for each trial; pruned trials are
/// grey.</summary>
internal static class SweepChart
{
    private const int PanelsInARow = 3;
    private const double PanelWidth = 320;
    private const double PanelHeight = 280;
    private const string PrunedColor = "#aaaaaa";

    public static SvgChart Draw(IReadOnlyList<AudioSweepTrial> trials)
    {
        (AudioSweepTrial Trial, Dictionary<string, string> Values)[] measured =
        [
            .. trials.Where(trial => trial.Metric is not null)
                .Select(trial => (trial, SweepTable.Flatten(trial.Parameters))),
        ];
        string[] names = [.. measured.SelectMany(item => item.Values.Keys).Distinct().Order(StringComparer.Ordinal)];
        int rows = Math.Max(1, (names.Length + PanelsInARow - 1) / PanelsInARow);
        string metric = trials.Count == 0 ? "metric" : trials[0].MetricName;
        using var svg = new SvgWriter(
            PanelsInARow * PanelWidth, rows * PanelHeight, $"{metric} of {measured.Length} trials");
        for (int i = 0; i < names.Length; i++)
        {
            string name = names[i];
            DrawPanel(
                svg,
                i % PanelsInARow * PanelWidth,
                i / PanelsInARow * PanelHeight,
                name,
                metric,
                [
                    .. measured.Where(item => item.Values.ContainsKey(name))
                        .Select(item => (item.Trial, item.Values[name])),
                ]);
        }

        return svg.ToChart();
    }

    private static void DrawPanel(
        SvgWriter svg,
        double left,
        double top,
        string name,
        string metric,
        (AudioSweepTrial Trial, string Value)[] marks)
    {
        Axis axis = Axis.Of([.. marks.Select(mark => mark.Value)]);
        var area = new PlotArea(left + 64, top + 24, PanelWidth - 80, PanelHeight - 80)
        {
            XRange = Padded(marks.Select(mark => axis.Position(mark.Value))),
            YRange = Padded(marks.Select(mark => mark.Trial.Metric!.Value)),
        };
        area.DrawAxes(svg, axis.IsLogarithmic ? $"log10({name})" : name, metric);
        foreach ((string choice, int position) in axis.Choices.Select((choice, position) => (choice, position)))
        {
            svg.Text(area.X(position), area.Top + area.Height - 4, choice, "middle", "#555555");
        }

        foreach ((AudioSweepTrial trial, string value) in marks)
        {
            svg.Rectangle(
                area.X(axis.Position(value)) - 3,
                area.Y(trial.Metric!.Value) - 3,
                6,
                6,
                trial.State == AudioSweepTrialState.Pruned ? PrunedColor : SvgWriter.Color(0),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"trial {trial.Id}: {name} {value}, {metric} {trial.Metric:0.####}"),
                0.8);
        }
    }

    private static (double From, double To) Padded(IEnumerable<double> values)
    {
        double low = values.Min();
        double high = values.Max();
        double margin = high > low ? 0.05 * (high - low) : Math.Max(Math.Abs(low), 1) * 0.05;
        return (low - margin, high + margin);
    }

    /// <summary>Numbers stand where they are, over more than a factor of 50 by their logarithm; other values in a row.
    /// </summary>
    private sealed record Axis(bool IsLogarithmic, string[] Choices)
    {
        public static Axis Of(string[] values)
        {
            double?[] numbers = [.. values.Select(Number)];
            return Array.Exists(numbers, number => number is null)
                ? new Axis(false, [.. values.Distinct().Order(StringComparer.Ordinal)])
                : new Axis(numbers.Min() > 0 && numbers.Max() > 50 * numbers.Min(), []);
        }

        public double Position(string value) => Choices.Length > 0
            ? Array.IndexOf(Choices, value)
            : IsLogarithmic ? Math.Log10(Number(value)!.Value) : Number(value)!.Value;

        private static double? Number(string value) =>
            double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number) ? number : null;
    }
}
