using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>What a recognizer of actions adds to a row: see <see cref="ActionColumns"/>.</summary>
internal sealed class ActionMapping : ScoringMapping
{
    private readonly ActionDescription _actions;

    public ActionMapping(AudioModelParameters model, DataViewSchema.Column features)
        : base(model, features, ActionColumns.Create(model.Description.Actions!))
    {
        _actions = model.Description.Actions!;
    }

    /// <inheritdoc/>
    public override Delegate CreateGetter(int column, BatchScores scores, Func<int> clip)
    {
        (int verbs, int nouns) = (_actions.Verbs.Count, _actions.Nouns.Count);
        return column switch
        {
            0 => ScoreGetter(0, verbs, scores, clip),
            1 => BestKeyGetter(0, verbs, scores, clip),
            2 => ScoreGetter(verbs, nouns, scores, clip),
            3 => BestKeyGetter(verbs, nouns, scores, clip),
            4 => TopGetter(action => (uint)action.Verb + 1, scores, clip),
            5 => TopGetter(action => (uint)action.Noun + 1, scores, clip),
            _ => TopGetter(action => (float)action.Score, scores, clip),
        };
    }

    private Delegate TopGetter<T>(Func<RankedAction, T> part, BatchScores scores, Func<int> clip)
    {
        int verbs = _actions.Verbs.Count;
        ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> value) =>
        {
            ReadOnlySpan<float> probabilities = scores.Probabilities(clip());
            RankedAction[] top = RankedAction.Top(probabilities[..verbs], probabilities[verbs..], _actions.ActionCount);
            AnnotationKinds.Fill<T>(ref value, [.. top.Select(part)]);
        };
        return getter;
    }
}
