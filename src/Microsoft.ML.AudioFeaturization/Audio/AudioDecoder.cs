using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>
/// Decodes one audio file to interleaved float32 frames (one sample of each channel), block by block.
/// </summary>
internal abstract class AudioDecoder : IDisposable
{
    private protected AudioDecoder(string name) => Name = name;

    /// <summary>Name of the audio in error messages: its path, or "stream" and the like.</summary>
    public string Name { get; }

    /// <summary>The format, rate, channels and length.</summary>
    public abstract AudioInfo Info { get; }

    /// <summary>The next frame that <see cref="Read"/> gives, counted from 0.</summary>
    public long Position { get; private protected set; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no audio, or is cut inside its headers.</exception>
    /// <exception cref="NotSupportedException">The file is no WAV and libsndfile is not installed.</exception>
    public static AudioDecoder Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"Audio file '{path}' does not exist{(Directory.Exists(path) ? ": it is a folder" : "")}.", path);
        }

        // The decoders bring their own blocks: a second buffer in the stream would only copy.
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Open(file, path, leaveOpen: false);
    }

    /// <summary>Opens audio in memory.</summary>
    public static AudioDecoder Open(ReadOnlyMemory<byte> audio, string name)
    {
        if (!MemoryMarshal.TryGetArray(audio, out ArraySegment<byte> segment))
        {
            segment = audio.ToArray();
        }

        var stream = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
        return Open(stream, name, leaveOpen: false);
    }

    /// <summary>Opens audio from a stream's position on: WAV with this library, any other format with libsndfile.</summary>
    public static AudioDecoder Open(Stream stream, string name, bool leaveOpen)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            Span<byte> start = stackalloc byte[12];
            int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            if (read == 0)
            {
                throw new InvalidDataException($"'{name}' is empty: expected audio, found 0 bytes.");
            }

            if (WavHeader.IsWav(start[..read]))
            {
                return new WavReader(stream, name, start[..read], leaveOpen);
            }

            return OpenOther(stream, name, start[..read], leaveOpen);
        }
        catch when (!leaveOpen)
        {
            stream.Dispose();
            throw;
        }
    }

    // libsndfile seeks in a file, so a stream that cannot seek is read into memory first.
    private static SoundFileReader OpenOther(Stream stream, string name, ReadOnlySpan<byte> start, bool leaveOpen)
    {
        if (stream.CanSeek)
        {
            stream.Seek(-start.Length, SeekOrigin.Current);
            return new SoundFileReader(stream, name, leaveOpen);
        }

        var copy = new MemoryStream();
        copy.Write(start);
        stream.CopyTo(copy);
        copy.Position = 0;
        var reader = new SoundFileReader(copy, name, leaveOpen: false);
        if (!leaveOpen)
        {
            stream.Dispose();
        }

        return reader;
    }

    /// <summary>Decodes the next frames.</summary>
    /// <param name="interleaved">Room for the frames; its length is a multiple of the number of channels.</param>
    /// <returns>How many frames were decoded; 0 at the end only.</returns>
    public abstract int Read(Span<float> interleaved);

    /// <summary>
    /// Skips to a later frame, or to the end where the audio is shorter, without decoding the frames between.
    /// </summary>
    public abstract void SkipTo(long frame);

    /// <inheritdoc/>
    public abstract void Dispose();
}
