using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>
/// The waveform of a row as a stream, so that a recording of any length takes flat memory. A column that can give it answers a
/// cursor's <c>GetGetter</c> with this type beside its own; the caller disposes each value.
/// </summary>
/// <param name="reader">The recording.</param>
/// <param name="describe">Adds column and row to an error's message.</param>
internal sealed class WaveformStream(AudioReader reader, Func<Exception, string> describe) : IDisposable
{
    /// <summary>The rate of the samples in Hz.</summary>
    public int SampleRate => reader.SampleRate;

    /// <summary>
    /// A cursor of one thread: where a view would read rows ahead on several, and hold their whole waveforms, it is asked not to.
    /// </summary>
    public static DataViewRowCursor OpenCursor(
        IDataView view, IEnumerable<DataViewSchema.Column> columns, Random? rand)
    {
        List<DataViewSchema.Column> needed = [.. columns];
        DataViewRowCursor[] cursors = view.GetRowCursorSet(needed, 1, rand);
        if (cursors.Length == 1)
        {
            return cursors[0];
        }

        Array.ForEach(cursors, cursor => cursor.Dispose());
        return view.GetRowCursor(needed, rand);
    }

    /// <summary>Getter of a column's streams; null where the column, or a view that it passes through, has none.</summary>
    /// <param name="row">A row in which the column is active.</param>
    /// <param name="column">A column of waveforms.</param>
    public static ValueGetter<WaveformStream?>? Find(DataViewRow row, DataViewSchema.Column column)
    {
        try
        {
            return row.GetGetter<WaveformStream?>(column);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException
            or InvalidCastException or NotSupportedException)
        {
            // Whatever holds values has them in the column's own type alone, and says so in its own way.
            return null;
        }
    }

    /// <summary>Reads the next samples.</summary>
    /// <param name="samples">Room for the samples.</param>
    /// <returns>How many; fewer than there is room for at the end only.</returns>
    /// <exception cref="InvalidDataException">The recording is damaged; the message names column, row and file.</exception>
    public int Read(Span<float> samples)
    {
        try
        {
            return reader.Read(samples);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException(describe(exception), exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();
}
