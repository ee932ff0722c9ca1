using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Caf;

/// <summary>Apple's Core Audio Format, with PCM or IMA ADPCM.</summary>
internal sealed class CafFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "CAF";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        Span<byte> start = stackalloc byte[4];
        return source.Peek(start) == start.Length && start.SequenceEqual("caff"u8);
    }

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source) => new SampleReader(source, CafHeader.Read(source));
}
