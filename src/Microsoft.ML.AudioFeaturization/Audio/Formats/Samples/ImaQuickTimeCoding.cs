using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>
/// IMA ADPCM in packets of QuickTime ("ima4" of AIFC and CAF): for each channel 34 bytes with 64 samples. Apple, Technical
/// Note TN1081.
/// </summary>
/// <remarks>Each packet starts at the nine bits of the predictor that it has, as in libsndfile.</remarks>
/// <param name="channels">At least 1.</param>
internal sealed class ImaQuickTimeCoding(int channels) : BlockCoding
{
    private const int PacketBytes = 34;
    private const int HeaderBytes = 2;

    /// <inheritdoc/>
    public override string Name => "IMA ADPCM";

    /// <inheritdoc/>
    public override int BlockBytes => PacketBytes * channels;

    /// <inheritdoc/>
    public override int BlockFrames => 2 * (PacketBytes - HeaderBytes);

    /// <inheritdoc/>
    public override string? Decode(Span<byte> bytes, Span<float> samples)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            ReadOnlySpan<byte> packet = bytes.Slice(PacketBytes * channel, PacketBytes);
            int header = BinaryPrimitives.ReadInt16BigEndian(packet);
            int stepIndex = header & 0x7F;
            if (stepIndex > ImaAdpcm.MaximumStepIndex)
            {
                return $"a packet of IMA ADPCM has step index {stepIndex}, expected at most {ImaAdpcm.MaximumStepIndex}";
            }

            var decoder = new ImaAdpcm(header & ~0x7F, stepIndex);
            for (int frame = 0; frame < BlockFrames; frame++)
            {
                int code = packet[HeaderBytes + (frame / 2)] >> (4 * (frame & 1));
                samples[(frame * channels) + channel] = decoder.Next(code & 15);
            }
        }

        return null;
    }
}
