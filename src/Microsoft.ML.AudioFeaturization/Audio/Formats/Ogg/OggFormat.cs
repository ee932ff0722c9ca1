namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>Ogg (RFC 3533) with Vorbis, Opus or FLAC, chained and beside other streams.</summary>
internal sealed class OggFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "Ogg (Vorbis, Opus, FLAC)";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        Span<byte> start = stackalloc byte[4];
        return start[..source.Peek(start)].SequenceEqual("OggS"u8);
    }

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source) => new OggReader(source);
}
