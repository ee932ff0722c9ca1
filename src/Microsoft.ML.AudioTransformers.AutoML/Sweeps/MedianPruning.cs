using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// The median stopping rule: a trial is hopeless when the best it has reached is below the median of what the completed
/// trials had reached on average at that epoch. A trial is compared with those that took the same way through the
/// pipeline: different models learn at different speed.
/// </summary>
/// <remarks>Source: D. Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, section 3.2.2.
/// </remarks>
/// <param name="minimumTrials">Completed trials that have to be there before any is ended, 1 or more.</param>
/// <param name="firstEpoch">The first epoch after which a trial may end, 1 or more.</param>
internal sealed class MedianPruning(int minimumTrials, int firstEpoch)
{
    private readonly Dictionary<string, WayPruning> _ways = [];

    /// <summary>The rule for trials that take the same way as a point.</summary>
    public WayPruning Of(Parameter point)
    {
        string way = string.Join(' ', PipelinePath.Estimators(point));
        if (!_ways.TryGetValue(way, out WayPruning? pruning))
        {
            _ways.Add(way, pruning = new WayPruning(minimumTrials, firstEpoch));
        }

        return pruning;
    }
}

/// <summary>The median stopping rule over the trials of one way through the pipeline.</summary>
/// <param name="minimumTrials">Completed trials that have to be there before any is ended, 1 or more.</param>
/// <param name="firstEpoch">The first epoch after which a trial may end, 1 or more.</param>
internal sealed class WayPruning(int minimumTrials, int firstEpoch)
{
    private readonly List<IReadOnlyList<double>> _completed = [];

    /// <summary>Learns from a completed trial.</summary>
    /// <param name="values">A value after each epoch; more is better.</param>
    public void Add(IReadOnlyList<double> values) => _completed.Add(values);

    /// <summary>Whether a trial need not go on.</summary>
    /// <param name="values">Its value after each epoch so far; more is better.</param>
    public bool IsHopeless(IReadOnlyList<double> values)
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
