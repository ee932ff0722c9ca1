using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>
/// The waveform of a row as a stream, so that a recording of any length takes flat memory. A column that can give it answers a
/// cursor's <c>GetGetter</c> with this type beside its own; the caller disposes each value.
/// </summary>
internal sealed class WaveformStream : IDisposable
{
    private readonly AudioReader? _reader;
    private readonly SampleReader _read;
    private readonly Func<Exception, string>? _describe;

    /// <param name="reader">The recording.</param>
    /// <param name="describe">Adds column and row to an error's message.</param>
    public WaveformStream(AudioReader reader, Func<Exception, string> describe) =>
        (_reader, _read, _describe, Length) = (reader, reader.Read, describe, reader.Length);

    /// <param name="samples">All of the recording.</param>
    public WaveformStream(ReadOnlyMemory<float> samples) =>
        (_read, Length) = (WaveformWindows.ReaderOf(samples), samples.Length);

    /// <summary>The number of samples, or -1 where it is unknown until the end is read.</summary>
    public long Length { get; }

    /// <summary>Getter of a column's streams; null where the column, or a view that it passes through, has none.</summary>
    /// <param name="row">A row in which the column is active.</param>
    /// <param name="column">A column of waveforms.</param>
    public static ValueGetter<WaveformStream?>? Find(DataViewRow row, DataViewSchema.Column column) =>
        RowGetters.FindOther<WaveformStream?>(row, column);

    /// <summary>Reads the next samples.</summary>
    /// <param name="samples">Room for the samples.</param>
    /// <returns>How many; fewer than there is room for at the end only.</returns>
    /// <exception cref="InvalidDataException">The recording is damaged; the message names column, row and file.</exception>
    public int Read(Span<float> samples)
    {
        try
        {
            return _read(samples);
        }
        catch (InvalidDataException exception) when (_describe is not null)
        {
            throw new InvalidDataException(_describe(exception), exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader?.Dispose();
}
