using Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

/// <summary>RIFF/WAVE, its forms for long files (RF64, BW64, Sony's Wave64), and RIFX with big-endian numbers.</summary>
internal sealed class WavFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "WAV";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        Span<byte> start = stackalloc byte[WavHeader.SignatureBytes];
        return WavHeader.IsWav(start[..source.Peek(start)]);
    }

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source)
    {
        SampleLayout layout = WavHeader.Read(source);
        if (!layout.IsMpeg)
        {
            return new SampleReader(source, layout);
        }

        bool isOpen = layout.DataLength == long.MaxValue;
        return new MpegReader(source, isOpen ? long.MaxValue : layout.DataStart + layout.DataLength, "WAV, ");
    }
}
