using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Caf;

/// <summary>Reads the headers of a CAF file. Apple, "Core Audio Format Specification 1.0".</summary>
internal static class CafHeader
{
    private const int FileHeaderBytes = 8;
    private const int DescriptionBytes = 32;
    private const int EditCountBytes = 4;
    private const int PacketTableBytes = 24;

    /// <summary>Reads chunk after chunk until samples and their description are found.</summary>
    /// <param name="source">The file, at its first byte.</param>
    /// <exception cref="InvalidDataException">The file is cut inside its headers, or they make no sense.</exception>
    /// <exception cref="NotSupportedException">The samples are coded in a way that is not read here.</exception>
    public static SampleLayout Read(AudioSource source)
    {
        Span<byte> body = stackalloc byte[DescriptionBytes];
        int found = source.ReadAtLeast(body[..FileHeaderBytes], FileHeaderBytes, throwOnEndOfStream: false);
        if (found < FileHeaderBytes)
        {
            throw ChunkCursor.Cut(source.Name, "CAF", found, "its header");
        }

        var chunks = new ChunkCursor(source, ChunkSyntax.Caf);
        Description? description = null;
        long frames = long.MaxValue;
        while (true)
        {
            chunks.Next(description is null ? "desc" : "data");
            switch (chunks.Id)
            {
                case "desc":
                    description = ReadDescription(chunks.ReadBody(body), source.Name);
                    break;
                case "pakt":
                    frames = ValidFrames(chunks.ReadBody(body[..PacketTableBytes]), frames);
                    break;
                case "data" when description is null:
                    throw new InvalidDataException(
                        $"'{source.Name}': the 'data' chunk at byte {chunks.BodyStart - ChunkSyntax.Caf.HeaderBytes} comes "
                        + "before the 'desc' chunk.");
                case "data":
                    source.Skip(EditCountBytes);
                    long start = chunks.BodyStart + EditCountBytes;
                    long length = chunks.Length < 0 ? long.MaxValue : Math.Max(0, chunks.Length - EditCountBytes);
                    if (source.CanSeek && description.Coding.BlockFrames > 1)
                    {
                        frames = FramesBehind(source, chunks, frames);
                    }

                    return new SampleLayout(
                        "CAF", description.SampleRate, description.Channels, description.Coding, start, length, frames);
            }

            if (chunks.Length < 0)
            {
                throw new InvalidDataException(
                    $"'{source.Name}': the '{chunks.Id}' chunk claims {chunks.Length} bytes; expected 0 or more.");
            }

            chunks.Skip();
        }
    }

    // The packet table, which says how much of the last packet counts, is often written behind the packets.
    private static long FramesBehind(AudioSource source, ChunkCursor chunks, long frames)
    {
        Span<byte> body = stackalloc byte[PacketTableBytes];
        while (chunks.TrySkip() && chunks.TryNext())
        {
            if (chunks.Id == "pakt" && source.Length - source.Position >= body.Length)
            {
                return ValidFrames(chunks.ReadBody(body), frames);
            }
        }

        return frames;
    }

    private static long ValidFrames(ReadOnlySpan<byte> body, long otherwise) =>
        body.Length == PacketTableBytes && BinaryPrimitives.ReadInt64BigEndian(body[8..]) is > 0 and long valid
            ? valid
            : otherwise;

    private static Description ReadDescription(ReadOnlySpan<byte> body, string name)
    {
        if (body.Length < DescriptionBytes)
        {
            throw new InvalidDataException(
                $"'{name}': the 'desc' chunk has {body.Length} bytes; expected {DescriptionBytes}.");
        }

        double sampleRate = BinaryPrimitives.ReadDoubleBigEndian(body);
        string id = Encoding.Latin1.GetString(body[8..12]);
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(body[12..]);
        long packetBytes = BinaryPrimitives.ReadUInt32BigEndian(body[16..]);
        long channels = BinaryPrimitives.ReadUInt32BigEndian(body[24..]);
        uint bits = BinaryPrimitives.ReadUInt32BigEndian(body[28..]);
        SampleLayout.Check(name, channels, sampleRate);
        int count = (int)channels;
        BlockCoding coding = id switch
        {
            "lpcm" => ReadPcm(flags, packetBytes, count, bits, name),
            "ulaw" => new PlainCoding(SampleEncoding.MuLaw, count, isBigEndian: false),
            "alaw" => new PlainCoding(SampleEncoding.ALaw, count, isBigEndian: false),
            "ima4" => new ImaQuickTimeCoding(count),
            "alac" => throw SampleLayout.Refuse(name, "Apple Lossless (ALAC)"),
            "aac " => throw SampleLayout.Refuse(name, "AAC"),
            _ => throw SampleLayout.Refuse(name, $"the format '{id}' of CAF"),
        };
        return new Description(coding, (int)Math.Round(sampleRate), count);
    }

    private static PlainCoding ReadPcm(uint flags, long packetBytes, int channels, uint bits, string name)
    {
        const uint IsFloat = 1;
        const uint IsLittleEndian = 2;
        long sampleBytes = packetBytes % channels == 0 ? packetBytes / channels : 0;
        SampleEncoding? encoding = ((flags & IsFloat) != 0, sampleBytes) switch
        {
            (true, 4) => SampleEncoding.Float32,
            (true, 8) => SampleEncoding.Float64,
            (false, <= 4) => PlainCoding.SignedPcm((int)sampleBytes),
            _ => null,
        };
        return encoding is { } known && bits <= 8 * sampleBytes
            ? new PlainCoding(known, channels, (flags & IsLittleEndian) == 0)
            : throw new InvalidDataException(
                $"'{name}' claims {bits} bits a sample in packets of {packetBytes} bytes for {channels} channels; expected PCM "
                + "of 8 to 32 bits, or float of 32 or 64.");
    }

    private sealed record Description(BlockCoding Coding, int SampleRate, int Channels);
}
