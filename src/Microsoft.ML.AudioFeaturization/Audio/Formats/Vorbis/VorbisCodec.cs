using System.Numerics;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

/// <summary>Vorbis in Ogg (Vorbis I).</summary>
/// <param name="name">The recording's name in messages.</param>
internal sealed class VorbisCodec(string name) : OggCodec
{
    private VorbisSetup? _setup;
    private VorbisBlock? _block;
    private int _headers;

    // Lengths of the last blocks that were passed and that were decoded or left out; 0 where there is none before.
    private int _passed;

    /// <inheritdoc/>
    public override string Format => "OGG, Vorbis";

    /// <inheritdoc/>
    public override int SampleRate => _setup!.SampleRate;

    /// <inheritdoc/>
    public override int Channels => _setup!.Channels;

    // A block overlaps with the one before it.
    /// <inheritdoc/>
    public override int PreRoll => _setup!.LongBlock / 2;

    /// <inheritdoc/>
    public override bool AddHeader(ReadOnlySpan<byte> packet)
    {
        int expected = (2 * _headers) + 1;
        if (packet.Length < VorbisSetup.MarkBytes || packet[0] != expected || !packet[1..].StartsWith("vorbis"u8))
        {
            throw new InvalidDataException($"'{name}' is damaged: header {_headers + 1} of 3 of Vorbis is not where it "
                + "should be.");
        }

        if (_headers == 0)
        {
            _setup = VorbisSetup.Read(packet, name);
        }
        else if (_headers == 2)
        {
            _setup!.ReadModes(packet, name);
            _block = new VorbisBlock(_setup);
        }

        return ++_headers == 3;
    }

    /// <inheritdoc/>
    public override int Advance(ReadOnlySpan<byte> packet)
    {
        int length = BlockLength(packet);
        if (length == 0)
        {
            return 0;
        }

        int frames = _passed == 0 ? 0 : (_passed + length) / 4;
        _passed = length;
        return frames;
    }

    /// <inheritdoc/>
    public override void Reset() => _passed = 0;

    /// <inheritdoc/>
    public override void Restart() => _block!.Restart();

    /// <inheritdoc/>
    public override void Leave(ReadOnlySpan<byte> packet)
    {
        int length = BlockLength(packet);
        if (length > 0)
        {
            _block!.Leave(length);
        }
    }

    /// <inheritdoc/>
    public override string? Decode(ReadOnlySpan<byte> packet, Span<float> interleaved)
    {
        // What is no audio is passed over (section 4.3.1).
        if (BlockLength(packet) > 0)
        {
            _block!.Decode(packet, interleaved);
        }

        return null;
    }

    // Samples of a packet's block, or 0 if it is no audio.
    private int BlockLength(ReadOnlySpan<byte> packet)
    {
        var bits = new VorbisBits(packet);
        if (packet.Length == 0 || bits.ReadFlag())
        {
            return 0;
        }

        (bool IsLong, VorbisMapping)[] modes = _setup!.Modes;
        uint mode = bits.Read(32 - BitOperations.LeadingZeroCount((uint)modes.Length - 1));
        return mode >= modes.Length ? 0 : modes[mode].IsLong ? _setup.LongBlock : _setup.ShortBlock;
    }
}
