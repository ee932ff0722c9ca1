using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Scoring.Exports;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Action recognition: a clip has a verb and a noun (EPIC-Kitchens), each with a head of its own.</summary>
internal sealed record ActionTask : ScoredTask
{
    /// <summary>Verbs, the first of the model's classes.</summary>
    public required LabelKeys Verbs { get; init; }

    /// <summary>Nouns, the classes after the verbs.</summary>
    public required LabelKeys Nouns { get; init; }

    public required string VerbScoreColumnName { get; init; }

    public required string NounScoreColumnName { get; init; }

    public required string PredictedVerbColumnName { get; init; }

    public required string PredictedNounColumnName { get; init; }

    /// <summary>Prefix of the names of the columns with the best actions.</summary>
    public required string ActionColumnPrefix { get; init; }

    /// <summary>Number of best actions of a clip, 1 or more.</summary>
    public required int TopActions { get; init; }

    private ActionColumns Columns => new()
    {
        Verbs = Verbs,
        Nouns = Nouns,
        VerbScoreColumnName = VerbScoreColumnName,
        NounScoreColumnName = NounScoreColumnName,
        PredictedVerbColumnName = PredictedVerbColumnName,
        PredictedNounColumnName = PredictedNounColumnName,
        ActionColumnPrefix = ActionColumnPrefix,
        TopActions = TopActions,
    };

    public override IReadOnlyList<string> ClassNames => [.. Verbs.Names, .. Nouns.Names];

    public override IReadOnlyList<int> HeadSizes => [Verbs.Count, Nouns.Count];

    /// <summary>Sum of two cross-entropies, of the verb and of the noun; the option is not used.</summary>
    public override AudioLossFunction LossFor(AudioLossFunction asked) => AudioLossFunction.CrossEntropy;

    /// <summary>Softmax over the verbs, and softmax over the nouns.</summary>
    public override Tensor Activate(Tensor logits) =>
        cat([.. logits.split([Verbs.Count, Nouns.Count], 1).Select(head => head.softmax(1))], 1);

    public override string ExportName => "actions";

    public override OnnxValue Activate(OnnxValue logits) =>
        OnnxValue.Concat(1, OfVerbs(logits).Softmax(1), OfNouns(logits).Softmax(1));

    public override void Export(OnnxExport export, OnnxValue probabilities)
    {
        export.Output(
            OfVerbs(probabilities), "verb_scores", "Probability of each verb, the first of the metadata's labels.", Verbs.Count);
        export.Output(
            OfNouns(probabilities), "noun_scores", "Probability of each noun, the metadata's labels after the verbs.",
            Nouns.Count);
    }

    /// <inheritdoc cref="ActionColumns.CreateColumns"/>
    public override DataViewSchema.DetachedColumn[] CreateColumns() => Columns.CreateColumns();

    public override void Check()
    {
        OptionCheck.AtLeast(1, TopActions, nameof(TopActions));
        base.Check();
    }

    public override Delegate CreateGetter(int column, ClipScores scores) => Columns.CreateGetter(column, scores);

    private OnnxValue OfVerbs(OnnxValue classes) => classes.Slice(1, 0, Verbs.Count);

    private OnnxValue OfNouns(OnnxValue classes) => classes.Slice(1, Verbs.Count, long.MaxValue);
}
