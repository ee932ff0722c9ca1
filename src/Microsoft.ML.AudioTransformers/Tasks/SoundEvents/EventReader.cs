using System.Globalization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Reads clips with annotated events out of a data view, and says which row and column is wrong.</summary>
/// <param name="labelColumnName">A vector of keys, one an event.</param>
/// <param name="onsetColumnName">When each of them starts, in seconds: a vector of Single or Double.</param>
/// <param name="offsetColumnName">When each of them ends.</param>
/// <param name="featureColumnName">The features, or the waveform.</param>
/// <param name="reader">Makes features of them.</param>
/// <param name="labels">The classes.</param>
internal sealed class EventReader(
    string labelColumnName,
    string onsetColumnName,
    string offsetColumnName,
    string featureColumnName,
    FeatureReader reader,
    LabelKeys labels)
{
    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="what">What they are, for messages.</param>
    /// <param name="toTags">Makes a clip's tags of its events.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or a row's events or features are not valid.</exception>
    public EventClips Read(IDataView data, string what, Func<IReadOnlyList<SoundEvent>, float[]> toTags)
    {
        DataViewSchema.Column label = SchemaChecks.GetColumn(data.Schema, labelColumnName, "Label");
        DataViewSchema.Column onset = NumbersColumn(data.Schema, onsetColumnName, "Onset");
        DataViewSchema.Column offset = NumbersColumn(data.Schema, offsetColumnName, "Offset");
        DataViewSchema.Column feature = SchemaChecks.GetColumn(data.Schema, featureColumnName, "Feature");
        CheckLabels(label, what);
        reader.CheckColumn(feature);
        var clips = new ClipDataset();
        List<IReadOnlyList<SoundEvent>> events = [];
        using DataViewRowCursor cursor = data.GetRowCursor([label, onset, offset, feature]);
        ValueGetter<VBuffer<uint>> labelGetter = cursor.GetGetter<VBuffer<uint>>(label);
        Func<double[]> onsets = Numbers(cursor, onset);
        Func<double[]> offsets = Numbers(cursor, offset);
        Func<float[]> values = reader.Values(cursor, feature);
        VBuffer<uint> keys = default;
        while (cursor.MoveNext())
        {
            labelGetter(ref keys);
            IReadOnlyList<SoundEvent> heard = Events(
                cursor.Position, clips.Count, [.. keys.DenseValues()], onsets(), offsets());
            clips.Add(values(), toTags(heard), cursor.Position);
            events.Add(heard);
        }

        return clips.Count > 0
            ? new EventClips(clips, events)
            : throw new InvalidDataException($"The {what} has no rows.");
    }

    private void CheckLabels(DataViewSchema.Column column, string what)
    {
        if (column.Type is not VectorDataViewType { ItemType: KeyDataViewType })
        {
            throw SchemaChecks.WrongType(column.Name, "Label", "a vector of keys, one an event", column.Type);
        }

        if (!LabelKeys.ReadTags(column).Names.SequenceEqual(labels.Names))
        {
            throw new InvalidDataException(
                $"Label column '{column.Name}' has other classes in the {what} than in the training set: "
                + "map both with the one fitted MapValueToKey.");
        }
    }

    private List<SoundEvent> Events(long row, int clip, uint[] keys, double[] onsets, double[] offsets)
    {
        if (onsets.Length != keys.Length || offsets.Length != keys.Length)
        {
            throw new InvalidDataException(
                $"Row {row} has {keys.Length} labels in column '{labelColumnName}', {onsets.Length} onsets in "
                + $"'{onsetColumnName}' and {offsets.Length} offsets in '{offsetColumnName}'; expected as many of each.");
        }

        List<SoundEvent> events = [];
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] == 0)
            {
                continue;
            }

            if (!(onsets[i] >= 0 && offsets[i] > onsets[i] && double.IsFinite(offsets[i])))
            {
                throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Row {row}: event {i} is from {onsets[i]} to {offsets[i]} s in columns '{onsetColumnName}' and '{offsetColumnName}'; expected 0 or more, and a later offset."));
            }

            events.Add(new SoundEvent(
                clip.ToString(CultureInfo.InvariantCulture), labels.Names[(int)keys[i] - 1], onsets[i], offsets[i]));
        }

        return events;
    }

    private static DataViewSchema.Column NumbersColumn(DataViewSchema schema, string name, string role)
    {
        DataViewSchema.Column column = SchemaChecks.GetColumn(schema, name, role);
        DataViewType? item = (column.Type as VectorDataViewType)?.ItemType;
        return item == NumberDataViewType.Single || item == NumberDataViewType.Double
            ? column
            : throw SchemaChecks.WrongType(
                name, role, "a vector of Single or Double, seconds of one event each", column.Type);
    }

    private static Func<double[]> Numbers(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        return ((VectorDataViewType)column.Type).ItemType == NumberDataViewType.Single
            ? Numbers<float>(value => value)
            : Numbers<double>(value => value);

        Func<double[]> Numbers<T>(Func<T, double> toDouble)
        {
            ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(column);
            VBuffer<T> buffer = default;
            return () =>
            {
                getter(ref buffer);
                return [.. buffer.DenseValues().Select(toDouble)];
            };
        }
    }
}
