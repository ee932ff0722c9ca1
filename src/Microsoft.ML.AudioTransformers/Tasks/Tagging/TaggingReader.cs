using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Reads clips with any number of classes each.</summary>
internal sealed class TaggingReader(
    AudioTrainerOptions options, AudioTask task, LabelKeys labels, FeatureReader features, IChannel channel)
    : ClipReader(options, features, channel)
{
    private readonly string _columnName = options.LabelColumnName;

    public override AudioTask Task => task;

    /// <summary>The training set: at least one clip with a class.</summary>
    public override ClipDataset ReadTraining(IDataView data)
    {
        ClipDataset clips = Read(data, "training set");
        int missing = clips.CountClasses(labels.Count).Count(count => count == 0);
        if (missing == labels.Count)
        {
            throw new InvalidDataException(
                $"None of the {clips.Count} rows of the training set has a label in column '{_columnName}'.");
        }

        WarnOfMissing(_columnName, labels, missing);
        return clips;
    }

    /// <summary>The validation set, which has the training set's classes.</summary>
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

        return Read(data, "validation set");
    }

    private ClipDataset Read(IDataView data, string what)
    {
        DataViewSchema.Column column = SchemaChecks.GetColumn(data.Schema, _columnName, "Label");
        return Read(data, what, [column], Labels, $"a label in column '{_columnName}'");

        // A clip without any class is one, too.
        Func<ClipLabels?> Labels(DataViewRowCursor cursor)
        {
            Func<float[]> targets = TargetsOf(cursor, column);
            return () => new ClipLabels(0, targets());
        }
    }

    /// <summary>Reads the targets of the row that a cursor is on.</summary>
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
