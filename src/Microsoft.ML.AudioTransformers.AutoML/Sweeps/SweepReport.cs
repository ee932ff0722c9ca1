using System.Globalization;
using Microsoft.ML.AudioTransformers.Drawing;
using Microsoft.ML.AudioTransformers.Reports;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>Report of a sweep: the metric against each parameter, the trials over time, and the table of all trials.</summary>
internal sealed class SweepReport
{
    private const double PanelWidth = 480;

    private readonly IReadOnlyList<AudioSweepTrial> _trials;
    private readonly AudioSweepTrial _best;
    private readonly bool _isMaximize;
    private readonly Dictionary<int, Dictionary<string, string>> _values;
    private readonly string[] _names;
    private readonly AudioSweepTrial[] _measured;

    /// <param name="trials">All trials by number.</param>
    /// <param name="best">The best of them.</param>
    /// <param name="parameterNames">Names of the parameters.</param>
    /// <param name="isMaximize">Whether more of the metric is better.</param>
    public SweepReport(
        IReadOnlyList<AudioSweepTrial> trials, AudioSweepTrial best, SweepNames parameterNames, bool isMaximize)
    {
        _trials = trials;
        _best = best;
        _isMaximize = isMaximize;
        _values = trials.ToDictionary(trial => trial.Id, trial => parameterNames.Values(trial.Parameters));
        _names = [.. _values.Values.SelectMany(values => values.Keys).Distinct().Order(StringComparer.Ordinal)];
        _measured = [.. trials.Where(trial => trial.Metric is { } metric && double.IsFinite(metric))];
    }

    /// <summary>The page.</summary>
    public ReportPage ToPage(AudioReportOptions options) => new()
    {
        Title = options.Title ?? $"Sweep for {_best.MetricName}",
        Made = ReportPage.MadeBy(string.Create(
            CultureInfo.InvariantCulture, $"{_trials.Count} trials over {_names.Length} parameters")),
        Sections =
        [
            Numbers(),
            new FactsSection(
                "Best trial",
                [
                    ["trial", Text($"{_best.Id}")],
                    [_best.MetricName, Text($"{_best.Metric:0.######}")],
                    .. _values[_best.Id].Select(value => new[] { value.Key, value.Value }),
                ]),
            Panels(),
            BestSoFar(),
            .. Epochs(),
            Table(),
            .. TrainingSections.Of(options.Training, options.Code),
        ],
    };

    private NumbersSection Numbers() => new(
        "Numbers",
        [
            new($"Best {_best.MetricName}", _best.Metric ?? double.NaN, Text(
                $"Of trial {_best.Id}. It was chosen by this number: on clips that chose nothing, it will be worse.")),
            new("Trials", _trials.Count, Text(
                $"{Count(AudioSweepTrialState.Completed)} completed, {Count(AudioSweepTrialState.Pruned)} ended early, ")
                + Text($"{Count(AudioSweepTrialState.Failed)} failed.")),
            new("Hours", _trials.Sum(Minutes) / 60, "Time of all trials together."),
        ]);

    private PanelsSection Panels()
    {
        ReportAxis metric = ReportAxis.Of(
            _best.MetricName,
            Axis.Of(_measured.Select(trial => trial.Metric!.Value), canBeLogarithmic: false) with { IsWhole = false });
        Axis numbers = Axis.Of(_measured.Select(trial => (double)trial.Id), canBeLogarithmic: false);
        return new PanelsSection(
            "Trials",
            [
                new ReportPanel(
                    ReportAxis.Of("trial", numbers), metric,
                    [.. _measured.Select(trial => Mark(trial, trial.Id, Text($"trial {trial.Id}")))]),
                .. _names.Select(name => Panel(name, metric)),
            ])
        {
            About = "The metric over the trials, and against each parameter; the axis of a parameter that goes over more than a "
                + "factor of 50 is logarithmic.",
        };
    }

    private ReportPanel Panel(string name, ReportAxis metric)
    {
        AudioSweepTrial[] trials = [.. _measured.Where(trial => _values[trial.Id].ContainsKey(name))];
        SweepAxis axis = SweepAxis.Of([.. trials.Select(trial => _values[trial.Id][name])]);
        return new ReportPanel(
            ReportAxis.Of(name, axis.Scale, axis.Ticks(PanelWidth)),
            metric,
            [
                .. trials.OrderBy(trial => trial.Id == _best.Id).Select(trial =>
                {
                    string value = _values[trial.Id][name];
                    return Mark(trial, axis.Position(value), Text($"trial {trial.Id}: {name} {value}"));
                }),
            ]);
    }

    private object[] Mark(AudioSweepTrial trial, double x, string text) =>
    [
        x,
        trial.Metric!.Value,
        trial.Id == _best.Id ? "best" : trial.State == AudioSweepTrialState.Pruned ? "pruned" : "completed",
        Text($"{text}, {trial.MetricName} {trial.Metric:0.####}"),
    ];

    private CurvesSection BestSoFar()
    {
        List<double> minutes = [];
        List<double> best = [];
        double time = 0;
        foreach (AudioSweepTrial trial in _trials)
        {
            time += Minutes(trial);
            if (trial.Metric is { } metric && double.IsFinite(metric))
            {
                minutes.Add(time);
                best.Add(best.Count == 0 ? metric : _isMaximize ? Math.Max(best[^1], metric) : Math.Min(best[^1], metric));
            }
        }

        return new CurvesSection(
            "Best so far",
            ReportAxis.Of("minutes", Axis.Of([0, .. minutes]) with { IsWhole = false }),
            ReportAxis.Of(_best.MetricName, Axis.Of(best, canBeLogarithmic: false) with { IsWhole = false }),
            [new ReportCurve("best so far", minutes, best)])
        {
            About = "The best trial of those that had ended, over the time of all trials together: where it is flat, more trials "
                + "gave nothing.",
            Dots = true,
        };
    }

    private IEnumerable<CurvesSection> Epochs()
    {
        AudioSweepTrial[] reported = [.. _trials.Where(trial => trial.ValidationAccuracies.Count > 0)];
        if (reported.Length == 0)
        {
            yield break;
        }

        int most = reported.Max(trial => trial.ValidationAccuracies.Count);
        yield return new CurvesSection(
            "Validation by epoch",
            ReportAxis.Of("epoch", new Axis(Math.Min(1, most - 1), most, IsWhole: true)),
            ReportAxis.Of("accuracy or mAP", Axis.Unit),
            [
                .. reported.OrderByDescending(trial => trial.Id == _best.Id).Select(trial => new ReportCurve(
                    trial.Id == _best.Id ? Text($"trial {trial.Id}, the best") : Text($"trial {trial.Id}"),
                    [.. Enumerable.Range(1, trial.ValidationAccuracies.Count).Select(epoch => (double)epoch)],
                    trial.ValidationAccuracies)),
            ])
        {
            Dots = true,
        };
    }

    private TableSection Table() => new(
        "All trials",
        "trials",
        [
            new("Trial", "count"), new("State", "text"), new(_best.MetricName, "number"), new("Minutes", "number"),
            .. _names.Select(name => new ReportColumn(name, IsNumber(name) ? "number" : "text")), new("Message", "text"),
        ],
        [
            .. _trials.Select(Row),
        ]);

    private object?[] Row(AudioSweepTrial trial) =>
    [
        trial.Id, trial.State.ToString(), trial.Metric ?? double.NaN, Minutes(trial),
        .. _names.Select(name => Cell(trial, name)), trial.Message ?? "",
    ];

    private object Cell(AudioSweepTrial trial, string name)
    {
        string? value = _values[trial.Id].GetValueOrDefault(name);
        return IsNumber(name) ? SweepAxis.Number(value ?? "") ?? double.NaN : value ?? "";
    }

    private bool IsNumber(string name) => _values.Values.All(
        values => !values.TryGetValue(name, out string? value) || SweepAxis.Number(value) is not null);

    private int Count(AudioSweepTrialState state) => _trials.Count(trial => trial.State == state);

    private static double Minutes(AudioSweepTrial trial) => trial.DurationInMilliseconds / 60_000;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
