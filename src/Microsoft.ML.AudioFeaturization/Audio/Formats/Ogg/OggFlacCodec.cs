using System.Globalization;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>FLAC in Ogg (RFC 9639, section 10.1): a packet is a frame.</summary>
/// <param name="name">The recording's name in messages.</param>
internal sealed class OggFlacCodec(string name) : OggCodec
{
    // Before STREAMINFO: 7F "FLAC", the mapping's version, the number of header packets, "fLaC", the block's own header.
    private const int FirstBytes = 5 + 2 + 2 + 4 + 4;

    private FlacStreamInfo? _info;
    private FlacBlockDecoder? _block;
    private FlacDigest? _digest;
    private byte[] _bytes = [];

    /// <inheritdoc/>
    public override string Format => string.Create(CultureInfo.InvariantCulture, $"OGG, FLAC {_info!.Bits} bit");

    /// <inheritdoc/>
    public override int SampleRate => _info!.SampleRate;

    /// <inheritdoc/>
    public override int Channels => _info!.Channels;

    /// <inheritdoc/>
    public override bool AddHeader(ReadOnlySpan<byte> packet)
    {
        if (_info is not null)
        {
            return packet.Length == 0 || (packet[0] & 0x80) != 0;
        }

        if (packet.Length < FirstBytes + FlacStreamInfo.Bytes)
        {
            throw new InvalidDataException(
                $"'{name}': the first packet of Ogg FLAC has {packet.Length} bytes; expected "
                    + $"{FirstBytes + FlacStreamInfo.Bytes}.");
        }

        if (packet[5] != 1)
        {
            throw new NotSupportedException($"'{name}' has version {packet[5]} of the mapping of FLAC to Ogg; expected 1.");
        }

        _info = FlacStreamInfo.Parse(packet[FirstBytes..], name);
        _block = new FlacBlockDecoder(_info);
        _digest = new FlacDigest(_info);
        return (packet[FirstBytes - 4] & 0x80) != 0;
    }

    /// <inheritdoc/>
    public override int Advance(ReadOnlySpan<byte> packet) =>
        FlacFrameHeader.Parse(packet, _info!, out FlacFrameHeader header) is null ? header.BlockSize : 0;

    /// <inheritdoc/>
    public override void Reset()
    {
    }

    /// <inheritdoc/>
    public override void Restart() => _digest!.Abandon();

    /// <inheritdoc/>
    public override void Leave(ReadOnlySpan<byte> packet) => _digest!.Abandon();

    /// <inheritdoc/>
    public override string? Decode(ReadOnlySpan<byte> packet, Span<float> interleaved)
    {
        // ffmpeg ends a stream with an empty packet.
        if (packet.Length == 0)
        {
            return null;
        }

        if (_bytes.Length < packet.Length + FlacBits.Padding)
        {
            _bytes = new byte[(2 * packet.Length) + FlacBits.Padding];
        }

        packet.CopyTo(_bytes);
        string? wrong = _block!.Decode(_bytes, 0, packet.Length, out int length);
        if (wrong is null && length != packet.Length)
        {
            wrong = $"a frame has {length} bytes, its packet {packet.Length}";
        }

        if (wrong is not null)
        {
            _digest!.Abandon();
            return wrong;
        }

        _digest!.Append(_block);
        FlacSamples.ToSingle(_block, _info!.Channels, 0, interleaved);
        return null;
    }

    /// <inheritdoc/>
    public override string? Finish() => _digest!.Finish();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _digest?.Dispose();
        base.Dispose();
    }
}
