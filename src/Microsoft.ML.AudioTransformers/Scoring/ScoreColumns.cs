using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>Columns of scores and predicted labels, and their getters, annotated as ML.NET's evaluators and mappers expect.</summary>
internal static class ScoreColumns
{
    /// <summary>
    /// The score, a vector of Single with one named slot a class; and the predicted label, a key with the label's
    /// values.
    /// </summary>
    /// <param name="labels">The classes.</param>
    /// <param name="scoreName">The score's name.</param>
    /// <param name="predictedLabelName">The predicted label's name.</param>
    /// <param name="isMultiLabel">Whether a clip has any number of labels: then the predicted labels are a vector of keys.</param>
    /// <param name="setId">Tells the scores of one set of classes from those of another in the same view.</param>
    public static DataViewSchema.DetachedColumn[] Create(
        LabelKeys labels, string scoreName, string predictedLabelName, bool isMultiLabel = false, uint setId = 1)
    {
        var score = new DataViewSchema.Annotations.Builder();
        score.AddTexts(AnnotationKinds.SlotNames, labels.Names);
        labels.AddValues(score, AnnotationKinds.TrainingLabelValues);
        var predictedLabel = new DataViewSchema.Annotations.Builder();
        labels.AddValues(predictedLabel, AnnotationKinds.KeyValues);

        // ML.NET has no kind of scores for any number of labels.
        if (!isMultiLabel)
        {
            AddScoreKind(score, "Score", setId);
            AddScoreKind(predictedLabel, "PredictedLabel", setId);
        }

        var key = new KeyDataViewType(typeof(uint), labels.Count);
        return
        [
            new(scoreName, new VectorDataViewType(NumberDataViewType.Single, labels.Count), score.ToAnnotations()),
            new(predictedLabelName, isMultiLabel ? new VectorDataViewType(key) : key, predictedLabel.ToAnnotations()),
        ];
    }

    /// <summary>The getter of the scores of some classes in a row.</summary>
    /// <param name="scores">The scores of the clip whose row is read.</param>
    /// <param name="first">The first of those classes.</param>
    /// <param name="count">How many they are.</param>
    public static Delegate ScoreGetter(ClipScores scores, int first, int count)
    {
        ValueGetter<VBuffer<float>> score =
            (ref VBuffer<float> value) => AnnotationKinds.Fill(ref value, scores().Slice(first, count));
        return score;
    }

    /// <summary>The getter of the key, counted from 1, of the best of some classes in a row.</summary>
    /// <inheritdoc cref="ScoreGetter"/>
    public static Delegate BestKeyGetter(ClipScores scores, int first, int count)
    {
        ValueGetter<uint> key = (ref uint value) => value = BestKey(scores().Slice(first, count));
        return key;
    }

    /// <summary>The getter of the keys, counted from 1, of the classes that a clip has rather than not.</summary>
    /// <param name="scores">The scores of the clip whose row is read.</param>
    public static Delegate KeysGetter(ClipScores scores)
    {
        ValueGetter<VBuffer<uint>> keys =
            (ref VBuffer<uint> value) => AnnotationKinds.Fill<uint>(ref value, KeysAboveHalf(scores()));
        return keys;
    }

    /// <summary>The key, counted from 1, of the first class with the highest probability.</summary>
    public static uint BestKey(ReadOnlySpan<float> probabilities)
    {
        int best = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            if (probabilities[i] > probabilities[best])
            {
                best = i;
            }
        }

        return (uint)best + 1;
    }

    /// <summary>The keys, counted from 1, of the classes with a probability of a half or more.</summary>
    public static uint[] KeysAboveHalf(ReadOnlySpan<float> probabilities)
    {
        List<uint> keys = [];
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] >= 0.5f)
            {
                keys.Add((uint)i + 1);
            }
        }

        return [.. keys];
    }

    private static void AddScoreKind(DataViewSchema.Annotations.Builder builder, string valueKind, uint setId)
    {
        builder.AddText(AnnotationKinds.ScoreColumnKind, "MulticlassClassification");
        builder.AddText(AnnotationKinds.ScoreValueKind, valueKind);
        ValueGetter<uint> setIdGetter = (ref uint value) => value = setId;
        builder.Add(AnnotationKinds.ScoreColumnSetId, new KeyDataViewType(typeof(uint), int.MaxValue), setIdGetter);
    }
}
