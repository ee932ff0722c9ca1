using System.Runtime.InteropServices;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ffmpeg;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>
/// Decodes one audio file to interleaved float32 frames (one sample of each channel), block by block.
/// </summary>
/// <remarks>
/// A decoder that finds damage first gives the frames before it and throws <see cref="DamagedAudioException"/> at the next
/// <see cref="Read"/>. Where it can go on behind the damage, the <see cref="Read"/> after that does, with silence for the frames
/// that are lost if their number is known; where it cannot, that <see cref="Read"/> gives 0.
/// </remarks>
internal abstract class AudioDecoder : IDisposable
{
    private protected AudioDecoder(AudioSource source) => Source = source;

    /// <summary>Name of the audio in error messages: its path, or "stream" and the like.</summary>
    public string Name => Source.Name;

    /// <summary>The bytes, which this decoder owns.</summary>
    private protected AudioSource Source { get; }

    /// <summary>Whether <see cref="AudioInfo.Length"/> counts bytes that are there, so that memory can be taken for it.</summary>
    public virtual bool HasExactLength => false;

    /// <summary>The format, rate, channels and length.</summary>
    public abstract AudioInfo Info { get; }

    /// <summary>The next frame that <see cref="Read"/> gives, counted from 0.</summary>
    public long Position { get; private protected set; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ffmpeg">
    /// Name or path of the program that reads what this library does not; null for none, as servers want that read files of
    /// strangers.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no audio, or is cut inside its headers.</exception>
    /// <exception cref="NotSupportedException">
    /// It is of a format that only ffmpeg reads, which is not there or not wanted, or coded in a way that is not read here.
    /// </exception>
    public static AudioDecoder Open(string path, string? ffmpeg = FfmpegProgram.Default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        CheckFile(path);

        // The decoders bring their own blocks: a second buffer in the stream would only copy.
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var source = new AudioSource(file, path, leaveOpen: false);
        AudioDecoder? decoder = TryOpen(source);
        if (decoder is null)
        {
            source.Dispose();
        }

        return decoder ?? (ffmpeg is null || !FfmpegProgram.IsAllowed
            ? throw Unknown(path, $" Ffmpeg is turned off{(ffmpeg is null ? "" : $" by the switch {FfmpegProgram.Switch}")}.")
            : FfmpegReader.Start(path, FfmpegProgram.Find(ffmpeg) ?? throw Unknown(path, $" '{ffmpeg}' was not found:")));
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

    /// <summary>Opens audio from a stream's position on.</summary>
    public static AudioDecoder Open(Stream stream, string name, bool leaveOpen)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var source = new AudioSource(stream, name, leaveOpen);
        AudioDecoder? decoder = TryOpen(source);
        if (decoder is null)
        {
            source.Dispose();
        }

        return decoder ?? throw Unknown(name, "");
    }

    private static InvalidDataException Unknown(string name, string why) => new(
        $"'{name}' is no audio that can be read; expected {AudioFormats.Names}.{why} Other formats (M4A, MP4, WMA, AMR) are read "
        + "from files where ffmpeg is installed; else convert them, for example to FLAC.");

    private static AudioDecoder? TryOpen(AudioSource source)
    {
        try
        {
            return AudioFormats.TryOpen(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Decodes the next frames.</summary>
    /// <param name="interleaved">Room for the frames; its length is a multiple of the number of channels.</param>
    /// <returns>How many frames were decoded; 0 at the end only.</returns>
    /// <exception cref="DamagedAudioException">The next frames cannot be decoded, or the file ends early.</exception>
    public abstract int Read(Span<float> interleaved);

    /// <summary>
    /// Skips to a later frame, or to the end where the audio is shorter, without decoding the frames between.
    /// </summary>
    public abstract void SkipTo(long frame);

    /// <inheritdoc/>
    public virtual void Dispose() => Source.Dispose();

    // Opening a pipe waits for whoever writes to it.
    private static void CheckFile(string path)
    {
        string? kind = RegularFile.OtherKind(path);
        if (kind is not null and not "folder")
        {
            throw new InvalidDataException($"'{path}' is a {kind}; expected an audio file.");
        }

        if (kind is not null || !RegularFile.Exists(path))
        {
            string why = kind is not null ? ": it is a folder"
                : new FileInfo(path).LinkTarget is { } target ? $": it is a link that leads nowhere, to '{target}'"
                : "";
            throw new FileNotFoundException($"Audio file '{path}' does not exist{why}.", path);
        }

        if (RegularFile.IsEmpty(path))
        {
            throw new InvalidDataException($"'{path}' is empty: expected an audio file, found 0 bytes.");
        }
    }
}
