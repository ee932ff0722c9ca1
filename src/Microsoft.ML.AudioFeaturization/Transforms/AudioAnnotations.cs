using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>Annotations of waveform and feature columns: sample rate, hop length, bands, frames and layout.</summary>
internal static class AudioAnnotations
{
    /// <summary>
    /// Samples a second of a waveform, or of the waveform behind features; 0 where each waveform has its file's own; Int32.
    /// </summary>
    public const string SampleRate = "AudioSampleRate";

    /// <summary>Samples from one frame of features to the next; Int32.</summary>
    public const string HopLength = "AudioHopLength";

    /// <summary>The number of bands of a frame; Int32.</summary>
    public const string Bands = "AudioBands";

    /// <summary>The number of frames, or 0 where it varies with the row; Int32.</summary>
    public const string Frames = "AudioFrames";

    /// <summary>The <see cref="FeatureLayout"/> of features; text.</summary>
    public const string Layout = "AudioLayout";

    /// <summary>Adds a number.</summary>
    public static void AddInt32(this DataViewSchema.Annotations.Builder builder, string kind, int value) =>
        builder.AddPrimitiveValue(kind, NumberDataViewType.Int32, value);

    /// <summary>The number that a column is annotated with, or null.</summary>
    public static int? FindInt32(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is not { } annotation
            || annotation.Type != NumberDataViewType.Int32)
        {
            return null;
        }

        int value = 0;
        column.Annotations.GetValue(kind, ref value);
        return value;
    }

    /// <summary>
    /// What is wrong with the rate of a column of waveforms for a front end of one rate; null where nothing is, or the
    /// column does not tell.
    /// </summary>
    public static string? FindWrongRate(DataViewSchema.Column column, int expected) => FindInt32(column, SampleRate) switch
    {
        null => null,
        0 => "waveforms at each file's own rate, since LoadAudio got no sampleRate",
        int rate when rate != expected => $"a waveform at {rate} Hz",
        _ => null,
    };

    /// <summary>The text that a column is annotated with, or null.</summary>
    public static string? FindText(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is not { Type: TextDataViewType })
        {
            return null;
        }

        ReadOnlyMemory<char> value = default;
        column.Annotations.GetValue(kind, ref value);
        return value.ToString();
    }
}
