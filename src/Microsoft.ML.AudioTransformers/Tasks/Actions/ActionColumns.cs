using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>The columns that a recognizer of actions adds.</summary>
internal static class ActionColumns
{
    /// <summary>
    /// Scores and best class of the verbs, then of the nouns, as a classifier has them; then the best actions, best first:
    /// their verbs and nouns, vectors of keys, and their scores.
    /// </summary>
    public static DataViewSchema.DetachedColumn[] Create(ActionDescription actions) =>
    [
        .. ScoreColumns.Create(
            actions.Verbs, actions.VerbScoreColumnName, actions.PredictedVerbColumnName, setId: 1),
        .. ScoreColumns.Create(
            actions.Nouns, actions.NounScoreColumnName, actions.PredictedNounColumnName, setId: 2),
        Keys(actions.ActionColumnPrefix + "Verbs", actions.Verbs, actions.ActionCount),
        Keys(actions.ActionColumnPrefix + "Nouns", actions.Nouns, actions.ActionCount),
        new(
            actions.ActionColumnPrefix + "Scores",
            new VectorDataViewType(NumberDataViewType.Single, actions.ActionCount)),
    ];

    private static DataViewSchema.DetachedColumn Keys(string name, LabelKeys labels, int count)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        labels.AddValues(annotations, AnnotationKinds.KeyValues);
        return new DataViewSchema.DetachedColumn(
            name,
            new VectorDataViewType(new KeyDataViewType(typeof(uint), labels.Count), count),
            annotations.ToAnnotations());
    }
}
