namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>FLAC (RFC 9639) in its own container, also behind ID3v2 tags.</summary>
internal sealed class FlacFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "FLAC";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        Span<byte> start = stackalloc byte[10];
        start = start[..source.Peek(start)];
        int tag = FlacMetadata.Id3Length(start);
        return tag == 0 ? start.StartsWith("fLaC"u8) : MatchesAfter(source, tag);
    }

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source) => new FlacReader(source);

    private static bool MatchesAfter(AudioSource source, int tag)
    {
        Span<byte> marker = stackalloc byte[4];
        if (source.CanSeek)
        {
            long position = source.Position;
            if (source.Length - position < tag + marker.Length)
            {
                return false;
            }

            source.Position = position + tag;
            marker = marker[..source.Peek(marker)];
            source.Position = position;
            return marker.SequenceEqual("fLaC"u8);
        }

        // The tag's length is a claim: what is taken for it grows with what is there.
        long wanted = (long)tag + marker.Length;
        byte[] bytes = [];
        int found = 0;
        while (found == bytes.Length && found < wanted)
        {
            bytes = new byte[Math.Min(wanted, Math.Max(4096, 2L * bytes.Length))];
            found = source.Peek(bytes);
        }

        return found == wanted && bytes.AsSpan(tag).SequenceEqual("fLaC"u8);
    }
}
