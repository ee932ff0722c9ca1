using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>
/// IMA ADPCM in blocks of WAV: a header of 4 bytes a channel with its first sample, then 8 samples of each channel in turn.
/// </summary>
/// <param name="channels">At least 1.</param>
/// <param name="blockBytes">Bytes of a block; more than 4 a channel.</param>
internal sealed class ImaWavCoding(int channels, int blockBytes) : BlockCoding
{
    private const int HeaderBytes = 4;
    private const int GroupBytes = 4;

    /// <inheritdoc/>
    public override string Name => "IMA ADPCM";

    /// <inheritdoc/>
    public override int BlockBytes => blockBytes;

    /// <inheritdoc/>
    public override int BlockFrames { get; } = Math.Max(1, FramesOf(blockBytes, channels));

    /// <inheritdoc/>
    public override int FramesOfPart(int bytes) => FramesOf(bytes, channels);

    /// <inheritdoc/>
    public override string? Decode(Span<byte> bytes, Span<float> samples)
    {
        int frames = FramesOf(bytes.Length, channels);
        for (int channel = 0; channel < channels; channel++)
        {
            ReadOnlySpan<byte> header = bytes.Slice(HeaderBytes * channel, HeaderBytes);
            int first = BinaryPrimitives.ReadInt16LittleEndian(header);
            if (header[2] > ImaAdpcm.MaximumStepIndex)
            {
                return $"a block of IMA ADPCM has step index {header[2]}, expected at most {ImaAdpcm.MaximumStepIndex}";
            }

            var decoder = new ImaAdpcm(first, header[2]);
            samples[channel] = first * (1f / (1 << 15));
            for (int frame = 1; frame < frames; frame++)
            {
                int nibble = frame - 1;
                int group = (nibble / 8 * channels) + channel;
                int place = (HeaderBytes * channels) + (group * GroupBytes) + (nibble % 8 / 2);
                samples[(frame * channels) + channel] = decoder.Next((bytes[place] >> (4 * (nibble & 1))) & 15);
            }
        }

        return null;
    }

    private static int FramesOf(int bytes, int channels) =>
        bytes < HeaderBytes * channels ? 0 : 1 + ((bytes - (HeaderBytes * channels)) / (GroupBytes * channels) * 8);
}
