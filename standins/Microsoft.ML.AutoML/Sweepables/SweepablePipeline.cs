using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.AutoML;

/// <summary>Estimators in a row; a place in it may have several to choose from, and the choice is swept as well.</summary>
public class SweepablePipeline : ISweepable<EstimatorChain<ITransformer>>
{
    private const string SchemaOption = "_SCHEMA_";
    private const string Separator = " * ";

    // All ways through the pipeline, each by its estimators' names. A new pipeline has one, of no length.
    private readonly string[][] _terms;
    private string _currentSchema;

    internal SweepablePipeline()
        : this([], [[]])
    {
    }

    private SweepablePipeline(Dictionary<string, SweepableEstimator> estimators, string[][] terms)
    {
        Estimators = estimators;
        _terms = terms;
        _currentSchema = Schema(terms[0]);
    }

    public Dictionary<string, SweepableEstimator> Estimators { get; }

    public SearchSpace.SearchSpace SearchSpace
    {
        get
        {
            var space = new SearchSpace.SearchSpace();
            foreach ((string name, SweepableEstimator estimator) in Estimators)
            {
                space.Add(name, estimator.SearchSpace);
            }

            space.Add(SchemaOption, new ChoiceOption([.. _terms.Select(Schema)]));
            return space;
        }
    }

    public Parameter CurrentParameter
    {
        get
        {
            Parameter parameter = Parameter.CreateNestedParameter();
            int index = 0;
            foreach (SweepableEstimator estimator in Estimators.Values)
            {
                // Named by number, as the real one does here and nowhere else.
                parameter[$"{index++}"] = estimator.Parameter;
            }

            parameter[SchemaOption] = Parameter.FromString(_currentSchema);
            return parameter;
        }
    }

    public EstimatorChain<ITransformer> BuildFromOption(MLContext context, Parameter parameter)
    {
        _currentSchema = parameter[SchemaOption].AsType<string>();
        return Names(_currentSchema).Aggregate(
            new EstimatorChain<ITransformer>(),
            (chain, name) => chain.Append(Estimators[name].BuildFromOption(context, parameter[name])));
    }

    /// <summary>The pipeline with one of its ways through.</summary>
    public SweepablePipeline BuildSweepableEstimatorPipeline(string schema)
    {
        string[] names = Names(schema);
        return new SweepablePipeline(names.ToDictionary(name => name, name => Estimators[name]), [names]);
    }

    /// <summary>The pipeline with one more place, and what may take it.</summary>
    public SweepablePipeline Append(params ISweepable<IEstimator<ITransformer>>[] sweepables)
    {
        Dictionary<string, SweepableEstimator> estimators = new(Estimators);
        List<string[]> alternatives = [];
        foreach (ISweepable<IEstimator<ITransformer>> sweepable in sweepables)
        {
            if (sweepable is SweepableEstimator estimator)
            {
                alternatives.Add([AddTo(estimators, estimator)]);
            }
            else if (sweepable is SweepablePipeline pipeline)
            {
                Dictionary<string, string> renamed = pipeline.Estimators.ToDictionary(
                    item => item.Key, item => AddTo(estimators, item.Value));
                alternatives.AddRange(pipeline._terms.Select(term => term.Select(name => renamed[name]).ToArray()));
            }
        }

        return new SweepablePipeline(
            estimators,
            [.. from before in _terms from after in alternatives select (string[])[.. before, .. after]]);
    }

    private static string AddTo(Dictionary<string, SweepableEstimator> estimators, SweepableEstimator estimator)
    {
        string name = $"e{estimators.Count}";
        estimators.Add(name, estimator);
        return name;
    }

    private static string Schema(string[] term) => string.Join(Separator, term);

    private static string[] Names(string schema) => schema.Split(Separator);
}
