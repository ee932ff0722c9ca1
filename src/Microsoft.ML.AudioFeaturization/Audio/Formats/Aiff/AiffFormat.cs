using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Aiff;

/// <summary>Apple's Audio Interchange File Format, AIFF and AIFC.</summary>
internal sealed class AiffFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "AIFF";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        Span<byte> start = stackalloc byte[AiffHeader.FormBytes];
        return source.Peek(start) == start.Length && start[..4].SequenceEqual("FORM"u8)
            && (start[8..].SequenceEqual("AIFF"u8) || start[8..].SequenceEqual("AIFC"u8));
    }

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source) => new SampleReader(source, AiffHeader.Read(source));
}
