namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>A format of audio files: it knows its own by their content, and opens them.</summary>
internal abstract class AudioFormat
{
    /// <summary>Name in messages, such as "FLAC".</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Whether a recording has this format. It looks at the next bytes by <see cref="AudioSource.Peek"/> and reads none.
    /// </summary>
    public abstract bool Matches(AudioSource source);

    /// <summary>Opens a recording that matches, which the decoder then owns.</summary>
    /// <exception cref="InvalidDataException">It is cut inside its headers, or they make no sense.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read here; the message says which.</exception>
    public abstract AudioDecoder Open(AudioSource source);
}
