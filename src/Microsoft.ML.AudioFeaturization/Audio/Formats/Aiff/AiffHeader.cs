using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Aiff;

/// <summary>
/// Reads the headers of an AIFF or AIFC file. Apple, "Audio Interchange File Format: AIFF" (1989) and "AIFF-C" (1991).
/// </summary>
internal static class AiffHeader
{
    /// <summary>Bytes of the FORM chunk's header with its type.</summary>
    public const int FormBytes = 12;

    private const int CommonBytes = 18;
    private const int SoundHeaderBytes = 8;

    /// <summary>Reads chunk after chunk until samples and their description are found.</summary>
    /// <param name="source">The file, at its first byte.</param>
    /// <exception cref="InvalidDataException">The file is cut inside its headers, or they make no sense.</exception>
    /// <exception cref="NotSupportedException">The samples are coded in a way that is not read here.</exception>
    public static SampleLayout Read(AudioSource source)
    {
        Span<byte> form = stackalloc byte[FormBytes];
        source.ReadExactly(form);
        bool isWhole = source.CanSeek && 8 + (long)BinaryPrimitives.ReadUInt32BigEndian(form[4..]) >= source.Length;
        var chunks = new ChunkCursor(source, ChunkSyntax.Iff);
        Common? common = null;
        (long Start, long Length)? sound = null;
        Span<byte> body = stackalloc byte[CommonBytes + 4];
        while (common is null || sound is null)
        {
            chunks.Next(common is null ? "COMM" : "SSND");
            if (chunks.Id == "COMM")
            {
                common = ReadCommon(chunks.ReadBody(body), source.Name);
            }
            else if (chunks.Id == "SSND")
            {
                // Never filled in where it is 0 and the form is not as long as the file.
                ReadOnlySpan<byte> header =
                    chunks.Length == 0 ? ReadUncounted(source, body) : chunks.ReadBody(body[..SoundHeaderBytes]);
                long offset = header.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(header);
                long length = chunks.Length is 0 or uint.MaxValue && !isWhole
                    ? long.MaxValue
                    : Math.Max(0, chunks.Length - SoundHeaderBytes - offset);
                sound = (chunks.BodyStart + SoundHeaderBytes + offset, length);
                if (common is not null)
                {
                    source.Skip(offset);
                    break;
                }

                if (!source.CanSeek)
                {
                    throw new InvalidDataException(
                        $"'{source.Name}': its samples come before the 'COMM' chunk, and the stream cannot seek back. Read it "
                        + "as a file.");
                }
            }

            chunks.Skip();
        }

        (long start, long dataLength) = sound!.Value;
        return new SampleLayout("AIFF", common!.SampleRate, common.Channels, common.Coding, start, dataLength);
    }

    private static Span<byte> ReadUncounted(AudioSource source, Span<byte> body)
    {
        Span<byte> header = body[..SoundHeaderBytes];
        return header[..source.ReadAtLeast(header, SoundHeaderBytes, throwOnEndOfStream: false)];
    }

    private static Common ReadCommon(ReadOnlySpan<byte> body, string name)
    {
        if (body.Length < CommonBytes)
        {
            throw new InvalidDataException(
                $"'{name}': the 'COMM' chunk has {body.Length} bytes; expected at least {CommonBytes}.");
        }

        int channels = BinaryPrimitives.ReadUInt16BigEndian(body);
        int bits = BinaryPrimitives.ReadUInt16BigEndian(body[6..]);
        double sampleRate = ReadExtended(body[8..]);
        SampleLayout.Check(name, channels, sampleRate);
        string compression = body.Length < CommonBytes + 4 ? "NONE" : Encoding.Latin1.GetString(body[CommonBytes..]);
        int sampleBytes = (bits + 7) / 8;
        BlockCoding coding = compression switch
        {
            "NONE" or "twos" => Pcm(isBigEndian: true),
            "sowt" => Pcm(isBigEndian: false),
            "in24" => new PlainCoding(SampleEncoding.Pcm24, channels, isBigEndian: true),
            "in32" => new PlainCoding(SampleEncoding.Pcm32, channels, isBigEndian: true),
            "42ni" => new PlainCoding(SampleEncoding.Pcm24, channels, isBigEndian: false),
            "23ni" => new PlainCoding(SampleEncoding.Pcm32, channels, isBigEndian: false),
            "raw " when sampleBytes == 1 => new PlainCoding(SampleEncoding.Pcm8, channels, isBigEndian: false),
            "fl32" or "FL32" => new PlainCoding(SampleEncoding.Float32, channels, isBigEndian: true),
            "fl64" or "FL64" => new PlainCoding(SampleEncoding.Float64, channels, isBigEndian: true),
            "ulaw" or "ULAW" => new PlainCoding(SampleEncoding.MuLaw, channels, isBigEndian: false),
            "alaw" or "ALAW" => new PlainCoding(SampleEncoding.ALaw, channels, isBigEndian: false),
            "ima4" => new ImaQuickTimeCoding(channels),
            "GSM " or "agsm" => throw SampleLayout.Refuse(name, "GSM 6.10"),
            "MAC3" or "MAC6" => throw SampleLayout.Refuse(name, $"Apple's MACE ('{compression}')"),
            "QDMC" or "QDM2" or "Qclp" => throw SampleLayout.Refuse(name, $"QuickTime's '{compression}'"),
            _ => throw SampleLayout.Refuse(name, $"the compression '{compression}' of AIFC"),
        };
        return new Common(coding, (int)Math.Round(sampleRate), channels);

        PlainCoding Pcm(bool isBigEndian) => PlainCoding.SignedPcm(sampleBytes) is { } encoding
            ? new PlainCoding(encoding, channels, isBigEndian)
            : throw new InvalidDataException($"'{name}' claims {bits} bits a sample; expected 1 to 32.");
    }

    // IEEE 754 extended precision: a sign, 15 bits of exponent, 64 bits of mantissa with its leading one.
    private static double ReadExtended(ReadOnlySpan<byte> bytes)
    {
        int exponent = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        double magnitude = Math.ScaleB(BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]), (exponent & 0x7FFF) - 16383 - 63);
        return (exponent & 0x8000) != 0 ? -magnitude : magnitude;
    }

    private sealed record Common(BlockCoding Coding, int SampleRate, int Channels);
}
