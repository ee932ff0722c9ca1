using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Clips;

/// <summary>Reader of a column of waveforms, of which it computes log-mel features.</summary>
internal sealed class WaveformReader : FeatureReader
{
    private readonly LogMelExtractor _extractor;

    /// <param name="frontEnd">Log-mel options with the layout frames x bands, and TargetSamples or TargetFrames set.</param>
    /// <exception cref="ArgumentOutOfRangeException">The options have another layout, or no target length.</exception>
    public WaveformReader(LogMelOptions frontEnd)
        : this(new LogMelExtractor(frontEnd))
    {
    }

    private WaveformReader(LogMelExtractor extractor)
        : base(ShapeOf(extractor))
    {
        _extractor = extractor;
    }

    public override DataViewType ColumnType => new VectorDataViewType(NumberDataViewType.Single);

    public override void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector || vector.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                column.Name, "Feature", "a waveform, a vector of Single as LoadAudio makes it", column.Type);
        }

        if (AudioAnnotations.FindInt32(column, AudioAnnotations.Bands) is not null)
        {
            throw SchemaChecks.WrongType(
                column.Name, "Feature", "a waveform, since FrontEnd is set", "of log-mel features");
        }

        int expected = _extractor.Options.SampleRate;
        if (AudioAnnotations.FindWrongRate(column, expected) is { } wrong)
        {
            throw SchemaChecks.WrongType(column.Name, "Feature", $"a waveform at the front end's {expected} Hz", wrong);
        }
    }

    /// <summary>Whether a waveform of so many samples is long enough for one frame.</summary>
    public bool HasFrame(int samples) => samples > 0 && _extractor.FrameCount(samples) > 0;

    public override void CheckValues(ReadOnlySpan<float> values, string column, long row)
    {
        CheckFinite(values, column, row);
        if (!HasFrame(values.Length))
        {
            throw new InvalidDataException(
                $"Column '{column}', row {row}: the waveform has {values.Length} samples; "
                + "expected enough for one frame of the front end.");
        }
    }

    public override Func<LongRecording>? Recordings(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        int window = checked((int)_extractor.Options.TargetLength);
        if (window == 0 || RowGetters.FindOther<WaveformSource>(cursor, column) is not { } getter)
        {
            return null;
        }

        WaveformSource? source = null;
        return () =>
        {
            getter(ref source!);
            long row = cursor.Position;
            return new LongRecording(source, window, samples => CheckValues(samples, column.Name, row));
        };
    }

    public override ClipCuts CreateCuts(Action<string> warn, string column) => new ClipCuts(_extractor.Options, warn, column);

    public override void ToFeatures(ReadOnlySpan<float> values, Span<float> features) =>
        _extractor.Extract(values, features);

    private static FeatureShape ShapeOf(LogMelExtractor extractor)
    {
        LogMelOptions options = extractor.Options;
        if (options.Layout != FeatureLayout.FramesByBands)
        {
            throw Error(nameof(LogMelOptions.Layout), options.Layout, FeatureLayout.FramesByBands);
        }

        if (options.TargetSamples == 0 && options.TargetFrames == 0)
        {
            throw Error(nameof(LogMelOptions.TargetSamples), 0, "a length, or TargetFrames one: all clips get one shape");
        }

        int samples = options.TargetSamples > 0 ? options.TargetSamples : int.MaxValue;
        return new FeatureShape(extractor.FrameCount(samples), extractor.Bands);
    }

    private static ArgumentOutOfRangeException Error(string option, object value, object expected) => new(
        "FrontEnd", $"Option FrontEnd.{option} is {value}; expected {expected}.");
}
