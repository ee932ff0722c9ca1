using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// Proposes the defaults of each path through the pipeline, so that a sweep never ends below them, and then points drawn
/// uniformly, none twice while there are others.
/// </summary>
internal sealed class DefaultsFirstTuner(Space space, int seed) : ITuner
{
    // Draws before a point is proposed again: the space is then all but exhausted.
    private const int MaximumDraws = 1000;

    private readonly Random _random = new(seed);
    private readonly Queue<Parameter> _defaults = new(Defaults(space));
    private readonly HashSet<string> _proposed = [];

    public Parameter Propose(TrialSettings settings)
    {
        if (!_defaults.TryDequeue(out Parameter? point))
        {
            point = Draw();
            for (int draws = 1; draws < MaximumDraws && _proposed.Contains(Describe(point)); draws++)
            {
                point = Draw();
            }
        }

        _proposed.Add(Describe(point));
        return point;
    }

    public void Update(TrialResult result)
    {
    }

    private static IEnumerable<Parameter> Defaults(Space space)
    {
        if (!space.TryGetValue(AudioSweep.PipelineKey, out OptionBase? option)
            || option is not Space pipeline
            || PipelinePath.All(pipeline) is not { Length: > 0 } paths)
        {
            return [space.SampleFromFeatureSpace(space.Default)];
        }

        return paths.Select(path =>
        {
            Parameter point = space.SampleFromFeatureSpace(space.Default);
            point[AudioSweep.PipelineKey][PipelinePath.Key] = Parameter.FromString(path);
            return point;
        });
    }

    private static string Describe(Parameter point) =>
        point.TryGetValue(AudioSweep.PipelineKey, out Parameter? pipeline)
            ? PipelinePath.Taken(pipeline).ToString()
            : point.ToString();

    private Parameter Draw()
    {
        var point = new double[space.FeatureSpaceDim];
        for (int i = 0; i < point.Length; i++)
        {
            point[i] = _random.NextDouble();
        }

        return space.SampleFromFeatureSpace(point);
    }
}

/// <summary>
/// Proposes all combinations of each option's values, ranges from end to end, and then begins again. Options of estimators off a
/// path through the pipeline have one value on that path.
/// </summary>
/// <remarks>
/// AutoML's own grid takes an option with a single value for a dimension, which it is not, and so hands every option
/// after it another option's value; a pipeline without alternatives has such an option.
/// </remarks>
internal sealed class GridTuner : ITuner
{
    private readonly Space _space;
    private readonly IEnumerator<double[]> _points;

    public GridTuner(Space space, int steps)
    {
        _space = space;
        _points = Endless([.. Dimensions(space, steps, estimator: null)]).GetEnumerator();
    }

    public Parameter Propose(TrialSettings settings)
    {
        _points.MoveNext();
        return _space.SampleFromFeatureSpace(_points.Current);
    }

    public void Update(TrialResult result)
    {
    }

    private static IEnumerable<double[]> Endless(Dimension[] dimensions)
    {
        int choice = Array.FindIndex(dimensions, dimension => dimension.Paths.Length > 0);
        while (true)
        {
            if (choice < 0)
            {
                foreach (double[] point in Product([.. dimensions.Select(dimension => dimension.Values)]))
                {
                    yield return point;
                }

                continue;
            }

            foreach ((string path, double value) in dimensions[choice].Paths.Zip(dimensions[choice].Values))
            {
                string[] taken = PipelinePath.Split(path);
                double[][] values =
                [
                    .. dimensions.Select(dimension =>
                        dimension.Estimator is null || taken.Contains(dimension.Estimator)
                            ? dimension.Values
                            : [dimension.Values[0]]),
                ];
                values[choice] = [value];
                foreach (double[] point in Product(values))
                {
                    yield return point;
                }
            }
        }
    }

    // The last option's values change fastest.
    private static IEnumerable<double[]> Product(double[][] values)
    {
        var digits = new int[values.Length];
        int place;
        do
        {
            yield return [.. digits.Select((digit, i) => values[i][digit])];
            place = values.Length - 1;
            while (place >= 0 && ++digits[place] == values[place].Length)
            {
                digits[place--] = 0;
            }
        }
        while (place >= 0);
    }

    // A search space has its dimensions in the order of its options' names.
    private static IEnumerable<Dimension> Dimensions(Space space, int steps, string? estimator)
    {
        bool isPipeline = space.ContainsKey(PipelinePath.Key);
        foreach ((string name, OptionBase option) in space.OrderBy(item => item.Key))
        {
            if (option is Space nested)
            {
                foreach (Dimension dimension in Dimensions(nested, steps, isPipeline ? name : estimator))
                {
                    yield return dimension;
                }
            }
            else if (option.FeatureSpaceDim > 0)
            {
                yield return new Dimension(
                    option.Step[0] is int choices
                        ? [.. Enumerable.Range(0, choices).Select(i => (i + 0.5) / choices)]
                        : [.. Enumerable.Range(0, steps).Select(i => i / (steps - 1.0))],
                    estimator,
                    isPipeline && name == PipelinePath.Key ? PipelinePath.All(space) : []);
            }
        }
    }

    /// <param name="Values">The option's values on the feature space's scale of 0 to 1.</param>
    /// <param name="Estimator">The estimator that the option is of; null for options of all paths.</param>
    /// <param name="Paths">The paths that the values stand for, where the option is the choice of one.</param>
    private sealed record Dimension(double[] Values, string? Estimator, string[] Paths);
}
