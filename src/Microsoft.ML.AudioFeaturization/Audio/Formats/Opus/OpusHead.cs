using System.Buffers.Binary;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;

/// <summary>The first packet of Opus in Ogg (RFC 7845, section 5.1).</summary>
/// <param name="PreSkip">Samples at the start that are decoded and not given.</param>
/// <param name="Gain">By what samples are multiplied.</param>
/// <param name="Streams">How many streams a packet has.</param>
/// <param name="Coupled">How many of them, the first ones, have two channels.</param>
/// <param name="Places">
/// For each channel in the usual order, its place among those of the streams; 255 for silence.
/// </param>
internal sealed record OpusHead(int PreSkip, float Gain, int Streams, int Coupled, byte[] Places)
{
    /// <summary>The place of a channel that is silent.</summary>
    public const byte Silence = 255;

    private const int Bytes = 19;

    /// <summary>Reads the packet.</summary>
    /// <param name="packet">The packet, which begins "OpusHead".</param>
    /// <param name="name">The recording's name in messages.</param>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    /// <exception cref="NotSupportedException">It is of a version or a mapping that is not read here.</exception>
    public static OpusHead Read(ReadOnlySpan<byte> packet, string name)
    {
        if (packet.Length < Bytes)
        {
            throw new InvalidDataException($"'{name}': the Opus header has {packet.Length} bytes; expected {Bytes} "
                + "or more.");
        }

        int version = packet[8];
        int channels = packet[9];
        int preSkip = BinaryPrimitives.ReadUInt16LittleEndian(packet[10..]);
        short gain = BinaryPrimitives.ReadInt16LittleEndian(packet[16..]);
        int family = packet[18];
        if (version >= 16 || family is not (0 or 1 or 255))
        {
            throw new NotSupportedException(
                $"'{name}' is Opus of version {version} with channel mapping {family}; expected 1 with mapping 0, 1 or "
                    + "255.");
        }

        int most = family == 0 ? 2 : family == 1 ? 8 : 255;
        if (channels < 1 || channels > most)
        {
            throw new InvalidDataException(
                $"'{name}' claims {channels} channels of Opus with mapping {family}; expected 1 to {most}.");
        }

        float factor = gain == 0 ? 1 : (float)Math.Pow(10, gain / (20.0 * 256));
        if (family == 0)
        {
            return new OpusHead(preSkip, factor, 1, channels - 1, channels == 1 ? [0] : [0, 1]);
        }

        if (packet.Length < Bytes + 2 + channels)
        {
            throw new InvalidDataException(
                $"'{name}': the Opus header has {packet.Length} bytes; expected {Bytes + 2 + channels}.");
        }

        byte[] places = packet.Slice(Bytes + 2, channels).ToArray();
        if (family == 1)
        {
            ReadOnlySpan<int> order = OggChannels.Order(channels);
            byte[] coded = places;
            places = new byte[channels];
            for (int i = 0; i < channels; i++)
            {
                places[i] = coded[order[i]];
            }
        }

        var head = new OpusHead(preSkip, factor, packet[Bytes], packet[Bytes + 1], places);
        head.Check(name);
        return head;
    }

    private void Check(string name)
    {
        bool isRight = Streams > 0 && Coupled <= Streams && Streams + Coupled <= 255;
        foreach (byte place in Places)
        {
            isRight &= place == Silence || place < Streams + Coupled;
        }

        if (!isRight)
        {
            throw new InvalidDataException(
                $"'{name}': the Opus header maps {Places.Length} channels to {Streams} streams, {Coupled} of them of two "
                    + "channels, "
                + "which does not fit.");
        }
    }
}
