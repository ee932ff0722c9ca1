using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Reads labelled clips out of a data view, and says which row and column is wrong.</summary>
internal sealed class ClassificationReader(
    string labelColumnName, string featureColumnName, FeatureReader reader, LabelKeys labels, IChannel channel)
{
    /// <summary>Whether memory is to hold labels alone, and the rows are read again each epoch.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>The clips of a training set: at least two classes.</summary>
    /// <exception cref="InvalidDataException">There are no rows or one class only, or a row is not finite.</exception>
    public ClipDataset ReadTraining(IDataView data)
    {
        ClipDataset clips = Read(data, "training set");
        int[] counts = clips.CountClasses(labels.Count);
        int[] present = Enumerable.Range(0, labels.Count).Where(i => counts[i] > 0).ToArray();
        if (present.Length < 2)
        {
            throw new InvalidDataException(
                $"Label column '{labelColumnName}' has one class only in the training set, "
                + $"'{labels.Names[present[0]]}', in {clips.Count} rows; expected at least two.");
        }

        if (present.Length < labels.Count)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{labels.Count - present.Length} of the {labels.Count} classes of label column '{labelColumnName}' "
                + "have no row in the training set: the model cannot learn them.");
        }

        return clips;
    }

    /// <summary>The clips of a validation set, whose classes the training set must have.</summary>
    /// <exception cref="InvalidDataException">There are no rows, or a row's class has none in the training set.
    /// </exception>
    public ClipDataset ReadValidation(IDataView data, ClipDataset training)
    {
        DataViewSchema.Column column = SchemaChecks.GetColumn(data.Schema, labelColumnName, "Label");
        LabelKeys own = LabelKeys.Read(column);
        ClipDataset clips = Read(data, "validation set");
        int[] counts = training.CountClasses(labels.Count);
        for (int i = 0; i < clips.Count; i++)
        {
            int label = clips.Labels[i];
            string name = label < own.Count ? own.Names[label] : $"key {label + 1}";
            if (label >= counts.Length || counts[label] == 0)
            {
                throw new InvalidDataException(
                    $"Row {clips.Row(i)} of the validation set has '{name}' in label column '{labelColumnName}'; "
                    + "no row of the training set has that class.");
            }

            if (name != labels.Names[label])
            {
                throw new InvalidDataException(
                    $"Key {label + 1} of label column '{labelColumnName}' stands for '{name}' in the validation set and "
                    + $"for '{labels.Names[label]}' in the training set: map both with the one fitted MapValueToKey.");
            }
        }

        return clips;
    }

    private ClipDataset Read(IDataView data, string what)
    {
        DataViewSchema.Column labelColumn = SchemaChecks.GetColumn(data.Schema, labelColumnName, "Label");
        DataViewSchema.Column featureColumn = SchemaChecks.GetColumn(data.Schema, featureColumnName, "Feature");
        reader.CheckColumn(featureColumn);
        var clips = new ClipDataset(IsStreamed ? new ClipRows(data, featureColumn, reader, what) : null);
        long rows = 0;
        using (DataViewRowCursor cursor = data.GetRowCursor(IsStreamed ? [labelColumn] : [labelColumn, featureColumn]))
        {
            ValueGetter<uint> labelGetter = cursor.GetGetter<uint>(labelColumn);
            Func<float[]> values = clips.Rows is null ? reader.Values(cursor, featureColumn) : () => [];
            uint label = 0;
            for (; cursor.MoveNext(); rows++)
            {
                labelGetter(ref label);
                if (label == 0)
                {
                    continue;
                }

                clips.Rows?.Add(rows);
                clips.Add(values(), (int)label - 1, cursor.Position);
            }
        }

        if (clips.Count == 0)
        {
            throw new InvalidDataException(rows == 0
                ? $"The {what} has no rows."
                : $"None of the {rows} rows of the {what} has a label in column '{labelColumnName}'.");
        }

        if (clips.Count < rows)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{rows - clips.Count} of {rows} rows of the {what} have no label in column '{labelColumnName}' and "
                + "are left out.");
        }

        return clips;
    }
}
