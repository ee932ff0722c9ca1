namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>
/// The recording of a row, of which parts can be read when the cursor has left the row, any number of times and by several
/// threads at once. A column that can give it answers a cursor's <c>GetGetter</c> with this type beside its own.
/// </summary>
/// <param name="open">Opens the recording; its errors name column and row.</param>
/// <param name="describe">Adds column and row to an error's message.</param>
/// <param name="file">The file's path; null where it is not known.</param>
internal sealed class WaveformSource(Func<AudioReader> open, Func<Exception, string> describe, string? file)
{
    private const int BlockSamples = 1 << 14;

    // Of a recording that was read already, until they are used once: a source is kept, and samples take memory.
    private float[]? _samples;

    /// <summary>Gives the samples, which whoever asks next gets without reading them again.</summary>
    /// <param name="samples">All of them.</param>
    public void Give(float[] samples) => _samples = samples;

    /// <summary>The number of samples, from the recording's headers, or -1 where only its end tells.</summary>
    /// <exception cref="FileNotFoundException">There is no such file; the message names column and row.</exception>
    /// <exception cref="InvalidDataException">It is no audio.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read.</exception>
    public long ReadLength()
    {
        using AudioReader reader = open();
        return reader.Length;
    }

    /// <summary>Reads the recording whole, unless its headers tell that it is longer than wanted.</summary>
    /// <param name="most">The most samples that are wanted.</param>
    /// <returns>The samples, of a recording of unknown length all that there are; null for one that is longer.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or has no sample; the message names column and row.</exception>
    public float[]? ReadShort(long most)
    {
        if (Interlocked.Exchange(ref _samples, null) is { } samples)
        {
            return samples.Length > most ? null : samples;
        }

        using AudioReader reader = open();
        return reader.Length > most ? null : Described(reader.ReadToEnd);
    }

    /// <summary>Reads the recording whole, block by block, and keeps nothing of it.</summary>
    /// <returns>Its samples.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or has no sample; the message names column and row.</exception>
    public long Check()
    {
        if (Interlocked.Exchange(ref _samples, null) is { } samples)
        {
            return samples.Length;
        }

        using AudioReader reader = open();
        return Described(() =>
        {
            float[] block = reader.ReadUpTo(BlockSamples);
            long length = block.Length;
            for (int read = block.Length; read == BlockSamples; length += read)
            {
                read = reader.Read(block);
            }

            return length;
        });
    }

    /// <summary>
    /// Reads a window of the recording, or all of it where it is no longer. No more is decoded than that, where the headers tell
    /// the length.
    /// </summary>
    /// <param name="samples">The window's length, at least 1.</param>
    /// <param name="place">
    /// The window's first sample, 0 to a number that it is given: the recording's samples less the window's. It is called once,
    /// and not for a recording that is no longer than a window.
    /// </param>
    /// <exception cref="InvalidDataException">It is damaged, or has no sample; the message names column and row.</exception>
    public float[] ReadWindow(int samples, Func<long, long> place)
    {
        double share;
        using (AudioReader reader = open())
        {
            long last = reader.Length - samples;
            if (last <= 0)
            {
                return Cut(Described(reader.ReadToEnd), samples, rest => (int)place(rest));
            }

            long start = place(last);
            share = (double)start / last;
            var window = new float[samples];
            int read = Described(() =>
            {
                reader.Skip(start);
                return reader.Read(window);
            });
            if (read == samples)
            {
                return window;
            }
        }

        // It ends before its headers say, and is damaged; who reads such a file on takes the window from what there is.
        using AudioReader whole = open();
        return Cut(Described(whole.ReadToEnd), samples, rest => (int)(share * rest));
    }

    private static float[] Cut(float[] all, int samples, Func<int, int> place)
    {
        if (all.Length <= samples)
        {
            return all;
        }

        int start = place(all.Length - samples);
        return all[start..(start + samples)];
    }

    private T Described<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException exception)
        {
            var described = new InvalidDataException(describe(exception), exception);
            described.Data[Hosting.SkippedRow.FileKey] = file;
            throw described;
        }
    }
}
