using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>Proposes the defaults, so that a sweep never ends below them, and then points drawn uniformly.</summary>
internal sealed class DefaultsFirstTuner(Space space, int seed) : ITuner
{
    private readonly Random _random = new(seed);
    private bool _started;

    public Parameter Propose(TrialSettings settings)
    {
        if (!_started)
        {
            _started = true;
            return space.SampleFromFeatureSpace(space.Default);
        }

        var point = new double[space.FeatureSpaceDim];
        for (int i = 0; i < point.Length; i++)
        {
            point[i] = _random.NextDouble();
        }

        return space.SampleFromFeatureSpace(point);
    }

    public void Update(TrialResult result)
    {
    }
}

/// <summary>Proposes all combinations of each option's values, ranges from end to end, and then begins again.</summary>
/// <remarks>
/// AutoML's own grid takes an option with a single value for a dimension, which it is not, and so hands every option
/// after
/// it another option's value; a pipeline without alternatives has such an option.
/// </remarks>
internal sealed class GridTuner : ITuner
{
    private readonly Space _space;
    private readonly double[][] _values;
    private long _next;

    public GridTuner(Space space, int steps)
    {
        _space = space;
        _values = [.. Values(space, steps)];
    }

    public Parameter Propose(TrialSettings settings)
    {
        long rest = _next++;
        var point = new double[_values.Length];
        for (int i = point.Length - 1; i >= 0; i--)
        {
            point[i] = _values[i][rest % _values[i].Length];
            rest /= _values[i].Length;
        }

        return _space.SampleFromFeatureSpace(point);
    }

    public void Update(TrialResult result)
    {
    }

    // A search space has its dimensions in the order of its options' names.
    private static IEnumerable<double[]> Values(Space space, int steps)
    {
        foreach (SearchSpace.Option.OptionBase option in space.OrderBy(item => item.Key).Select(item => item.Value))
        {
            if (option is Space nested)
            {
                foreach (double[] values in Values(nested, steps))
                {
                    yield return values;
                }
            }
            else if (option.FeatureSpaceDim > 0)
            {
                yield return option.Step[0] is int choices
                    ? [.. Enumerable.Range(0, choices).Select(i => (i + 0.5) / choices)]
                    : [.. Enumerable.Range(0, steps).Select(i => i / (steps - 1.0))];
            }
        }
    }
}
