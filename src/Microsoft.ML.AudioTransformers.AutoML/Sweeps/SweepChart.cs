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
        SweepAxis axis = SweepAxis.Of([.. marks.Select(mark => mark.Value)]);
        var area = new PlotArea(left + 68, top + 16, PanelWidth - 88, PanelHeight - 72)
        {
            XAxis = axis.Scale,
            YAxis = Axis.Of(marks.Select(mark => mark.Trial.Metric!.Value), canBeLogarithmic: false) with { IsWhole = false },
        };
        area.DrawAxes(svg, name, metric, axis.Ticks(area.Width));
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
}

/// <summary>
/// Axis of a parameter: numbers stand where they are, over more than a factor of 50 by their logarithm; other values in a row.
/// </summary>
/// <param name="Scale">Its scale; values in a row stand at 0, 1 and so on.</param>
/// <param name="Choices">The values in a row; empty for numbers.</param>
internal sealed record SweepAxis(Axis Scale, string[] Choices)
{
    public static SweepAxis Of(string[] values)
    {
        double?[] numbers = [.. values.Select(Number)];
        if (Array.TrueForAll(numbers, number => number is not null))
        {
            return new SweepAxis(Axis.Of(numbers.Select(number => number!.Value)), []);
        }

        string[] choices = [.. values.Distinct().Order(StringComparer.Ordinal)];
        return new SweepAxis(new Axis(-0.5, choices.Length - 0.5), choices);
    }

    /// <summary>Place of a value on the scale.</summary>
    public double Position(string value) => Choices.Length > 0 ? Array.IndexOf(Choices, value) : Number(value)!.Value;

    /// <summary>What stands below the axis.</summary>
    /// <param name="width">Width of the axis in pixels, which choices share.</param>
    public IEnumerable<(double Value, string Text)> Ticks(double width) => Choices.Length == 0
        ? Scale.Ticks()
        : Choices.Select((choice, position) => ((double)position, TextWidth.Shorten(choice, width / Choices.Length)));

    /// <summary>The number that a value is; null where it is none.</summary>
    public static double? Number(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number) ? number : null;
}
