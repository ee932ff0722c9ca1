using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Reader of the datasets of tagging: clips with any number of classes each.</summary>
/// <param name="options">Options of the trainer.</param>
/// <param name="task">Task with the classes.</param>
/// <param name="labels">Classes of the label column.</param>
/// <param name="features">Reader of the feature column.</param>
/// <param name="channel">Channel for warnings.</param>
internal sealed class TaggingReader(
    AudioTrainerOptions options, AudioTask task, LabelKeys labels, FeatureReader features, IChannel channel)
    : ClipReader(options, features, channel)
{
    private readonly string _columnName = options.LabelColumnName;

    public override AudioTask Task => task;

    /// <summary>Reads the training set, which must have at least one label.</summary>
    public override ClipDataset ReadTraining(IDataView data)
    {
        ClipDataset clips = Read(data, TrainingSet);
        int missing = clips.CountClasses(labels.Count).Count(count => count == 0);
        if (missing == labels.Count)
        {
            throw new InvalidDataException(
                $"None of the {clips.Count} rows of the training set has a label in column '{_columnName}'.");
        }

        WarnOfMissing(_columnName, labels, missing);
        return clips;
    }

    /// <summary>Reads the validation set, which must have the classes of the training set.</summary>
    public override ClipDataset ReadValidation(IDataView data, ClipDataset training)
    {
        LabelKeys own = LabelKeys.ReadMultiLabel(SchemaChecks.GetColumn(data.Schema, _columnName, "Label"));
        if (!own.Names.SequenceEqual(labels.Names))
        {
            int different = Enumerable.Range(0, Math.Max(own.Count, labels.Count)).First(
                i => own.Names.ElementAtOrDefault(i) != labels.Names.ElementAtOrDefault(i));
            throw new InvalidDataException(
                $"Class {different + 1} of label column '{_columnName}' is "
                + $"'{own.Names.ElementAtOrDefault(different)}' in the validation set and "
                + $"'{labels.Names.ElementAtOrDefault(different)}' in the training set; expected the same classes.");
        }

        return Read(data, ValidationSet);
    }

    private ClipDataset Read(IDataView data, string what)
    {
        DataViewSchema.Column column = SchemaChecks.GetColumn(data.Schema, _columnName, "Label");
        return Read(data, what, [column], Labels, $"a label in column '{_columnName}'");

        // A clip without any class is a negative of all of them; it is not left out.
        Func<ClipLabels?> Labels(DataViewRowCursor cursor)
        {
            Func<float[]> targets = TargetsOf(cursor, column);
            return () => new ClipLabels(0, targets());
        }
    }

    /// <summary>Creates a function that reads the targets of a cursor's row.</summary>
    private Func<float[]> TargetsOf(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        DataViewType item = ((VectorDataViewType)column.Type).ItemType;
        return item is KeyDataViewType ? Keys()
            : item == BooleanDataViewType.Instance ? Slots<bool>(value => value ? 1 : 0)
            : Slots<float>(value => value);

        Func<float[]> Keys()
        {
            ValueGetter<VBuffer<uint>> getter = cursor.GetGetter<VBuffer<uint>>(column);
            VBuffer<uint> keys = default;
            return () =>
            {
                getter(ref keys);
                var targets = new float[labels.Count];
                foreach (uint key in keys.DenseValues().Where(key => key > 0))
                {
                    targets[key - 1] = 1;
                }

                return targets;
            };
        }

        Func<float[]> Slots<T>(Func<T, float> toTarget)
        {
            ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(column);
            VBuffer<T> slots = default;
            return () =>
            {
                getter(ref slots);
                float[] targets = [.. slots.DenseValues().Select(toTarget)];
                int wrong = Array.FindIndex(targets, target => target is not (0 or 1 or float.NaN));
                return wrong < 0
                    ? targets
                    : throw new InvalidDataException(
                        $"Column '{_columnName}', row {cursor.Position}: '{labels.Names[wrong]}' is {targets[wrong]}; "
                        + "expected 0, 1, or NaN for unlabelled.");
            };
        }
    }
}
