namespace Microsoft.ML.AudioFeaturization.Audio.Formats.SoundFile;

/// <summary>Whatever libsndfile reads.</summary>
internal sealed class SoundFileFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "the formats of libsndfile";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source) => true;

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
