using Microsoft.ML.AudioFeaturization.Transforms;

namespace Microsoft.ML.AudioFeaturization.Clips;

/// <summary>
/// A recording of which a training hears a window at a time, read when it is needed. Safe for use by several threads at once.
/// </summary>
/// <param name="source">The recording.</param>
/// <param name="window">Samples of a window, at least 1.</param>
/// <param name="check">Checks the values of a window.</param>
internal sealed class LongRecording(WaveformSource source, int window, Action<float[]> check)
{
    /// <summary>Reads the whole of a recording that is no longer than a number of windows, or of unknown length.</summary>
    /// <param name="windows">The number of windows, at least 1.</param>
    /// <returns>The samples; null for a recording that is longer, by its headers.</returns>
    /// <exception cref="InvalidDataException">
    /// It is damaged, or has too few samples for a frame; the message names column and row.
    /// </exception>
    public float[]? ReadShort(int windows)
    {
        float[]? samples = source.ReadShort((long)windows * window);
        if (samples is not null)
        {
            check(samples);
        }

        return samples;
    }

    /// <summary>Reads the recording whole, block by block, and keeps nothing of it.</summary>
    /// <exception cref="InvalidDataException">
    /// It is damaged, or has too few samples for a frame; the message names column and row.
    /// </exception>
    public void Check()
    {
        if (source.Check() < window)
        {
            ReadBeginning();
        }
    }

    /// <inheritdoc cref="WaveformSource.ReadLength"/>
    public long ReadLength() => source.ReadLength();

    /// <summary>Reads the window at a place, or the whole of a recording that is no longer.</summary>
    /// <param name="place">The window's first sample, at most the number that it is given.</param>
    /// <exception cref="FileNotFoundException">The file is no longer there.</exception>
    /// <exception cref="InvalidDataException">
    /// It is damaged, or has too few samples for a frame; the message names column and row.
    /// </exception>
    public float[] Read(Func<long, long> place)
    {
        float[] samples = source.ReadWindow(window, place);
        check(samples);
        return samples;
    }

    /// <summary>Reads the window at the beginning.</summary>
    /// <inheritdoc cref="Read"/>
    public float[] ReadBeginning() => Read(_ => 0);
}
