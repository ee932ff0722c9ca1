using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// What tables and charts call a pipeline's parameters: <c>Passt.PatchoutTime</c>, where AutoML has <c>e2</c> for the
/// estimator. A sweep with several ways has the parameter "pipeline": the estimators that not all ways have.
/// </summary>
internal sealed class SweepNames
{
    private const string WayName = "pipeline";

    private readonly Dictionary<string, string> _estimators = [];
    private readonly HashSet<string> _choices = [];

    /// <param name="pipeline">The pipeline, or null for AutoML's names.</param>
    public SweepNames(SweepablePipeline? pipeline)
    {
        if (pipeline is null)
        {
            return;
        }

        string[][] ways = [.. PipelinePath.All(pipeline.SearchSpace).Select(PipelinePath.Split)];
        foreach ((string key, SweepableEstimator estimator) in pipeline.Estimators)
        {
            string name = (estimator as AudioSweepableEstimator)?.Name ?? key;
            _estimators[key] = _estimators.ContainsValue(name) ? $"{name} {key}" : name;
            if (ways.Any(way => !way.Contains(key)))
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
                values[WayName] = string.Join(
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
    string name, Func<MLContext, Parameter, IEstimator<ITransformer>> factory, SearchSpace.SearchSpace searchSpace)
    : SweepableEstimator(factory, searchSpace)
{
    /// <summary>What tables and charts call it.</summary>
    public string Name { get; } = name;
}
