using System.Collections;
using System.Globalization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>The events of the clips of a view, detected anew each time they are asked for.</summary>
internal sealed class ClipEventSource : IEnumerable<SoundEvent>
{
    private readonly SoundEventDetectionTransformer _detector;
    private readonly EventMapping _mapping;
    private readonly IDataView _input;
    private readonly DataViewSchema.Column? _clip;

    /// <param name="detector">The detector.</param>
    /// <param name="input">The clips.</param>
    /// <param name="clipColumnName">The text column with their names, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public ClipEventSource(SoundEventDetectionTransformer detector, IDataView input, string? clipColumnName)
    {
        _detector = detector;
        _input = input;
        _mapping = new EventMapping(
            detector, SchemaChecks.GetColumn(input.Schema, detector.FeatureColumnName, "Feature"));
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
        ValueGetter<ReadOnlyMemory<char>>? clipGetter = _clip is { } column ? cursor.GetGetter<ReadOnlyMemory<char>>(column) : null;
        VBuffer<float> values = default;
        ReadOnlyMemory<char> clip = default;
        while (cursor.MoveNext())
        {
            clipGetter?.Invoke(ref clip);
            string clipName = clipGetter is null ? cursor.Position.ToString(CultureInfo.InvariantCulture) : clip.ToString();
            getter(ref values);
            foreach (SoundEvent found in Detect(clipName, values, cursor.Position))
            {
                yield return found;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IReadOnlyList<SoundEvent> Detect(string clip, in VBuffer<float> values, long row)
    {
        ReadOnlySpan<float> dense = values.IsDense ? values.GetValues() : values.DenseValues().ToArray();
        _mapping.Check(dense, row);
        return _detector.Detect(clip, dense).Events;
    }
}
