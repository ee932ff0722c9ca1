using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>The columns that a multiclass model adds, annotated as ML.NET's evaluators and mappers expect.</summary>
internal static class ClassificationColumns
{
    /// <summary>
    /// The score, a vector of Single with one named slot a class; and the predicted label, a key with the label's
    /// values.
    /// </summary>
    public static DataViewSchema.DetachedColumn[] Create(LabelKeys labels, string scoreName, string predictedLabelName)
    {
        var score = new DataViewSchema.Annotations.Builder();
        score.AddTexts(AnnotationKinds.SlotNames, labels.Names);
        labels.AddValues(score, AnnotationKinds.TrainingLabelValues);
        AddScoreKind(score, "Score");
        var predictedLabel = new DataViewSchema.Annotations.Builder();
        labels.AddValues(predictedLabel, AnnotationKinds.KeyValues);
        AddScoreKind(predictedLabel, "PredictedLabel");
        return
        [
            new(scoreName, new VectorDataViewType(NumberDataViewType.Single, labels.Count), score.ToAnnotations()),
            new(predictedLabelName, new KeyDataViewType(typeof(uint), labels.Count), predictedLabel.ToAnnotations()),
        ];
    }

    private static void AddScoreKind(DataViewSchema.Annotations.Builder builder, string valueKind)
    {
        builder.AddText(AnnotationKinds.ScoreColumnKind, "MulticlassClassification");
        builder.AddText(AnnotationKinds.ScoreValueKind, valueKind);
        // One model in a view is told from another by this number; the first has 1.
        ValueGetter<uint> setId = (ref uint value) => value = 1;
        builder.Add(AnnotationKinds.ScoreColumnSetId, new KeyDataViewType(typeof(uint), int.MaxValue), setId);
    }
}
