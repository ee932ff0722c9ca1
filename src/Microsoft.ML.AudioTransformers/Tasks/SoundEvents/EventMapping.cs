using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>What a detector of sound events adds to a row; the row's clip is looked at once.</summary>
internal sealed class EventMapping : RowMapping
{
    private readonly SoundEventDetectionTransformer _detector;
    private readonly WaveformReader? _waveforms;
    private readonly Dictionary<string, uint> _keys;

    public EventMapping(SoundEventDetectionTransformer detector, DataViewSchema.Column features)
        : base([features], Columns(detector.Description))
    {
        _detector = detector;
        EventModelDescription description = detector.Description;
        _keys = description.EventNames().Select((name, i) => (name, i)).ToDictionary(item => item.name, item => (uint)item.i + 1);
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

    /// <summary>The columns that a model's detector adds.</summary>
    public static DataViewSchema.DetachedColumn[] Columns(EventModelDescription description) => EventColumns.Create(
        description.ClassNames, description.EventNames(), description.ScoreColumnName, description.EventColumnPrefix);

    /// <summary>Checks that a column holds frames of so many mel bins, however many frames.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not.</exception>
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
        ClipDetection Detect()
        {
            if (position != input.Position || position < 0)
            {
                features(ref buffer);
                ReadOnlySpan<float> values = buffer.IsDense ? buffer.GetValues() : buffer.DenseValues().ToArray();
                Check(values, input.Position);
                found = _detector.Detect("", values);
                position = input.Position;
            }

            return found;
        }

        ValueGetter<VBuffer<float>> Numbers(Func<SoundEvent, double> number) => (ref VBuffer<float> value) =>
            AnnotationKinds.Fill<float>(ref value, [.. Detect().Events.Select(item => (float)number(item))]);
        ValueGetter<VBuffer<float>> score = (ref VBuffer<float> value) => AnnotationKinds.Fill<float>(ref value, Detect().Scores);
        ValueGetter<VBuffer<uint>> labels = (ref VBuffer<uint> value) =>
            AnnotationKinds.Fill<uint>(ref value, [.. Detect().Events.Select(item => _keys[item.Label])]);
        Delegate[] getters =
            [score, labels, Numbers(item => item.Onset), Numbers(item => item.Offset), Numbers(item => item.Score)];
        return [.. getters.Select((getter, column) => isActive(column) ? getter : null)];
    }

    /// <summary>Checks the values of a row.</summary>
    /// <exception cref="InvalidDataException">They are not those of a clip that the model takes.</exception>
    public void Check(ReadOnlySpan<float> values, long row)
    {
        string column = Sources[0].Name;
        if (_waveforms is not null)
        {
            _waveforms.CheckValues(values, column, row);
            return;
        }

        int mels = _detector.Description.Shape.Mels;
        if (values.IsEmpty || values.Length % mels != 0)
        {
            throw new InvalidDataException(
                $"Column '{column}', row {row}: {values.Length} values; expected one or more frames of {mels} mel bins.");
        }

        FeatureReader.CheckFinite(values, column, row);
    }
}

/// <summary>What is heard in one clip.</summary>
/// <param name="Scores">The probability of each of the model's classes.</param>
/// <param name="Events">The events, in the order of their onsets.</param>
internal sealed record ClipDetection(float[] Scores, IReadOnlyList<SoundEvent> Events);
