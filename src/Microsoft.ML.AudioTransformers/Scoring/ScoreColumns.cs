using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>The columns that a classifier adds, annotated as ML.NET's evaluators and mappers expect.</summary>
internal static class ScoreColumns
{
    /// <summary>
    /// The score, a vector of Single with one named slot a class; and the predicted label, a key with the label's
    /// values.
    /// </summary>
    /// <param name="labels">The classes.</param>
    /// <param name="scoreName">The score's name.</param>
    /// <param name="predictedLabelName">The predicted label's name.</param>
    /// <param name="hasTags">Whether a clip has any number of labels: then they are a vector of keys.</param>
    /// <param name="setId">Tells the scores of one set of classes from those of another in the same view.</param>
    public static DataViewSchema.DetachedColumn[] Create(
        LabelKeys labels, string scoreName, string predictedLabelName, bool hasTags = false, uint setId = 1)
    {
        var score = new DataViewSchema.Annotations.Builder();
        score.AddTexts(AnnotationKinds.SlotNames, labels.Names);
        labels.AddValues(score, AnnotationKinds.TrainingLabelValues);
        var predictedLabel = new DataViewSchema.Annotations.Builder();
        labels.AddValues(predictedLabel, AnnotationKinds.KeyValues);

        // ML.NET has no kind of scores for any number of labels.
        if (!hasTags)
        {
            AddScoreKind(score, "Score", setId);
            AddScoreKind(predictedLabel, "PredictedLabel", setId);
        }

        var key = new KeyDataViewType(typeof(uint), labels.Count);
        return
        [
            new(scoreName, new VectorDataViewType(NumberDataViewType.Single, labels.Count), score.ToAnnotations()),
            new(predictedLabelName, hasTags ? new VectorDataViewType(key) : key, predictedLabel.ToAnnotations()),
        ];
    }

    private static void AddScoreKind(DataViewSchema.Annotations.Builder builder, string valueKind, uint setId)
    {
        builder.AddText(AnnotationKinds.ScoreColumnKind, "MulticlassClassification");
        builder.AddText(AnnotationKinds.ScoreValueKind, valueKind);
        ValueGetter<uint> setIdGetter = (ref uint value) => value = setId;
        builder.Add(AnnotationKinds.ScoreColumnSetId, new KeyDataViewType(typeof(uint), int.MaxValue), setIdGetter);
    }
}
