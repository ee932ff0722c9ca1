namespace Microsoft.ML.AudioFeaturization.Audio.Formats.SoundFile;

/// <summary>Ogg, by libsndfile.</summary>
internal sealed class SoundFileFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "Ogg";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        Span<byte> start = stackalloc byte[4];
        return source.Peek(start) == start.Length && start.SequenceEqual("OggS"u8);
    }

    // libsndfile seeks in a file, so a stream that cannot seek is read into memory first.
    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source)
    {
        if (source.CanSeek)
        {
            return new SoundFileReader(source);
        }

        var copy = new MemoryStream();
        source.CopyTo(copy);
        source.Dispose();
        copy.Position = 0;
        return new SoundFileReader(new AudioSource(copy, source.Name, leaveOpen: false));
    }
}
