using System.Globalization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Reader of the datasets of sound event detection: clips with weak labels, as tagging has them, or with annotated events,
/// which become targets for each step of the presence map.
/// </summary>
/// <param name="options">Options of the trainer.</param>
/// <param name="task">Task with the classes.</param>
/// <param name="features">Reader of the feature column.</param>
/// <param name="secondsPerFrame">Seconds from one frame of the features to the next.</param>
/// <param name="channel">Channel for warnings.</param>
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

    /// <summary>Annotated events of the validation set; empty if they were not read. A clip's name is its index.</summary>
    public IReadOnlyList<SoundEvent> ValidationEvents { get; private set; } = [];

    public override ClipDataset ReadTraining(IDataView data) => options.Supervision == EventSupervision.Weak
        ? _weak.ReadTraining(data)
        : ReadStrong(data);

    public override ClipDataset ReadValidation(IDataView data, ClipDataset training)
    {
        if (options is { Supervision: EventSupervision.Weak, TuneThresholds: false })
        {
            return _weak.ReadValidation(data, training);
        }

        List<SoundEvent> events = [];
        ClipDataset clips = Read(data, ValidationSet, own => EventTargets.OfClip(own, _classes), events);
        ValidationEvents = events;
        return clips;
    }

    /// <summary>Reads a training set with strong labels: at least one event.</summary>
    private ClipDataset ReadStrong(IDataView data)
    {
        List<SoundEvent> events = [];
        ClipDataset clips = Read(data, TrainingSet, StepTargets(), events);
        if (events.Count == 0)
        {
            throw new InvalidDataException(
                $"None of the {clips.Count} rows of the training set has an event in label column "
                + $"'{options.Model.LabelColumnName}'.");
        }

        WarnOfMissing(
            options.Model.LabelColumnName, task.Labels, task.Labels.Count - events.DistinctBy(item => item.Label).Count());
        return clips;
    }

    /// <summary>Reads clips with events.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="what">Name of the dataset in messages.</param>
    /// <param name="toTargets">Converts the events of a clip to its targets.</param>
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
            Func<double[]> onsets = ColumnReaders.Numbers(cursor, onset, "Onset");
            Func<double[]> offsets = ColumnReaders.Numbers(cursor, offset, "Offset");
            VBuffer<uint> keys = default;
            int clip = 0;
            return () =>
            {
                labelGetter(ref keys);
                List<SoundEvent> events = Events(cursor.Position, clip++, [.. keys.DenseValues()], onsets(), offsets());
                all.AddRange(events);
                return new ClipLabels(0, toTargets(events));
            };
        }
    }

    /// <summary>Converter of the events of a clip to targets for each step of the network's presence map.</summary>
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
        return events =>
        {
            IEnumerable<SoundEvent> repeated = Enumerable.Range(0, copies).SelectMany(copy => events.Select(item => item with
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
                + $"'{options.OnsetColumnName}' and {offsets.Length} offsets in '{options.OffsetColumnName}'; "
                + "expected as many of each.");
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
                    $"Row {row}: event {i} is from {onsets[i]} to {offsets[i]} s in columns '{options.OnsetColumnName}' and "
                    + $"'{options.OffsetColumnName}'; expected 0 or more, and a later offset."));
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
}

/// <summary>Targets of the events of a clip, for the whole clip or for each step of its presence map.</summary>
internal static class EventTargets
{
    /// <summary>Targets of a clip, (classes): 1 for each class with an event.</summary>
    public static float[] OfClip(IReadOnlyList<SoundEvent> events, IReadOnlyDictionary<string, int> classes)
    {
        var targets = new float[classes.Count];
        foreach (SoundEvent item in events)
        {
            targets[classes[item.Label]] = 1;
        }

        return targets;
    }

    /// <summary>
    /// Targets of steps, (steps, classes): 1 for each step whose middle lies in an event. A short event in which no step's
    /// middle lies counts for the step that its own middle lies in.
    /// </summary>
    /// <param name="events">Events of the clip.</param>
    /// <param name="classes">Index of each class.</param>
    /// <param name="steps">Number of steps.</param>
    /// <param name="secondsPerStep">Seconds of a step.</param>
    public static float[] OfSteps(
        IReadOnlyList<SoundEvent> events, IReadOnlyDictionary<string, int> classes, int steps, double secondsPerStep)
    {
        var targets = new float[steps * classes.Count];
        foreach (SoundEvent item in events)
        {
            int first = (int)Math.Ceiling((item.Onset / secondsPerStep) - 0.5);
            int end = (int)Math.Min(steps, Math.Ceiling((item.Offset / secondsPerStep) - 0.5));
            if (first >= end)
            {
                first = (int)Math.Min((item.Onset + item.Offset) / 2 / secondsPerStep, int.MaxValue - 1);
                end = Math.Min(steps, first + 1);
            }

            for (int step = first; step < end; step++)
            {
                targets[(step * classes.Count) + classes[item.Label]] = 1;
            }
        }

        return targets;
    }
}
