using Microsoft.ML.AudioTransformers.Sweeps;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Result of a sweep.</summary>
public sealed class AudioSweepResult
{
    internal AudioSweepResult()
    {
    }

    /// <summary>All trials by number; a point that was proposed again is not a trial of its own.</summary>
    public required IReadOnlyList<AudioSweepTrial> Trials { get; init; }

    /// <summary>The trial with the best metric.</summary>
    public required AudioSweepTrial BestTrial { get; init; }

    /// <summary>The best trial's model: the whole fitted pipeline. Over folds, it is fitted on all of them.</summary>
    public required ITransformer Model { get; init; }

    /// <summary>Where the model is saved.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Where the table of all trials is (CSV).</summary>
    public required string TablePath { get; init; }

    /// <summary>Where the chart of the metric against each parameter is (SVG).</summary>
    public required string ChartPath { get; init; }

    /// <summary>Names of the parameters.</summary>
    internal SweepNames Names { get; init; } = new(pipeline: null);

    /// <summary>Whether more of the metric is better.</summary>
    internal bool IsMaximize { get; init; } = true;

    /// <summary>Draws the metric against each parameter, a dot a trial; the best trial is marked.</summary>
    public SvgChart ToChart() => SweepChart.Draw(Trials, Names, BestTrial);

    /// <summary>
    /// Saves a report of the sweep as one HTML page that needs no network: the metric against each parameter, the trials over
    /// time, the best trial, and the table of all.
    /// </summary>
    /// <param name="path">The file, usually with the extension .html; it is replaced as a whole or not at all.</param>
    /// <param name="options">Options, of which title, training and code count; null for the defaults. Default: null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveReport(string path, AudioReportOptions? options = null)
    {
        AudioReportOptions given = MetricReports.Checked(path, options);
        new SweepReport(Trials, BestTrial, Names, IsMaximize).ToPage(given).Save(path);
    }
}

/// <summary>Trial of a sweep: parameters and metric.</summary>
public sealed record AudioSweepTrial
{
    /// <summary>The trial's number in its sweep, from 0.</summary>
    public required int Id { get; init; }

    /// <summary>The point of the pipeline's search space.</summary>
    public required Parameter Parameters { get; init; }

    /// <summary>The metric's name.</summary>
    public required string MetricName { get; init; }

    /// <summary>How the trial ended.</summary>
    public required AudioSweepTrialState State { get; init; }

    /// <summary>The metric, or null for a failed trial.</summary>
    public double? Metric { get; init; }

    /// <summary>How long the trial took.</summary>
    public double DurationInMilliseconds { get; init; }

    /// <summary>
    /// Validation accuracy after each epoch, 0 to 1, or mean average precision where clips are multi-label; empty where no
    /// trainer reported it.
    /// </summary>
    public IReadOnlyList<double> ValidationAccuracies { get; init; } = [];

    /// <summary>Why the trial failed, or null.</summary>
    public string? Message { get; init; }
}

/// <summary>How a trial ended.</summary>
public enum AudioSweepTrialState
{
    /// <summary>It trained to its end.</summary>
    Completed,

    /// <summary>It was far below the others and was ended early; its metric is that of the model so far.</summary>
    Pruned,

    /// <summary>It threw an exception, or its metric is not a number. <see cref="AudioSweep.Run"/> tries it again when it
    /// resumes a sweep; for <see cref="AudioSweep.Work"/> it has its result.</summary>
    Failed,
}
