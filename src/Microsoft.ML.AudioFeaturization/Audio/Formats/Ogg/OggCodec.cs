namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>What codes the packets of a stream in an Ogg file.</summary>
internal abstract class OggCodec : IDisposable
{
    /// <summary>Name for <see cref="AudioInfo.Format"/>, such as "OGG, Vorbis".</summary>
    public abstract string Format { get; }

    /// <summary>Of the frames that are decoded, and in which granule positions count; in Hz.</summary>
    public abstract int SampleRate { get; }

    /// <summary>At least 1.</summary>
    public abstract int Channels { get; }

    /// <summary>Frames at the start of a stream that are decoded and not given.</summary>
    public virtual int PreSkip => 0;

    /// <summary>Frames that are decoded before the wanted ones where decoding begins in the middle.</summary>
    public virtual int PreRoll => 0;

    /// <summary>Takes the next header packet.</summary>
    /// <returns>Whether it was the last one: audio follows.</returns>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read here.</exception>
    public abstract bool AddHeader(ReadOnlySpan<byte> packet);

    /// <summary>Passes a packet as it comes from its page, before it is decoded or left out.</summary>
    /// <returns>How many frames it gives; 0 where nothing can be said.</returns>
    public abstract int Advance(ReadOnlySpan<byte> packet);

    /// <summary>Forgets the packets that were passed: the next one to pass comes from another place.</summary>
    public abstract void Reset();

    /// <summary>Forgets the packets that were decoded: the next one to decode comes from another place.</summary>
    public abstract void Restart();

    /// <summary>Decodes a packet that was passed.</summary>
    /// <param name="packet">The packet; it follows the last one that was decoded or left out.</param>
    /// <param name="interleaved">Room for the frames that <see cref="Advance"/> told.</param>
    /// <returns>What is wrong, for a message, or null.</returns>
    public abstract string? Decode(ReadOnlySpan<byte> packet, Span<float> interleaved);

    /// <summary>
    /// Leaves out a packet that was passed: of those after it, <see cref="PreRoll"/> frames are then not right.
    /// </summary>
    public abstract void Leave(ReadOnlySpan<byte> packet);

    /// <summary>Checks the whole, after the last packet of a stream of which none was lost or left out.</summary>
    /// <returns>What is wrong, for a message, or null.</returns>
    public virtual string? Finish() => null;

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
