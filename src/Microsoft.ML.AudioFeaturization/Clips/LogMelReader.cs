using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Clips;

/// <summary>Reader of a column of log-mel features, a vector of (frames, mels).</summary>
internal sealed class LogMelReader(FeatureShape shape) : FeatureReader(shape)
{
    /// <summary>Creates the reader of a column, with the shape of its features.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is not a vector of two known sizes, frames first.
    /// </exception>
    public static LogMelReader For(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType { IsKnownSize: true, Dimensions.Length: 2 } vector
            || vector.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                column.Name,
                "Feature",
                "a vector of Single with two known sizes, frames x mel bins, as ExtractLogMel makes it with a target "
                + "length; or, with FrontEnd set, a waveform",
                column.Type);
        }

        if (AudioAnnotations.FindText(column, AudioAnnotations.Layout) == nameof(FeatureLayout.BandsByFrames))
        {
            throw SchemaChecks.WrongType(
                column.Name, "Feature", $"in the layout {FeatureLayout.FramesByBands}", FeatureLayout.BandsByFrames);
        }

        return new LogMelReader(new FeatureShape(vector.Dimensions[0], vector.Dimensions[1]));
    }

    public override DataViewType ColumnType =>
        new VectorDataViewType(NumberDataViewType.Single, Shape.Frames, Shape.Mels);

    public override void CheckColumn(DataViewSchema.Column column)
    {
        LogMelReader actual = For(column);
        if (actual.Shape != Shape)
        {
            throw SchemaChecks.WrongType(
                column.Name, "Feature", $"{Shape}, the shape that the model was trained on", actual.Shape);
        }
    }

    public override void CheckValues(ReadOnlySpan<float> values, string column, long row)
    {
        if (values.Length != Shape.Length)
        {
            throw new InvalidDataException(
                $"Column '{column}', row {row}: {values.Length} values; expected {Shape.Length} ({Shape}).");
        }

        CheckFinite(values, column, row);
    }

    public override void ToFeatures(ReadOnlySpan<float> values, Span<float> features) => values.CopyTo(features);
}
