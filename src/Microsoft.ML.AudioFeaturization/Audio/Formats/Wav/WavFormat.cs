namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

/// <summary>RIFF/WAVE with its forms for long files, RF64 and BW64.</summary>
internal sealed class WavFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "WAV";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        Span<byte> start = stackalloc byte[12];
        return WavHeader.IsWav(start[..source.Peek(start)]);
    }

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source) => new WavReader(source);
}
