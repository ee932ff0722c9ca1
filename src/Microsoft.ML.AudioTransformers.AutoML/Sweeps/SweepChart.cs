using System.Globalization;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// The metric against each parameter, a panel for each and a mark for each trial; trials that were ended early are
/// grey, and the best stands out.
/// </summary>
internal static class SweepChart
{
    private const int PanelsInARow = 3;
    private const double PanelWidth = 340;
    private const double PanelHeight = 290;
    private const double HeadHeight = 32;
    private const string PrunedColor = "#aaaaaa";

    public static SvgChart Draw(
        IReadOnlyList<AudioSweepTrial> trials, SweepNames parameterNames, AudioSweepTrial? best = null)
    {
        (AudioSweepTrial Trial, Dictionary<string, string> Values)[] measured =
        [
            .. trials.Where(trial => trial.Metric is not null)
                .Select(trial => (trial, parameterNames.Values(trial.Parameters))),
        ];
        string[] names = [.. measured.SelectMany(item => item.Values.Keys).Distinct().Order(StringComparer.Ordinal)];
        int rows = Math.Max(1, (names.Length + PanelsInARow - 1) / PanelsInARow);
        int columns = Math.Clamp(names.Length, 1, PanelsInARow);
        string metric = trials.Count == 0 ? "metric" : trials[0].MetricName;
        string title = $"{metric} of {measured.Length} trials";
        using var svg = new SvgWriter(Math.Max(columns * PanelWidth, 480), HeadHeight + (rows * PanelHeight), title);
        svg.Text(24, 22, title);
        Key(svg, 200, SvgWriter.Color(0), "completed");
        Key(svg, 300, PrunedColor, "ended early");
        Key(svg, 400, SvgWriter.Color(1), "best");
        for (int i = 0; i < names.Length; i++)
        {
            string name = names[i];
            DrawPanel(
                svg,
                i % PanelsInARow * PanelWidth,
                HeadHeight + (i / PanelsInARow * PanelHeight),
                name,
                metric,
                [
                    .. measured.Where(item => item.Values.ContainsKey(name)).OrderBy(item => item.Trial == best)
                        .Select(item => (item.Trial, item.Values[name])),
                ],
                best);
        }

        return svg.ToChart();
    }

    private static void Key(SvgWriter svg, double x, string color, string text)
    {
        svg.Rectangle(x, 14, 8, 8, color);
        svg.Text(x + 14, 22, text);
    }

    private static void DrawPanel(
        SvgWriter svg,
        double left,
        double top,
        string name,
        string metric,
        (AudioSweepTrial Trial, string Value)[] marks,
        AudioSweepTrial? best)
    {
        Axis axis = Axis.Of([.. marks.Select(mark => mark.Value)]);
        var area = new PlotArea(left + 68, top + 16, PanelWidth - 88, PanelHeight - 72)
        {
            XRange = axis.Choices.Length > 0
                ? (-0.5, axis.Choices.Length - 0.5)
                : Padded(marks.Select(mark => axis.Position(mark.Value))),
            YRange = Padded(marks.Select(mark => mark.Trial.Metric!.Value)),
        };
        area.DrawAxes(svg, name, metric, axis.Ticks(area));
        foreach ((AudioSweepTrial trial, string value) in marks)
        {
            double half = trial == best ? 5 : 3.5;
            svg.Rectangle(
                area.X(axis.Position(value)) - half,
                area.Y(trial.Metric!.Value) - half,
                2 * half,
                2 * half,
                trial == best ? SvgWriter.Color(1)
                    : trial.State == AudioSweepTrialState.Pruned ? PrunedColor : SvgWriter.Color(0),
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
    private sealed record Axis(bool IsLogarithmic, bool IsWhole, string[] Choices)
    {
        public static Axis Of(string[] values)
        {
            double?[] numbers = [.. values.Select(Number)];
            return Array.Exists(numbers, number => number is null)
                ? new Axis(false, false, [.. values.Distinct().Order(StringComparer.Ordinal)])
                : numbers.Min() > 0 && numbers.Max() > 50 * numbers.Min()
                    ? new Axis(true, false, [])
                    : new Axis(false, Array.TrueForAll(numbers, number => double.IsInteger(number!.Value)), []);
        }

        public double Position(string value) => Choices.Length > 0
            ? Array.IndexOf(Choices, value)
            : IsLogarithmic ? Math.Log10(Number(value)!.Value) : Number(value)!.Value;

        /// <summary>What stands below the axis; null for round numbers.</summary>
        public IEnumerable<(double Value, string Text)>? Ticks(PlotArea area)
        {
            if (Choices.Length > 0)
            {
                double width = area.Width / Choices.Length;
                return Choices.Select((choice, position) => ((double)position, Shortened(choice, width)));
            }

            if (IsWhole)
            {
                return PlotArea.Ticks(area.XRange)
                    .Where(double.IsInteger)
                    .Select(value => (value, PlotArea.Format(value)));
            }

            // Over more than a factor of 50 there is a power of ten, and mostly two.
            return IsLogarithmic
                ? Enumerable.Range((int)Math.Ceiling(area.XRange.From), (int)(area.XRange.To - area.XRange.From) + 1)
                    .Where(power => power <= area.XRange.To)
                    .Select(power => ((double)power, PowerOfTen(power)))
                : null;
        }

        private static string PowerOfTen(int power) =>
            Math.Pow(10, power).ToString(power is >= -4 and <= 5 ? "0.####" : "0e0", CultureInfo.InvariantCulture);

        private static string Shortened(string text, double width)
        {
            int length = text.Length;
            while (length > 1 && SvgWriter.WidthOf(text[..length]) > width)
            {
                length--;
            }

            return length == text.Length ? text : $"{text[..length]}\u2026";
        }

        private static double? Number(string value) =>
            double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number) ? number : null;
    }
}
