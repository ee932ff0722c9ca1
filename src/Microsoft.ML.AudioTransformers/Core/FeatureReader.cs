using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Turns what a feature column holds into the features of a model: log-mel, of one known shape.</summary>
internal abstract class FeatureReader
{
    protected FeatureReader(FeatureShape shape)
    {
        Shape = shape;
    }

    /// <summary>The features that come out.</summary>
    public FeatureShape Shape { get; }

    /// <summary>The type of a column that this reader takes.</summary>
    public abstract DataViewType ColumnType { get; }

    /// <summary>Checks that a column's type is what this reader takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not; the message says what was expected.</exception>
    public abstract void CheckColumn(DataViewSchema.Column column);

    /// <summary>Checks one row's values.</summary>
    /// <exception cref="InvalidDataException">They are not finite, or too few or many.</exception>
    public abstract void CheckValues(ReadOnlySpan<float> values, string column, long row);

    /// <summary>Reads and checks what a column holds in the row that a cursor is on.</summary>
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

    /// <param name="values">What the column held, checked.</param>
    /// <param name="features">(frames, mels), filled.</param>
    public abstract void ToFeatures(ReadOnlySpan<float> values, Span<float> features);

    /// <summary>The error for a value that is not finite.</summary>
    public static void CheckFinite(ReadOnlySpan<float> values, string column, long row)
    {
        if (FirstNotFinite(values) is { } i)
        {
            throw new InvalidDataException(
                $"Column '{column}', row {row}: value {i} is {values[i]}; expected finite numbers.");
        }
    }

    /// <summary>The place of the first value that is not finite, or null.</summary>
    public static int? FirstNotFinite(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return null;
    }
}
