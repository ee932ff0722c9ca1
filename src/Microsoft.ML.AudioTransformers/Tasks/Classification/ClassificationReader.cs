using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Reader of the datasets of classification: clips with one class each.</summary>
internal sealed class ClassificationReader(
    AudioTrainerOptions options, ClassificationTask task, FeatureReader features, IChannel channel)
    : ClipReader(options, features, channel)
{
    private readonly string _columnName = options.LabelColumnName;

    public override AudioTask Task => task;

    /// <summary>Reads the training set, which must have at least two classes.</summary>
    public override ClipDataset ReadTraining(IDataView data)
    {
        ClipDataset clips = Read(data, TrainingSet);
        CheckClasses(_columnName, task.Labels, clips.CountClasses(task.Labels.Count), clips.Count);
        return clips;
    }

    /// <summary>Reads the validation set; each of its classes must have rows in the training set.</summary>
    public override ClipDataset ReadValidation(IDataView data, ClipDataset training)
    {
        LabelKeys labels = task.Labels;
        LabelKeys own = LabelKeys.Read(SchemaChecks.GetColumn(data.Schema, _columnName, "Label"));
        ClipDataset clips = Read(data, ValidationSet);
        int[] counts = training.CountClasses(labels.Count);
        for (int i = 0; i < clips.Count; i++)
        {
            int label = clips.Labels[i];
            string name = label < own.Count ? own.Names[label] : $"key {label + 1}";
            if (label >= counts.Length || counts[label] == 0)
            {
                throw new InvalidDataException(
                    $"Row {clips.Row(i)} of the validation set has '{name}' in label column '{_columnName}'; "
                    + "no row of the training set has that class.");
            }

            if (name != labels.Names[label])
            {
                throw new InvalidDataException(
                    $"Key {label + 1} of label column '{_columnName}' stands for '{name}' in the validation set and "
                    + $"for '{labels.Names[label]}' in the training set: map both with the one fitted MapValueToKey.");
            }
        }

        return clips;
    }

    private ClipDataset Read(IDataView data, string what)
    {
        DataViewSchema.Column column = SchemaChecks.GetColumn(data.Schema, _columnName, "Label");
        return Read(data, what, [column], Labels, $"a label in column '{_columnName}'");

        Func<ClipLabels?> Labels(DataViewRowCursor cursor)
        {
            ValueGetter<uint> getter = cursor.GetGetter<uint>(column);
            uint key = 0;
            return () =>
            {
                getter(ref key);
                return key == 0 ? null : new ClipLabels((int)key - 1);
            };
        }
    }
}
