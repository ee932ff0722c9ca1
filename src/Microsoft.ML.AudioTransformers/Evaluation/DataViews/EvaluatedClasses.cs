using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Class names, from the annotations of score and label columns.</summary>
internal static class EvaluatedClasses
{
    /// <summary>
    /// Slot names of the score column, else the names of the label column; null if neither has any. Where both have names,
    /// they must be the same: scores in another order would be compared with the wrong labels.
    /// </summary>
    /// <exception cref="ArgumentException">The names differ.</exception>
    public static IReadOnlyList<string>? Find(DataViewSchema.Column score, DataViewSchema.Column label)
    {
        IReadOnlyList<string>? scoreNames = ColumnReaders.SlotNames(score);
        IReadOnlyList<string>? labelNames = LabelNames(label);
        if (scoreNames is null || labelNames is null)
        {
            return scoreNames ?? labelNames;
        }

        int same = scoreNames.Zip(labelNames).TakeWhile(pair => pair.First == pair.Second).Count();
        if (same < Math.Max(scoreNames.Count, labelNames.Count))
        {
            throw new ArgumentException(
                $"Score column '{score.Name}' and label column '{label.Name}' differ in class {same}: " +
                $"{NameAt(scoreNames, same)} and {NameAt(labelNames, same)}; expected the same classes in the same order.");
        }

        return scoreNames;
    }

    private static IReadOnlyList<string>? LabelNames(DataViewSchema.Column label)
    {
        return label.Type switch
        {
            KeyDataViewType when !label.HasKeyValues() => null,
            KeyDataViewType => LabelKeys.Read(label) is { ValueKind: not null } keys ? keys.Names : null,
            VectorDataViewType { ItemType: KeyDataViewType } => label.HasKeyValues() ? ColumnReaders.KeyNames(label) : null,
            _ => ColumnReaders.SlotNames(label),
        };
    }

    private static string NameAt(IReadOnlyList<string> names, int index)
        => index < names.Count ? $"'{names[index]}'" : "none";
}
