using System.Globalization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Reads clips with weak labels, as the trainer of tagging does, or with annotated events, as targets of each step in time.
/// </summary>
/// <param name="options">The trainer's options.</param>
/// <param name="task">The task.</param>
/// <param name="features">Reads and checks the feature column.</param>
/// <param name="secondsPerFrame">Seconds from one frame of the features to the next.</param>
/// <param name="channel">The channel of warnings.</param>
internal sealed class EventReader(
    SoundEventDetectionTrainer.Options options,
    EventTask task,
    FeatureReader features,
    double secondsPerFrame,
    IChannel channel)
    : ClipReader(options.Model, features, channel)
{
    private readonly TaggingReader _weak = new(options.Model, task, task.Labels, features, channel);
    private readonly Dictionary<string, int> _classes =
        task.Labels.Names.Select((name, place) => (name, place)).ToDictionary(item => item.name, item => item.place);

    public override AudioTask Task => task;

    /// <summary>Seconds from one frame of the features to the next.</summary>
    public double SecondsPerFrame => secondsPerFrame;

    /// <summary>The annotated events of the validation set, where they were read; a clip is called by its place.</summary>
    public IReadOnlyList<SoundEvent> ValidationEvents { get; private set; } = [];

    public override ClipDataset ReadTraining(IDataView data) => options.Supervision == EventSupervision.Weak
        ? _weak.ReadTraining(data)
        : Read(data, "training set", StepTargets(), []);

    public override ClipDataset ReadValidation(IDataView data, ClipDataset training)
    {
        if (options is { Supervision: EventSupervision.Weak, TuneThresholds: false })
        {
            return _weak.ReadValidation(data, training);
        }

        List<SoundEvent> events = [];
        ClipDataset clips = Read(data, "validation set", heard => EventTargets.OfClip(heard, _classes), events);
        ValidationEvents = events;
        return clips;
    }

    /// <summary>Reads clips with events.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="what">Name of the dataset in messages.</param>
    /// <param name="toTargets">Makes a clip's targets of its events.</param>
    /// <param name="all">Receives the events of all clips.</param>
    private ClipDataset Read(
        IDataView data, string what, Func<IReadOnlyList<SoundEvent>, float[]> toTargets, List<SoundEvent> all)
    {
        DataViewSchema.Column label = SchemaChecks.GetColumn(data.Schema, options.Model.LabelColumnName, "Label");
        DataViewSchema.Column onset = NumbersColumn(data.Schema, options.OnsetColumnName, "Onset");
        DataViewSchema.Column offset = NumbersColumn(data.Schema, options.OffsetColumnName, "Offset");
        CheckLabels(label, what);
        return Read(data, what, [label, onset, offset], Labels, "events");

        Func<ClipLabels?> Labels(DataViewRowCursor cursor)
        {
            ValueGetter<VBuffer<uint>> labelGetter = cursor.GetGetter<VBuffer<uint>>(label);
            Func<double[]> onsets = Numbers(cursor, onset);
            Func<double[]> offsets = Numbers(cursor, offset);
            VBuffer<uint> keys = default;
            int clip = 0;
            return () =>
            {
                labelGetter(ref keys);
                List<SoundEvent> heard = Events(cursor.Position, clip++, [.. keys.DenseValues()], onsets(), offsets());
                all.AddRange(heard);
                return new ClipLabels(0, toTargets(heard));
            };
        }
    }

    /// <summary>Makes a clip's targets of its events, for each step of the presence map that the network gives of it.</summary>
    private Func<IReadOnlyList<SoundEvent>, float[]> StepTargets()
    {
        PresenceMapGeometry map = ModelFamilies.Of(options.Model.ModelConfig)
            .PresenceMap(options.Model.ModelConfig, Features.Shape, task.Labels.Count);
        int frames = Features.Shape.Frames;
        OptionCheck.That(
            frames <= map.Frames, $"one whose image has {map.Frames} frames", nameof(options.Model),
            $"one whose image holds all {frames} of a clip, for labels with times to fit it");
        int copies = map.Copies(frames);
        double duration = frames * secondsPerFrame;
        return heard =>
        {
            IEnumerable<SoundEvent> repeated = Enumerable.Range(0, copies).SelectMany(copy => heard.Select(item => item with
            {
                Onset = item.Onset + (copy * duration),
                Offset = item.Offset + (copy * duration),
            }));
            return EventTargets.OfSteps([.. repeated], _classes, map.Steps, copies * duration / map.Steps);
        };
    }

    private void CheckLabels(DataViewSchema.Column column, string what)
    {
        if (column.Type is not VectorDataViewType { ItemType: KeyDataViewType })
        {
            throw SchemaChecks.WrongType(column.Name, "Label", "a vector of keys, one an event", column.Type);
        }

        if (!LabelKeys.ReadMultiLabel(column).Names.SequenceEqual(task.Labels.Names))
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
                $"Row {row} has {keys.Length} labels in column '{options.Model.LabelColumnName}', {onsets.Length} onsets in "
                + $"'{options.OnsetColumnName}' and {offsets.Length} offsets in '{options.OffsetColumnName}'; expected as many of each.");
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
                    $"Row {row}: event {i} is from {onsets[i]} to {offsets[i]} s in columns '{options.OnsetColumnName}' and '{options.OffsetColumnName}'; expected 0 or more, and a later offset."));
            }

            events.Add(new SoundEvent(
                clip.ToString(CultureInfo.InvariantCulture), task.Labels.Names[(int)keys[i] - 1], onsets[i], offsets[i]));
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
