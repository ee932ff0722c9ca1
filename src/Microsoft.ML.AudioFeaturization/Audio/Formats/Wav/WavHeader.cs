using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

/// <summary>The headers of a RIFF/WAVE (or RF64/BW64) file, up to the first byte of its samples.</summary>
/// <param name="Encoding">The encoding of a sample.</param>
/// <param name="SampleRate">In Hz.</param>
/// <param name="Channels">At least 1.</param>
/// <param name="SampleBytes">Bytes of one sample of one channel.</param>
/// <param name="DataStart">The offset of the first sample, in bytes from the file's start.</param>
/// <param name="DataLength">
/// Bytes of samples that the header claims, or <see cref="long.MaxValue"/> for "to the end".
/// </param>
internal sealed record WavHeader(
    SampleEncoding Encoding, int SampleRate, int Channels, int SampleBytes, long DataStart, long DataLength)
{
    // The fmt chunk of WAVE_FORMAT_EXTENSIBLE; what lies beyond it carries nothing that is needed.
    private const int FormatBytes = 40;
    private const int RiffHeaderBytes = 12;
    private const int ChunkHeaderBytes = 8;

    // Streaming writers leave this, or 0, where they cannot go back to fill in a length.
    private const uint UnknownLength = 0xFFFFFFFF;

    /// <summary>The encoding as <see cref="AudioInfo.Format"/> names it.</summary>
    public string Description => Encoding switch
    {
        SampleEncoding.Float32 or SampleEncoding.Float64 => $"WAV, float {SampleBytes * 8} bit",
        SampleEncoding.ALaw => "WAV, A-law",
        SampleEncoding.MuLaw => "WAV, mu-law",
        _ => $"WAV, PCM {SampleBytes * 8} bit",
    };

    /// <summary>Whether the first twelve bytes are those of a WAV file.</summary>
    public static bool IsWav(ReadOnlySpan<byte> start) =>
        start.Length >= 4 && start[..4] switch
        {
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F'] or
            [(byte)'R', (byte)'F', (byte)'6', (byte)'4'] or
            [(byte)'B', (byte)'W', (byte)'6', (byte)'4'] =>
                start.Length < RiffHeaderBytes || start[8..].SequenceEqual("WAVE"u8),
            _ => false,
        };

    /// <summary>Reads chunk after chunk until the samples begin.</summary>
    /// <param name="stream">The file, at its first byte.</param>
    /// <exception cref="InvalidDataException">The file is cut inside its headers, or they make no sense.</exception>
    public static WavHeader Read(AudioSource stream)
    {
        string name = stream.Name;
        Span<byte> start = stackalloc byte[RiffHeaderBytes];
        int found = stream.ReadAtLeast(start, RiffHeaderBytes, throwOnEndOfStream: false);
        if (found < RiffHeaderBytes)
        {
            throw Cut(name, found, "the RIFF header");
        }

        long position = RiffHeaderBytes;
        long data64 = -1;
        WavHeader? format = null;
        Span<byte> chunk = stackalloc byte[ChunkHeaderBytes];
        Span<byte> body = stackalloc byte[FormatBytes];
        while (true)
        {
            int read = stream.ReadAtLeast(chunk, ChunkHeaderBytes, throwOnEndOfStream: false);
            if (read < ChunkHeaderBytes)
            {
                throw Cut(name, position + read, $"its headers, before a '{(format is null ? "fmt " : "data")}' chunk");
            }

            position += ChunkHeaderBytes;
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk[..4].SequenceEqual("data"u8))
            {
                if (format is null)
                {
                    throw new InvalidDataException(
                        $"'{name}': the 'data' chunk at byte {position - ChunkHeaderBytes} comes before any 'fmt ' "
                        + "chunk.");
                }

                return format with
                {
                    DataStart = position,
                    DataLength = length switch
                    {
                        UnknownLength when data64 >= 0 => data64,
                        UnknownLength => long.MaxValue,
                        0 => IsWhole(stream, start) ? 0 : long.MaxValue,
                        _ => length,
                    },
                };
            }

            bool isFormat = chunk[..4].SequenceEqual("fmt "u8);
            bool isSizes = chunk[..4].SequenceEqual("ds64"u8);
            int wanted = isFormat || isSizes ? (int)Math.Min(length, FormatBytes) : 0;
            if (stream.ReadAtLeast(body[..wanted], wanted, throwOnEndOfStream: false) < wanted)
            {
                throw Cut(name, position, isFormat ? "its 'fmt ' chunk" : "its 'ds64' chunk");
            }

            if (isFormat)
            {
                format = ReadFormat(body[..wanted], name);
            }
            else if (isSizes && wanted >= 16)
            {
                data64 = BinaryPrimitives.ReadInt64LittleEndian(body[8..]);
            }

            // Chunks are padded to even lengths.
            long rest = length + (length & 1) - wanted;
            if (stream.Skip(rest) < rest - 1)
            {
                string id = System.Text.Encoding.ASCII.GetString(chunk[..4]);
                throw Cut(name, position, $"its '{id}' chunk of {length} bytes");
            }

            position += wanted + rest;
        }
    }

    // No samples are claimed: truly so if the RIFF header gives the file's real length, else it was never filled in.
    private static bool IsWhole(AudioSource stream, ReadOnlySpan<byte> start)
    {
        if (!stream.CanSeek)
        {
            return false;
        }

        long riffEnd = ChunkHeaderBytes + (long)BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
        return riffEnd == stream.Length || riffEnd == stream.Length + 1;
    }

    private static InvalidDataException Cut(string name, long bytes, string where) =>
        new($"'{name}' is cut short: the WAV file ends at byte {bytes}, inside {where}.");

    private static WavHeader ReadFormat(ReadOnlySpan<byte> body, string name)
    {
        if (body.Length < 16)
        {
            throw new InvalidDataException(
                $"'{name}': the 'fmt ' chunk has {body.Length} bytes; expected at least 16.");
        }

        int tag = BinaryPrimitives.ReadUInt16LittleEndian(body);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        uint sampleRate = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        int blockBytes = BinaryPrimitives.ReadUInt16LittleEndian(body[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(body[14..]);
        const int Extensible = 0xFFFE;
        if (tag == Extensible)
        {
            if (body.Length < FormatBytes)
            {
                throw new InvalidDataException(
                    $"'{name}': the 'fmt ' chunk of WAVE_FORMAT_EXTENSIBLE has {body.Length} bytes; expected "
                    + $"{FormatBytes}.");
            }

            // The sub-format GUID begins with the tag that the plain form would carry.
            tag = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]);
        }

        if (channels == 0)
        {
            throw new InvalidDataException($"'{name}' claims 0 channels; expected at least 1.");
        }

        if (sampleRate is 0 or > AudioInfo.MaximumSampleRate)
        {
            throw new InvalidDataException(
                $"'{name}' claims a sample rate of {sampleRate} Hz; expected 1 to {AudioInfo.MaximumSampleRate}.");
        }

        // Samples of odd widths (12 or 20 bits) lie left-justified in whole bytes.
        int sampleBytes = blockBytes % channels == 0 && blockBytes > 0 ? blockBytes / channels : (bits + 7) / 8;
        if (bits == 0 || (bits + 7) / 8 > sampleBytes)
        {
            throw new InvalidDataException(
                $"'{name}' claims {bits} bits a sample in blocks of {blockBytes} bytes for {channels} channels; "
                + "expected 8, 16, 24, 32 or 64 bits that fit the block.");
        }

        const int Pcm = 1;
        const int Float = 3;
        const int ALaw = 6;
        const int MuLaw = 7;
        SampleEncoding encoding = (tag, sampleBytes) switch
        {
            (Pcm, 1) => SampleEncoding.Pcm8,
            (Pcm, 2) => SampleEncoding.Pcm16,
            (Pcm, 3) => SampleEncoding.Pcm24,
            (Pcm, 4) => SampleEncoding.Pcm32,
            (Float, 4) => SampleEncoding.Float32,
            (Float, 8) => SampleEncoding.Float64,
            (ALaw, 1) => SampleEncoding.ALaw,
            (MuLaw, 1) => SampleEncoding.MuLaw,
            _ => throw new InvalidDataException(
                $"'{name}' codes its samples as WAV format {tag} with {sampleBytes} bytes each; expected PCM (1) of 1 "
                + "to 4 bytes, float (3) of 4 or 8, A-law (6) or mu-law (7) of 1."),
        };
        return new WavHeader(encoding, (int)sampleRate, channels, sampleBytes, DataStart: 0, DataLength: 0);
    }
}
