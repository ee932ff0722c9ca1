using System.Buffers.Binary;
using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

/// <summary>How the channels of a block are coded (Vorbis I, section 4.2.4).</summary>
/// <param name="Couplings">Pairs of channels of which the second holds the angle to the first.</param>
/// <param name="Submaps">For each channel, which floor and residue.</param>
/// <param name="Floors">The floor of each submap.</param>
/// <param name="Residues">The residue of each submap.</param>
internal sealed record VorbisMapping(
    (int Magnitude, int Angle)[] Couplings, int[] Submaps, VorbisFloor[] Floors, VorbisResidue[] Residues);

/// <summary>What the headers of a Vorbis stream say (Vorbis I, section 4.2).</summary>
/// <param name="SampleRate">In Hz.</param>
/// <param name="Channels">1 to 255.</param>
/// <param name="ShortBlock">Samples of a short block, 64 to 8192, a power of two.</param>
/// <param name="LongBlock">Samples of a long block, at least a short one's.</param>
internal sealed record VorbisSetup(int SampleRate, int Channels, int ShortBlock, int LongBlock)
{
    /// <summary>Bytes before each header's content: its kind and "vorbis".</summary>
    public const int MarkBytes = 7;

    /// <summary>For each mode whether its blocks are long, and their mapping.</summary>
    public (bool IsLong, VorbisMapping Mapping)[] Modes { get; private set; } = [];

    /// <summary>Reads the identification header.</summary>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public static VorbisSetup Read(ReadOnlySpan<byte> packet, string name)
    {
        if (packet.Length < 30)
        {
            throw new InvalidDataException($"'{name}': the first Vorbis header has {packet.Length} bytes; expected 30.");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(packet[7..]);
        int channels = packet[11];
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(packet[12..]);
        int shortBlock = 1 << (packet[28] & 15);
        int longBlock = 1 << (packet[28] >> 4);
        if (version != 0)
        {
            throw new NotSupportedException($"'{name}' is Vorbis of version {version}; expected 0.");
        }

        if (channels == 0 || rate is 0 or > AudioInfo.MaximumSampleRate)
        {
            throw new InvalidDataException(
                $"'{name}' claims {channels} channels at {rate} Hz; expected 1 or more at 1 to "
                    + $"{AudioInfo.MaximumSampleRate} Hz.");
        }

        if (shortBlock < 64 || longBlock > 8192 || longBlock < shortBlock)
        {
            throw new InvalidDataException(
                $"'{name}' claims Vorbis blocks of {shortBlock} and {longBlock} samples; expected 64 to 8192, the first "
                    + "not longer.");
        }

        return new VorbisSetup((int)rate, channels, shortBlock, longBlock);
    }

    /// <summary>Reads the setup header.</summary>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    /// <exception cref="NotSupportedException">It has a floor of type 0.</exception>
    public void ReadModes(ReadOnlySpan<byte> packet, string name)
    {
        var bits = new VorbisBits(packet[MarkBytes..]);
        var books = new VorbisCodebook[bits.Read(8) + 1];
        long values = 0;
        for (int i = 0; i < books.Length; i++)
        {
            books[i] = VorbisCodebook.Read(ref bits, name);
            values += books[i].Vectors.Length + books[i].Entries;
            Check(ref bits, name, values < 1 << 21, "codebooks with more than 2 million numbers");
        }

        for (uint i = bits.Read(6) + 1; i > 0; i--)
        {
            Check(ref bits, name, bits.Read(16) == 0, "a time transform");
        }

        var floors = new VorbisFloor[bits.Read(6) + 1];
        for (int i = 0; i < floors.Length; i++)
        {
            uint kind = bits.Read(16);
            if (kind == 0)
            {
                throw new NotSupportedException(
                    $"'{name}' codes its spectra by floors of type 0, as encoders did before 2001; expected type 1.");
            }

            Check(ref bits, name, kind == 1, $"a floor of type {kind}");
            floors[i] = VorbisFloor.Read(ref bits, books, name);
        }

        var residues = new VorbisResidue[bits.Read(6) + 1];
        for (int i = 0; i < residues.Length; i++)
        {
            residues[i] = VorbisResidue.Read(ref bits, books, name);
        }

        var mappings = new VorbisMapping[bits.Read(6) + 1];
        for (int i = 0; i < mappings.Length; i++)
        {
            mappings[i] = ReadMapping(ref bits, floors, residues, name);
        }

        Modes = new (bool, VorbisMapping)[bits.Read(6) + 1];
        for (int i = 0; i < Modes.Length; i++)
        {
            bool isLong = bits.ReadFlag();
            Check(ref bits, name, bits.Read(32) == 0, "a mode with a window or transform of its own");
            int mapping = (int)bits.Read(8);
            Check(ref bits, name, mapping < mappings.Length, $"a mode with mapping {mapping} of {mappings.Length}");
            Modes[i] = (isLong, mappings[mapping]);
        }

        Check(ref bits, name, bits.ReadFlag(), "no framing bit");
    }

    private static int Bits(int highest) => 32 - BitOperations.LeadingZeroCount((uint)highest);

    private static void Check(ref VorbisBits bits, string name, bool isRight, string what)
    {
        if (bits.IsOverrun || !isRight)
        {
            throw new InvalidDataException(
                $"'{name}': the Vorbis headers {(bits.IsOverrun ? "end early" : $"have {what}")}.");
        }
    }

    private VorbisMapping ReadMapping(ref VorbisBits bits, VorbisFloor[] floors, VorbisResidue[] residues, string name)
    {
        uint kind = bits.Read(16);
        Check(ref bits, name, kind == 0, $"a mapping of type {kind}");
        int submaps = bits.ReadFlag() ? (int)bits.Read(4) + 1 : 1;
        var couplings = new (int, int)[bits.ReadFlag() ? bits.Read(8) + 1 : 0];
        int width = Bits(Channels - 1);
        for (int i = 0; i < couplings.Length; i++)
        {
            int magnitude = (int)bits.Read(width);
            int angle = (int)bits.Read(width);
            Check(
                ref bits, name, magnitude != angle && magnitude < Channels && angle < Channels,
                $"a coupling of channels {magnitude} and {angle} of {Channels}");
            couplings[i] = (magnitude, angle);
        }

        Check(ref bits, name, bits.Read(2) == 0, "reserved bits that are set");
        var channels = new int[Channels];
        for (int i = 0; i < channels.Length && submaps > 1; i++)
        {
            channels[i] = (int)bits.Read(4);
            Check(ref bits, name, channels[i] < submaps, $"a channel of submap {channels[i]} of {submaps}");
        }

        var mapFloors = new VorbisFloor[submaps];
        var mapResidues = new VorbisResidue[submaps];
        for (int i = 0; i < submaps; i++)
        {
            bits.Read(8);
            int floor = (int)bits.Read(8);
            int residue = (int)bits.Read(8);
            Check(
                ref bits, name, floor < floors.Length && residue < residues.Length,
                $"a submap with floor {floor} of {floors.Length} and residue {residue} of {residues.Length}");
            mapFloors[i] = floors[floor];
            mapResidues[i] = residues[residue];
        }

        return new VorbisMapping(couplings, channels, mapFloors, mapResidues);
    }
}
