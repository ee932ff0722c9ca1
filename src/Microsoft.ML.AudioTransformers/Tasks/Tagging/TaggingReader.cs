using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Reads clips with any number of labels out of a data view, and says which row and column is wrong.</summary>
internal sealed class TaggingReader(
    string labelColumnName, string featureColumnName, FeatureReader reader, LabelKeys labels, IChannel channel)
{
    /// <summary>Whether memory is to hold labels alone, and the rows are read again each epoch.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>The clips of a training set.</summary>
    /// <exception cref="InvalidDataException">There are no rows or no labels, or a row is not finite.</exception>
    public ClipDataset ReadTraining(IDataView data)
    {
        ClipDataset clips = Read(data, "training set");
        int[] counts = clips.CountClasses(labels.Count);
        int missing = counts.Count(count => count == 0);
        if (missing == labels.Count)
        {
            throw new InvalidDataException(
                $"None of the {clips.Count} rows of the training set has a label in column '{labelColumnName}'.");
        }

        if (missing > 0)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{missing} of the {labels.Count} classes of label column '{labelColumnName}' "
                + "have no row in the training set: the model cannot learn them.");
        }

        return clips;
    }

    /// <summary>The clips of a validation set, which has the training set's classes.</summary>
    /// <exception cref="InvalidDataException">There are no rows, or the classes are others.</exception>
    public ClipDataset ReadValidation(IDataView data)
    {
        LabelKeys own = LabelKeys.ReadTags(SchemaChecks.GetColumn(data.Schema, labelColumnName, "Label"));
        if (!own.Names.SequenceEqual(labels.Names))
        {
            int different = Enumerable.Range(0, Math.Max(own.Count, labels.Count)).First(
                i => own.Names.ElementAtOrDefault(i) != labels.Names.ElementAtOrDefault(i));
            throw new InvalidDataException(
                $"Class {different + 1} of label column '{labelColumnName}' is "
                + $"'{own.Names.ElementAtOrDefault(different)}' in the validation set and "
                + $"'{labels.Names.ElementAtOrDefault(different)}' in the training set; expected the same classes.");
        }

        return Read(data, "validation set");
    }

    private ClipDataset Read(IDataView data, string what)
    {
        DataViewSchema.Column labelColumn = SchemaChecks.GetColumn(data.Schema, labelColumnName, "Label");
        DataViewSchema.Column featureColumn = SchemaChecks.GetColumn(data.Schema, featureColumnName, "Feature");
        reader.CheckColumn(featureColumn);
        var clips = new ClipDataset(IsStreamed ? new ClipRows(data, featureColumn, reader, what) : null);
        using DataViewRowCursor cursor =
            data.GetRowCursor(IsStreamed ? [labelColumn] : [labelColumn, featureColumn]);
        Func<float[]> tags = TagsOf(cursor, labelColumn);
        Func<float[]> values = clips.Rows is null ? reader.Values(cursor, featureColumn) : () => [];
        while (cursor.MoveNext())
        {
            clips.Rows?.Add(clips.Count);
            clips.Add(values(), tags(), cursor.Position);
        }

        return clips.Count > 0 ? clips : throw new InvalidDataException($"The {what} has no rows.");
    }

    /// <summary>Reads the tags of the row that a cursor is on.</summary>
    private Func<float[]> TagsOf(DataViewRowCursor cursor, DataViewSchema.Column column)
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
                var tags = new float[labels.Count];
                foreach (uint key in keys.DenseValues().Where(key => key > 0))
                {
                    tags[key - 1] = 1;
                }

                return tags;
            };
        }

        Func<float[]> Slots<T>(Func<T, float> toTag)
        {
            ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(column);
            VBuffer<T> slots = default;
            return () =>
            {
                getter(ref slots);
                float[] tags = [.. slots.DenseValues().Select(toTag)];
                int wrong = Array.FindIndex(tags, tag => tag is not (0 or 1 or float.NaN));
                return wrong < 0
                    ? tags
                    : throw new InvalidDataException(
                        $"Column '{labelColumnName}', row {cursor.Position}: '{labels.Names[wrong]}' is {tags[wrong]}; "
                        + "expected 0, 1, or NaN for unknown.");
            };
        }
    }
}
