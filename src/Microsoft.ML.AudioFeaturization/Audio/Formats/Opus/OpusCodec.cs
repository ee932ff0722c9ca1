using System.Buffers.Binary;
using Concentus.Structs;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;

/// <summary>Opus in Ogg (RFC 7845), decoded by Concentus: always at 48 kHz, which is what its positions count in.</summary>
/// <param name="name">The recording's name in messages.</param>
internal sealed class OpusCodec(string name) : OggCodec
{
    private const int Rate = 48000;
    private const int HeadBytes = 19;

    // A packet has 120 ms at most (RFC 6716, section 3.2.5).
    private const int MaximumFrames = Rate * 120 / 1000;

    // RFC 7845, section 4.6, asks for 80 ms. What a decoder predicts from fades by about a seventh with each frame of 20 ms:
    // after two seconds nothing of it is left.
    private const int FadeFrames = 2 * Rate;

    private OpusMSDecoder? _decoder;
    private int _channels;
    private int _preSkip;
    private float _gain = 1;
    private bool _hasLeft;

    /// <inheritdoc/>
    public override string Format => "OGG, Opus";

    /// <inheritdoc/>
    public override int SampleRate => Rate;

    /// <inheritdoc/>
    public override int Channels => _channels;

    /// <inheritdoc/>
    public override int PreSkip => _preSkip;

    /// <inheritdoc/>
    public override int PreRoll => FadeFrames;

    /// <inheritdoc/>
    public override bool AddHeader(ReadOnlySpan<byte> packet)
    {
        if (_decoder is null)
        {
            ReadHead(packet);
            return false;
        }

        return packet.StartsWith("OpusTags"u8)
            ? true
            : throw new InvalidDataException($"'{name}' is damaged: its second packet is not the comments of Opus.");
    }

    /// <inheritdoc/>
    public override int Advance(ReadOnlySpan<byte> packet) => FramesOf(packet);

    /// <inheritdoc/>
    public override void Reset()
    {
    }

    /// <inheritdoc/>
    public override void Restart() => _hasLeft = true;

    /// <inheritdoc/>
    public override void Leave(ReadOnlySpan<byte> packet) => _hasLeft = true;

    /// <inheritdoc/>
    public override string? Decode(ReadOnlySpan<byte> packet, Span<float> interleaved)
    {
        if (_hasLeft)
        {
            _decoder!.ResetState();
            _hasLeft = false;
        }

        int frames = interleaved.Length / _channels;
        if (frames == 0)
        {
            return "a packet's lengths make no sense";
        }

        try
        {
            int found = _decoder!.DecodeMultistream(packet, interleaved, frames, decode_fec: false);
            if (found != frames)
            {
                return $"a packet gives {found} samples; it says {frames}";
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The package throws whatever a damaged packet leads to, indices out of range among it.
            _hasLeft = true;
            return $"a packet cannot be decoded ({exception.Message.TrimEnd('.')})";
        }

        if (_gain != 1)
        {
            foreach (ref float sample in interleaved)
            {
                sample *= _gain;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _decoder?.Dispose();
        base.Dispose();
    }

    // RFC 6716, section 3.1: the first byte has the length of a frame and how their number is coded.
    private static int FramesOf(ReadOnlySpan<byte> packet)
    {
        if (packet.Length == 0)
        {
            return 0;
        }

        int configuration = packet[0] >> 3;
        int length = configuration switch
        {
            < 12 => (configuration & 3) == 3 ? Rate * 60 / 1000 : Rate / 100 << (configuration & 3),
            < 16 => Rate / 100 << (configuration & 1),
            _ => Rate / 400 << (configuration & 3),
        };
        int count = (packet[0] & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => packet.Length > 1 ? packet[1] & 63 : 0,
        };
        return count * length <= MaximumFrames ? count * length : 0;
    }

    private void ReadHead(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < HeadBytes)
        {
            throw new InvalidDataException($"'{name}': the Opus header has {packet.Length} bytes; expected {HeadBytes} "
                + "or more.");
        }

        int version = packet[8];
        _channels = packet[9];
        _preSkip = BinaryPrimitives.ReadUInt16LittleEndian(packet[10..]);
        short gain = BinaryPrimitives.ReadInt16LittleEndian(packet[16..]);
        int family = packet[18];
        _gain = gain == 0 ? 1 : (float)Math.Pow(10, gain / (20.0 * 256));
        if (version >= 16 || family is not (0 or 1 or 255))
        {
            throw new NotSupportedException(
                $"'{name}' is Opus of version {version} with channel mapping {family}; expected 1 with mapping 0, 1 or "
                    + "255.");
        }

        int most = family == 0 ? 2 : family == 1 ? 8 : 255;
        if (_channels < 1 || _channels > most)
        {
            throw new InvalidDataException(
                $"'{name}' claims {_channels} channels of Opus with mapping {family}; expected 1 to {most}.");
        }

        int streams = 1;
        int coupled = _channels - 1;
        byte[] mapping = [0, 1];
        if (family != 0)
        {
            if (packet.Length < HeadBytes + 2 + _channels)
            {
                throw new InvalidDataException(
                    $"'{name}': the Opus header has {packet.Length} bytes; expected {HeadBytes + 2 + _channels}.");
            }

            streams = packet[19];
            coupled = packet[20];
            mapping = packet.Slice(21, _channels).ToArray();
            if (family == 1)
            {
                ReadOnlySpan<int> order = OggChannels.Order(_channels);
                byte[] coded = mapping;
                mapping = new byte[_channels];
                for (int i = 0; i < _channels; i++)
                {
                    mapping[i] = coded[order[i]];
                }
            }
        }

        CheckStreams(streams, coupled, mapping);
#pragma warning disable CS0618 // The factory that replaces it looks for a native library first.
        _decoder = new OpusMSDecoder(Rate, _channels, streams, coupled, mapping[.._channels]);
#pragma warning restore CS0618
    }

    private void CheckStreams(int streams, int coupled, byte[] mapping)
    {
        bool isRight = streams > 0 && coupled <= streams && streams + coupled <= 255;
        foreach (byte place in mapping.AsSpan(0, _channels))
        {
            isRight &= place == 255 || place < streams + coupled;
        }

        if (!isRight)
        {
            throw new InvalidDataException(
                $"'{name}': the Opus header maps {_channels} channels to {streams} streams, {coupled} of them of two "
                    + "channels, "
                + "which does not fit.");
        }
    }
}
