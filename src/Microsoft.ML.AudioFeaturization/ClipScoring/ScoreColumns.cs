using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>
/// Columns of scores and predicted labels, annotated as ML.NET's evaluators and mappers expect, and their getters.
/// </summary>
internal static class ScoreColumns
{
    /// <summary>Probability from which on a clip of several classes has one.</summary>
    public const float TagThreshold = 0.5f;

    /// <summary>
    /// Creates the score, a vector of Single with one named slot a class, and the predicted label, a key with the values of the
    /// label column.
    /// </summary>
    /// <param name="labels">Classes.</param>
    /// <param name="scoreName">Name of the score column.</param>
    /// <param name="predictedLabelName">Name of the predicted label column.</param>
    /// <param name="isMultiLabel">Whether a clip can have several labels; the predicted label is then a vector of keys.</param>
    /// <param name="setId">Id that tells two score columns of one view apart.</param>
    public static DataViewSchema.DetachedColumn[] Create(
        LabelKeys labels, string scoreName, string predictedLabelName, bool isMultiLabel = false, uint setId = 1)
    {
        var score = new DataViewSchema.Annotations.Builder();
        score.AddTexts(AnnotationKinds.SlotNames, labels.Names);
        labels.AddValues(score, AnnotationKinds.TrainingLabelValues);
        var predictedLabel = new DataViewSchema.Annotations.Builder();
        labels.AddValues(predictedLabel, AnnotationKinds.KeyValues);

        // ML.NET has no score kind for multi-label scores.
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

    /// <summary>Creates the getter of the scores of a range of classes.</summary>
    /// <param name="scores">Probabilities of the clip in the current row.</param>
    /// <param name="first">Index of the first class.</param>
    /// <param name="count">Number of classes.</param>
    public static Delegate ScoreGetter(ClipScores scores, int first, int count)
    {
        ValueGetter<VBuffer<float>> score =
            (ref VBuffer<float> value) => AnnotationKinds.Fill(ref value, scores().Slice(first, count));
        return score;
    }

    /// <summary>Creates the getter of the key, counted from 1 within the range, of the class with the highest score.</summary>
    /// <inheritdoc cref="ScoreGetter"/>
    public static Delegate BestKeyGetter(ClipScores scores, int first, int count)
    {
        ValueGetter<uint> key = (ref uint value) => value = (uint)Best(scores().Slice(first, count)) + 1;
        return key;
    }

    /// <summary>Creates the getter of the keys, counted from 1, of the classes with a probability of 0.5 or more.</summary>
    /// <param name="scores">Probabilities of the clip in the current row.</param>
    public static Delegate KeysGetter(ClipScores scores)
    {
        ValueGetter<VBuffer<uint>> keys =
            (ref VBuffer<uint> value) => AnnotationKinds.Fill<uint>(ref value, KeysAboveHalf(scores()));
        return keys;
    }

    /// <summary>Index of the class with the highest probability; of equal ones, the first.</summary>
    public static int Best(ReadOnlySpan<float> probabilities)
    {
        int best = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            if (probabilities[i] > probabilities[best])
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Predicts the classes of a clip: the best of each head, or those with 0.5 or more where it can have several.
    /// </summary>
    /// <param name="columns">Columns of the task.</param>
    /// <param name="heads"><see cref="IClipColumns.HeadSizes"/>, which the caller holds.</param>
    /// <param name="scores">Probabilities of the classes.</param>
    /// <param name="predicted">Receives the indices of the classes; as long as the scores.</param>
    /// <returns>Number of predicted classes.</returns>
    public static int Predict(
        IClipColumns columns, ReadOnlySpan<int> heads, ReadOnlySpan<float> scores, Span<int> predicted)
    {
        int count = 0;
        if (columns.IsMultiLabel)
        {
            for (int label = 0; label < scores.Length; label++)
            {
                if (scores[label] >= TagThreshold)
                {
                    predicted[count++] = label;
                }
            }

            return count;
        }

        int first = 0;
        foreach (int size in heads)
        {
            predicted[count++] = first + Best(scores.Slice(first, size));
            first += size;
        }

        return count;
    }

    private static uint[] KeysAboveHalf(ReadOnlySpan<float> probabilities)
    {
        List<uint> keys = [];
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] >= TagThreshold)
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
