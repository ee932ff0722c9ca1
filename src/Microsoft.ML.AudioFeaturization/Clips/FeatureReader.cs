using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Clips;

/// <summary>Reader of a feature column. It turns a row's values into log-mel features of one fixed shape.</summary>
internal abstract class FeatureReader
{
    protected FeatureReader(FeatureShape shape)
    {
        Shape = shape;
    }

    /// <summary>Shape of the features.</summary>
    public FeatureShape Shape { get; }

    /// <summary>Expected column type.</summary>
    public abstract DataViewType ColumnType { get; }

    /// <summary>Checks a column's type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is wrong; the message says what was expected.</exception>
    public abstract void CheckColumn(DataViewSchema.Column column);

    /// <summary>Checks one row's values.</summary>
    /// <exception cref="InvalidDataException">A value is not finite, or there are too few or too many.</exception>
    public abstract void CheckValues(ReadOnlySpan<float> values, string column, long row);

    /// <summary>Getter of a column's values, checked, in the row at which a cursor is.</summary>
    public Func<float[]> Values(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> buffer = default;
        return () =>
        {
            getter(ref buffer);
            var values = new float[buffer.Length];
            buffer.CopyTo(values);
            CheckValues(values, column.Name, cursor.Position);
            return values;
        };
    }

    /// <summary>
    /// Getter of a column's recordings, of which windows are read; null where the column holds values, whole or as features.
    /// </summary>
    public virtual Func<LongRecording>? Recordings(DataViewRowCursor cursor, DataViewSchema.Column column) => null;

    /// <summary>Converts the values of one row to features.</summary>
    /// <param name="values">Checked values of the column.</param>
    /// <param name="features">Receives the features, (frames, mels).</param>
    public abstract void ToFeatures(ReadOnlySpan<float> values, Span<float> features);

    /// <summary>A count of the clips of which only the beginning is heard; null where the column holds features.</summary>
    /// <param name="warn">Takes the message.</param>
    /// <param name="column">The column, in words.</param>
    public virtual ClipCuts? CreateCuts(Action<string> warn, string column) => null;

    /// <summary>Checks that all values of a row are finite.</summary>
    /// <exception cref="InvalidDataException">One is not; the message names column, row, index and value.</exception>
    public static void CheckFinite(ReadOnlySpan<float> values, string column, long row)
    {
        if (FirstNotFinite(values) is { } i)
        {
            throw new InvalidDataException(
                $"Column '{column}', row {row}: value {i} is {values[i]}; expected finite numbers.");
        }
    }

    /// <summary>Index of the first value that is not finite; null if all are finite.</summary>
    public static int? FirstNotFinite(ReadOnlySpan<float> values) =>
        FiniteNumbers.FirstOther(values) is >= 0 and var place ? place : null;
}
