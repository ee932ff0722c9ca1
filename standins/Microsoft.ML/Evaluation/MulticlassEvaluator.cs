using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Reads labels and scores and counts how they agree.</summary>
internal static class MulticlassEvaluator
{
    public static MulticlassClassificationMetrics Evaluate(
        IDataView data, string labelName, string scoreName, string predictedLabelName, int topK)
    {
        DataViewSchema.Column label = Find(data.Schema, labelName, "Label");
        DataViewSchema.Column score = Find(data.Schema, scoreName, "Score");
        Find(data.Schema, predictedLabelName, "PredictedLabel");
        if (score.Type is not VectorDataViewType { Size: >= 2 } scores || scores.ItemType != NumberDataViewType.Single)
            throw Contracts.ExceptSchemaMismatch(
                "schema", "score", score.Name, "vector of two or more items of type Single", score.Type.ToString());
        if (label.Type != NumberDataViewType.Single && label.Type is not KeyDataViewType)
            throw Contracts.ExceptSchemaMismatch(
                "schema", "label", label.Name, "Single or Key", label.Type.ToString());

        var counters = new MulticlassCounters(scores.Size);
        using (DataViewRowCursor cursor = data.GetRowCursor([label, score]))
        {
            Func<double> getLabel = LabelOf(cursor, label);
            var getScores = cursor.GetGetter<VBuffer<float>>(score);
            VBuffer<float> buffer = default;
            var row = new float[scores.Size];
            while (cursor.MoveNext())
            {
                double value = getLabel();
                // A row without a label, or with a score that is no number, counts for nothing.
                if (!(value >= 0) || value != (int)value)
                    continue;
                getScores(ref buffer);
                Contracts.Check(
                    buffer.Length == row.Length,
                    $"Column '{score.Name}': expected {row.Length} slots, but got {buffer.Length}");
                buffer.CopyTo(row);
                if (!Array.Exists(row, s => !float.IsFinite(s)))
                    counters.Add((int)value, row);
            }
        }

        var confusions = new ConfusionMatrix(counters.Confusions, ClassNames(score, scores.Size));
        return new MulticlassClassificationMetrics(counters, confusions, topK);
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name, string role)
        => schema.GetColumnOrNull(name)
            ?? throw Contracts.ExceptParam(nameof(schema), $"{name} column '{role}' not found");

    /// <summary>The class of a row, counted from 0; NaN where it is missing.</summary>
    private static Func<double> LabelOf(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is not KeyDataViewType key)
            return RowNumbers.DoubleOf(row, label);
        Func<ulong> raw = RowNumbers.KeyOf(row, label);
        return () => raw() is > 0 and var value && value <= key.Count ? value - 1 : double.NaN;
    }

    private static string[] ClassNames(DataViewSchema.Column score, int count)
    {
        if (!score.HasSlotNames())
            return Enumerable.Range(0, count).Select(i => i.ToString()).ToArray();
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }
}
