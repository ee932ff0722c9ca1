using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers;

/// <summary>How a trial ended.</summary>
public enum AudioSweepTrialState
{
    /// <summary>It trained to its end.</summary>
    Completed,

    /// <summary>It was hopeless and was ended early; its metric is that of the model so far.</summary>
    Pruned,

    /// <summary>It threw an exception, or its metric is not a number. A resumed sweep tries again.</summary>
    Failed,
}

/// <summary>One trial of a sweep: what was tried, and what came of it.</summary>
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
    /// Validation accuracy after each epoch, 0 to 1, or mean average precision where clips have any number of labels;
    /// empty where no trainer reported it.
    /// </summary>
    public IReadOnlyList<double> ValidationAccuracies { get; init; } = [];

    /// <summary>Why the trial failed, or null.</summary>
    public string? Message { get; init; }
}
