using Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;

/// <summary>
/// Opus (RFC 6716, with the corrections of RFC 8251) in Ogg (RFC 7845): always at 48 kHz, which is what its positions count in.
/// </summary>
/// <param name="name">The recording's name in messages.</param>
internal sealed class OpusCodec(string name) : OggCodec
{
    // RFC 7845, section 4.6, asks for 80 ms. After these two seconds samples differ from those of the whole stream by less
    // than the tolerance of OggReaderTests; only noise for frames that were not sent differs, whose generator goes on from
    // the stream's start.
    private const int FadeSamples = 2 * OpusPacket.Rate;

    private OpusHead? _head;
    private OpusStream[] _streams = [];
    private byte[] _packet = [];
    private bool _hasLeft;

    /// <inheritdoc/>
    public override string Format => "OGG, Opus";

    /// <inheritdoc/>
    public override int SampleRate => OpusPacket.Rate;

    /// <inheritdoc/>
    public override int Channels => _head!.Places.Length;

    /// <inheritdoc/>
    public override int PreSkip => _head!.PreSkip;

    /// <inheritdoc/>
    public override int PreRoll => FadeSamples;

    /// <inheritdoc/>
    public override bool AddHeader(ReadOnlySpan<byte> packet)
    {
        if (_head is null)
        {
            _head = OpusHead.Read(packet, name);
            return false;
        }

        return packet.StartsWith("OpusTags"u8)
            ? true
            : throw new InvalidDataException($"'{name}' is damaged: its second packet is not the comments of Opus.");
    }

    /// <inheritdoc/>
    public override int Advance(ReadOnlySpan<byte> packet) => OpusPacket.SamplesOf(packet);

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
        OpusHead head = _head!;
        int frames = interleaved.Length / head.Places.Length;
        if (frames == 0)
        {
            return "a packet's lengths make no sense";
        }

        if (_packet.Length < packet.Length)
        {
            _packet = new byte[Math.Max(2 * _packet.Length, packet.Length)];
        }

        packet.CopyTo(_packet);
        string? problem = DecodeStreams(head, packet.Length, frames);
        if (problem is not null)
        {
            _hasLeft = true;
            return problem;
        }

        Interleave(head, frames, interleaved);
        return null;
    }

    private string? DecodeStreams(OpusHead head, int length, int frames)
    {
        if (_streams.Length == 0)
        {
            _streams = new OpusStream[head.Streams];
        }
        else if (_hasLeft)
        {
            foreach (OpusStream? stream in _streams)
            {
                stream?.Reset();
            }
        }

        _hasLeft = false;
        int start = 0;
        for (int i = 0; i < head.Streams; i++)
        {
            // A stream's buffers are made once there is a packet of it.
            OpusStream stream = _streams[i] ??= new OpusStream(i < head.Coupled ? 2 : 1);
            int found = stream.Decode(_packet, length, ref start, isDelimited: i < head.Streams - 1);
            if (found != frames)
            {
                return found < 0 ? "a packet's lengths make no sense" : $"a packet gives {found} samples; it says {frames}";
            }
        }

        return null;
    }

    private void Interleave(OpusHead head, int frames, Span<float> interleaved)
    {
        int channels = head.Places.Length;
        for (int channel = 0; channel < channels; channel++)
        {
            int place = head.Places[channel];
            if (place == OpusHead.Silence)
            {
                for (int i = 0; i < frames; i++)
                {
                    interleaved[(i * channels) + channel] = 0;
                }

                continue;
            }

            bool isCoupled = place < 2 * head.Coupled;
            OpusStream stream = _streams[isCoupled ? place / 2 : place - head.Coupled];
            ReadOnlySpan<float> samples = stream.Output[isCoupled ? place & 1 : 0].AsSpan(0, frames);
            for (int i = 0, j = channel; i < samples.Length; i++, j += channels)
            {
                interleaved[j] = samples[i] * head.Gain;
            }
        }
    }
}
