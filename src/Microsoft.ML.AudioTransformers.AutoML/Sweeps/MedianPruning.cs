using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// Median stopping rule: a trial ends early when its best value so far is below the median of the completed trials' averages up to
/// that epoch. A trial is compared with those on the same path through the pipeline, since models learn at different speed.
/// </summary>
/// <remarks>Source: D. Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, section 3.2.2.
/// </remarks>
/// <param name="minimumTrials">Completed trials before any is ended, 1 or more.</param>
/// <param name="firstEpoch">The first epoch after which a trial may end, 1 or more.</param>
internal sealed class MedianPruning(int minimumTrials, int firstEpoch)
{
    private readonly Dictionary<string, PathPruning> _paths = [];

    /// <summary>The rule with the completed trials of earlier runs; null where trials are not to end early.</summary>
    public static MedianPruning? Create(AudioSweep.Options options, SweepData data, IEnumerable<AudioSweepTrial> earlier)
    {
        if (!options.Pruning || data is not SweepData.Split)
        {
            return null;
        }

        var pruning = new MedianPruning(options.PruningMinimumTrials, options.PruningFirstEpoch);
        foreach (AudioSweepTrial trial in earlier.Where(trial => trial.State == AudioSweepTrialState.Completed))
        {
            pruning.Of(trial.Parameters).Add(trial.ValidationAccuracies);
        }

        return pruning;
    }

    /// <summary>The rule for trials on the same path as a point.</summary>
    public PathPruning Of(Parameter point)
    {
        string path = string.Join(' ', PipelinePath.Estimators(point));
        if (!_paths.TryGetValue(path, out PathPruning? pruning))
        {
            _paths.Add(path, pruning = new PathPruning(minimumTrials, firstEpoch));
        }

        return pruning;
    }
}

/// <summary>Median stopping rule over the trials on one path through the pipeline.</summary>
/// <param name="minimumTrials">Completed trials before any is ended, 1 or more.</param>
/// <param name="firstEpoch">The first epoch after which a trial may end, 1 or more.</param>
internal sealed class PathPruning(int minimumTrials, int firstEpoch)
{
    private readonly List<IReadOnlyList<double>> _completed = [];

    /// <summary>Takes a completed trial into the median.</summary>
    /// <param name="values">A value after each epoch; more is better.</param>
    public void Add(IReadOnlyList<double> values) => _completed.Add(values);

    /// <summary>Whether a trial is to end early.</summary>
    /// <param name="values">Its value after each epoch so far; more is better.</param>
    public bool ShouldEnd(IReadOnlyList<double> values)
    {
        int epochs = values.Count;
        double[] averages =
            [.. _completed.Where(other => other.Count >= epochs).Select(other => other.Take(epochs).Average()).Order()];
        return epochs >= firstEpoch && averages.Length >= minimumTrials && values.Max() < Median(averages);
    }

    private static double Median(double[] sorted)
    {
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
