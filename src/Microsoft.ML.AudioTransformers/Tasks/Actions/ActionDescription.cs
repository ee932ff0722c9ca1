using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>What a model of verbs and nouns is beside other classifiers; kept in a saved model.</summary>
internal sealed record ActionDescription
{
    /// <summary>The verbs: the first of the model's classes.</summary>
    public required LabelKeys Verbs { get; init; }

    /// <summary>The nouns: the classes after them.</summary>
    public required LabelKeys Nouns { get; init; }

    public required string VerbScoreColumnName { get; init; }

    public required string NounScoreColumnName { get; init; }

    public required string PredictedVerbColumnName { get; init; }

    public required string PredictedNounColumnName { get; init; }

    /// <summary>What the names of the actions' columns begin with.</summary>
    public required string ActionColumnPrefix { get; init; }

    /// <summary>How many actions are given of a clip.</summary>
    public required int TopActions { get; init; }

    /// <summary>As many of them as there are pairs.</summary>
    public int ActionCount => (int)Math.Min(TopActions, (long)Verbs.Count * Nouns.Count);
}
