using System.Collections;
using System.Globalization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>
/// Row mapping of a detector: adds scores and events to a row, and detects once a row. It decodes events as the detector did
/// when the mapping was made.
/// </summary>
internal sealed class EventMapping : RowMapping
{
    private readonly IPresenceModel _model;
    private readonly EventDescription _description;
    private readonly WaveformReader? _waveforms;
    private readonly Dictionary<string, uint> _keys;

    /// <param name="model">Model.</param>
    /// <param name="description">Description of the model, with the decoding options to use.</param>
    /// <param name="features">The feature column.</param>
    public EventMapping(IPresenceModel model, EventDescription description, DataViewSchema.Column features)
        : base([features], Columns(description))
    {
        _model = model;
        _description = description;
        _keys = description.EventNames().Select((name, i) => (name, i))
            .ToDictionary(item => item.name, item => (uint)item.i + 1);
        if (description.FrontEnd is { } frontEnd)
        {
            _waveforms = new WaveformReader(frontEnd);
            _waveforms.CheckColumn(features);
        }
        else
        {
            CheckFeatures(features, description.Shape.Mels);
        }
    }

    /// <summary>Columns that the detector of a model adds.</summary>
    public static DataViewSchema.DetachedColumn[] Columns(EventDescription description) => EventColumns.Create(
        description.ClassNames, description.EventNames(), description.ScoreColumnName, description.EventColumnPrefix);

    /// <summary>Checks that a column holds any number of frames with a number of mel bins each.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column has another type.</exception>
    public static void CheckFeatures(DataViewSchema.Column column, int mels)
    {
        int? bands = column.Type switch
        {
            VectorDataViewType { Dimensions: [_, int columns] } => columns,
            VectorDataViewType { Dimensions.Length: > 2 } => 0,
            _ => AudioAnnotations.FindInt32(column, AudioAnnotations.Bands),
        };
        if ((column.Type as VectorDataViewType)?.ItemType != NumberDataViewType.Single || (bands ?? mels) != mels)
        {
            throw SchemaChecks.WrongType(
                column.Name, "Feature", $"a vector of Single, frames x {mels} mel bins as the model was trained on", column.Type);
        }
    }

    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        state = null;
        ValueGetter<VBuffer<float>> features = input.GetGetter<VBuffer<float>>(Sources[0]);
        VBuffer<float> buffer = default;
        ClipDetection found = new([], []);
        long position = -1;
        var guard = new RowGuard();
        ClipDetection OfRow()
        {
            using RowGuard.Use use = guard.Enter();
            if (position != input.Position || position < 0)
            {
                features(ref buffer);
                found = Detect("", buffer, input.Position);
                position = input.Position;
            }

            return found;
        }

        ValueGetter<VBuffer<float>> Numbers(Func<SoundEvent, double> number) => (ref VBuffer<float> value) =>
            AnnotationKinds.Fill<float>(ref value, [.. OfRow().Events.Select(item => (float)number(item))]);
        ValueGetter<VBuffer<float>> score =
            (ref VBuffer<float> value) => AnnotationKinds.Fill<float>(ref value, OfRow().Scores);
        ValueGetter<VBuffer<uint>> labels = (ref VBuffer<uint> value) =>
            AnnotationKinds.Fill<uint>(ref value, [.. OfRow().Events.Select(item => _keys[item.Label])]);
        Delegate[] getters =
            [score, labels, Numbers(item => item.Onset), Numbers(item => item.Offset), Numbers(item => item.Score)];
        return [.. getters.Select((getter, column) => isActive(column) ? getter : null)];
    }

    /// <summary>Checks the values of a row, and detects their events.</summary>
    /// <param name="clip">Name of the clip.</param>
    /// <param name="values">The feature column's values.</param>
    /// <param name="row">The row, for messages.</param>
    /// <exception cref="InvalidDataException">The values are not those of a clip that the model takes.</exception>
    public ClipDetection Detect(string clip, in VBuffer<float> values, long row)
    {
        ReadOnlySpan<float> dense = values.IsDense ? values.GetValues() : values.DenseValues().ToArray();
        Check(dense, row);
        return ClipDetection.Of(_model, _description, clip, dense);
    }

    private void Check(ReadOnlySpan<float> values, long row)
    {
        string column = Sources[0].Name;
        if (_waveforms is not null)
        {
            _waveforms.CheckValues(values, column, row);
            return;
        }

        int mels = _description.Shape.Mels;
        if (values.IsEmpty || values.Length % mels != 0)
        {
            throw new InvalidDataException(
                $"Column '{column}', row {row}: {values.Length} values; expected one or more frames of {mels} mel bins.");
        }

        FeatureReader.CheckFinite(values, column, row);
    }
}

/// <summary>Detection in one clip.</summary>
/// <param name="Scores">Probability of each of the model's classes in the whole clip.</param>
/// <param name="Events">Events, in order of onset.</param>
internal sealed record ClipDetection(float[] Scores, IReadOnlyList<SoundEvent> Events)
{
    /// <summary>Detects the events of a clip.</summary>
    /// <param name="model">Model.</param>
    /// <param name="description">Description of the model, with the decoding options to use.</param>
    /// <param name="clip">Name of the clip.</param>
    /// <param name="values">Log-mel features, or the waveform if the model has a front end; checked.</param>
    public static ClipDetection Of(
        IPresenceModel model, EventDescription description, string clip, ReadOnlySpan<float> values)
    {
        if (description.FrontEnd is not null)
        {
            var stream = new StreamingSoundEventDetector(clip, model, description);
            List<SoundEvent> events = [.. stream.Write(values), .. stream.Finish()];
            return new ClipDetection(stream.Scores(), InOrder(events));
        }

        var map = new PresenceStream(model);
        var decoder = new StreamingEventDecoder(clip, description);
        List<float> presence = [];
        map.Add(values, presence);
        decoder.Add(presence, map.Finish(presence));
        decoder.Finish(values.Length / description.Shape.Mels * description.SecondsPerFrame);
        return new ClipDetection(map.Scores(), InOrder(decoder.Take()));
    }

    private static SoundEvent[] InOrder(IEnumerable<SoundEvent> events) =>
        [.. events.OrderBy(item => item.Onset).ThenBy(item => item.Label, StringComparer.Ordinal)];
}

/// <summary>Events of the clips of a data view; each enumeration detects them again.</summary>
internal sealed class ClipEventSource : IEnumerable<SoundEvent>
{
    private readonly EventMapping _mapping;
    private readonly IDataView _input;
    private readonly DataViewSchema.Column? _clip;

    /// <param name="model">Model.</param>
    /// <param name="description">Description of the model, with the decoding options to use.</param>
    /// <param name="input">Rows with the features or waveforms of the clips.</param>
    /// <param name="clipColumnName">Text column with the names of the clips; null for the numbers of their rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public ClipEventSource(
        IPresenceModel model, EventDescription description, IDataView input, string? clipColumnName)
    {
        _input = input;
        _mapping = new EventMapping(
            model, description, SchemaChecks.GetColumn(input.Schema, description.FeatureColumnName, "Feature"));
        if (clipColumnName is not null)
        {
            DataViewSchema.Column clip = SchemaChecks.GetColumn(input.Schema, clipColumnName, "Clip");
            _clip = clip.Type is TextDataViewType ? clip : throw SchemaChecks.WrongType(clip.Name, "Clip", "text", clip.Type);
        }
    }

    public IEnumerator<SoundEvent> GetEnumerator()
    {
        DataViewSchema.Column features = _mapping.Sources[0];
        using DataViewRowCursor cursor = _input.GetRowCursor(_clip is { } name ? [features, name] : [features]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(features);
        ValueGetter<ReadOnlyMemory<char>>? clipGetter =
            _clip is { } column ? cursor.GetGetter<ReadOnlyMemory<char>>(column) : null;
        VBuffer<float> values = default;
        ReadOnlyMemory<char> clip = default;
        while (cursor.MoveNext())
        {
            clipGetter?.Invoke(ref clip);
            string clipName = clipGetter is null ? cursor.Position.ToString(CultureInfo.InvariantCulture) : clip.ToString();
            getter(ref values);
            foreach (SoundEvent found in _mapping.Detect(clipName, values, cursor.Position).Events)
            {
                yield return found;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
