using System.Buffers.Binary;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

/// <summary>Reads the headers of a WAV file, up to the first byte of its samples.</summary>
internal static class WavHeader
{
    /// <summary>The bytes that tell a WAV file of any kind from other files.</summary>
    public const int SignatureBytes = 40;

    private const int RiffHeaderBytes = 12;

    // Where a streaming writer cannot go back to fill in a length, it leaves 0, all ones or half of that (sox, arecord), less the
    // size of headers or what a whole block is short of.
    private const long UnknownSlack = 4096;

    private static ReadOnlySpan<byte> Wave64Riff =>
        [0x72, 0x69, 0x66, 0x66, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00];

    private static ReadOnlySpan<byte> Wave64Wave =>
        [0x77, 0x61, 0x76, 0x65, 0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A];

    /// <summary>Whether a file's first bytes are those of a WAV file.</summary>
    /// <param name="start"><see cref="SignatureBytes"/>, or fewer where the file has fewer.</param>
    public static bool IsWav(ReadOnlySpan<byte> start)
    {
        if (start.Length < 4)
        {
            return false;
        }

        if (start[..4].SequenceEqual("riff"u8))
        {
            return start.Length < SignatureBytes
                ? Wave64Riff.StartsWith(start[..Math.Min(start.Length, Wave64Riff.Length)])
                : start.StartsWith(Wave64Riff) && start[24..].SequenceEqual(Wave64Wave);
        }

        bool isRiff = start[..4].SequenceEqual("RIFF"u8) || start[..4].SequenceEqual("RIFX"u8)
            || start[..4].SequenceEqual("RF64"u8) || start[..4].SequenceEqual("BW64"u8);
        return isRiff && (start.Length < RiffHeaderBytes || start[8..RiffHeaderBytes].SequenceEqual("WAVE"u8));
    }

    /// <summary>Reads chunk after chunk until the samples begin.</summary>
    /// <param name="source">The file, at its first byte.</param>
    /// <exception cref="InvalidDataException">The file is cut inside its headers, or they make no sense.</exception>
    /// <exception cref="NotSupportedException">The samples are coded in a way that is not read here.</exception>
    public static SampleLayout Read(AudioSource source)
    {
        Span<byte> start = stackalloc byte[SignatureBytes];
        start = start[..source.Peek(start)];
        ChunkSyntax syntax = start[..4].SequenceEqual("riff"u8) ? ChunkSyntax.Wave64
            : start[..4].SequenceEqual("RIFX"u8) ? ChunkSyntax.Rifx
            : ChunkSyntax.Riff;
        int headerBytes = syntax == ChunkSyntax.Wave64 ? SignatureBytes : RiffHeaderBytes;
        if (start.Length < headerBytes)
        {
            throw ChunkCursor.Cut(source.Name, syntax.Format, start.Length, "the RIFF header");
        }

        source.Skip(headerBytes);
        var chunks = new ChunkCursor(source, syntax);
        long data64 = -1;
        WavEncoding? format = null;
        Span<byte> body = stackalloc byte[WavEncoding.MaximumBytes];
        while (true)
        {
            chunks.Next(format is null ? "fmt " : "data");
            if (chunks.Id == "data")
            {
                if (format is null)
                {
                    throw new InvalidDataException(
                        $"'{source.Name}': the 'data' chunk at byte {chunks.BodyStart - syntax.HeaderBytes} comes before any "
                        + "'fmt ' chunk.");
                }

                long length = DataLength(source, syntax, chunks.Length, data64, start);
                return new SampleLayout(
                    syntax.Format, format.SampleRate, format.Channels, format.Coding, chunks.BodyStart, length)
                {
                    IsMpeg = format.IsMpeg,
                };
            }

            if (chunks.Id == "fmt ")
            {
                format = WavEncoding.Read(chunks.ReadBody(body), syntax.IsBigEndian, source.Name);
            }
            else if (chunks.Id == "ds64" && chunks.ReadBody(body[..Math.Min(16, body.Length)]) is { Length: 16 } sizes)
            {
                data64 = BinaryPrimitives.ReadInt64LittleEndian(sizes[8..]);
            }

            chunks.Skip();
        }
    }

    private static long DataLength(
        AudioSource source, ChunkSyntax syntax, long claimed, long data64, ReadOnlySpan<byte> start)
    {
        if (syntax == ChunkSyntax.Wave64)
        {
            return claimed <= 0 || claimed > long.MaxValue / 2 ? UnlessWhole(IsWhole64(source, start)) : claimed;
        }

        if (claimed == uint.MaxValue && data64 > 0)
        {
            return data64;
        }

        return claimed == 0 ? UnlessWhole(IsWhole(source, syntax, start))
            : IsNear(claimed, uint.MaxValue) || IsNear(claimed, int.MaxValue) ? long.MaxValue
            : claimed;
    }

    private static bool IsNear(long claimed, long limit) => claimed > limit - UnknownSlack && claimed <= limit + 1;

    private static long UnlessWhole(bool isWhole) => isWhole ? 0 : long.MaxValue;

    // No samples are claimed: truly so if the RIFF header gives the file's real length, else it was never filled in.
    private static bool IsWhole(AudioSource source, ChunkSyntax syntax, ReadOnlySpan<byte> start)
    {
        long riffEnd = 8 + (long)(syntax.IsBigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(start[4..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[4..]));
        return source.CanSeek && (riffEnd == source.Length || riffEnd == source.Length + 1);
    }

    private static bool IsWhole64(AudioSource source, ReadOnlySpan<byte> start) =>
        source.CanSeek && BinaryPrimitives.ReadInt64LittleEndian(start[16..]) == source.Length;
}
