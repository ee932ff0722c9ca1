using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// Names of a pipeline's parameters in tables and charts: <c>Passt.PatchoutTime</c>, where AutoML has <c>e2</c> for the
/// estimator. A sweep over several paths has the parameter "pipeline": the estimators that not all paths have.
/// </summary>
internal sealed class SweepNames
{
    private const string PathName = "pipeline";

    private readonly Dictionary<string, string> _estimators = [];
    private readonly HashSet<string> _choices = [];

    /// <param name="pipeline">The pipeline, or null for AutoML's names.</param>
    public SweepNames(SweepablePipeline? pipeline)
    {
        if (pipeline is null)
        {
            return;
        }

        string[][] paths = [.. PipelinePath.All(pipeline.SearchSpace).Select(PipelinePath.Split)];
        foreach ((string key, SweepableEstimator estimator) in pipeline.Estimators)
        {
            string name = (estimator as AudioSweepableEstimator)?.Name ?? key;
            _estimators[key] = _estimators.ContainsValue(name) ? $"{name} {key}" : name;
            if (paths.Any(path => !path.Contains(key)))
            {
                _choices.Add(key);
            }
        }
    }

    /// <summary>A point's values by name.</summary>
    public Dictionary<string, string> Values(Parameter point)
    {
        Dictionary<string, string> values = [];
        foreach (string key in point.Keys)
        {
            if (key != PipelinePath.Key)
            {
                Add(point[key], _estimators.GetValueOrDefault(key, key));
            }
            else if (_choices.Count > 0)
            {
                values[PathName] = string.Join(
                    ", ", PipelinePath.Estimators(point).Where(_choices.Contains).Select(name => _estimators[name]));
            }
        }

        return values;

        void Add(Parameter parameter, string name)
        {
            if (parameter.ParameterType != ParameterType.Object)
            {
                values[name] = parameter.ParameterType == ParameterType.String
                    ? parameter.AsType<string>()
                    : parameter.ToString();
                return;
            }

            foreach (string key in parameter.Keys)
            {
                Add(parameter[key], $"{name}.{key}");
            }
        }
    }
}

/// <summary>A sweepable estimator that has a name.</summary>
internal sealed class AudioSweepableEstimator(
    string name, Func<MLContext, Parameter, IEstimator<ITransformer>> factory, Space searchSpace)
    : SweepableEstimator(factory, searchSpace)
{
    /// <summary>Name in tables and charts.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Paths through a pipeline. A step of it may have several estimators to choose from; a point of its search space names the path
/// that is taken, as AutoML writes it (<c>e0 * e2</c>), and has values for the estimators of all paths.
/// </summary>
internal static class PipelinePath
{
    /// <summary>Key of the path in a point, and in a search space.</summary>
    public const string Key = "_SCHEMA_";

    private const string Separator = " * ";

    /// <summary>The names of the estimators that a point takes, in their order.</summary>
    public static string[] Estimators(Parameter point) => Split(point[Key].AsType<string>());

    /// <summary>The names of a path's estimators, in their order.</summary>
    public static string[] Split(string path) => path.Split(Separator);

    /// <summary>All paths of a search space; none where it is not a pipeline's.</summary>
    public static string[] All(Space space) =>
        space.TryGetValue(Key, out OptionBase? option) && option is ChoiceOption paths
            ? [.. paths.Choices.Select(path => path.AsType<string>())]
            : [];

    /// <summary>
    /// A point without the values of estimators off its path: two points of the same training are then equal.
    /// </summary>
    public static Parameter Taken(Parameter point) => !point.ContainsKey(Key)
        ? point
        : Parameter.CreateNestedParameter(
            [.. Estimators(point).Distinct().Append(Key).Select(name => KeyValuePair.Create(name, point[name]))]);
}
