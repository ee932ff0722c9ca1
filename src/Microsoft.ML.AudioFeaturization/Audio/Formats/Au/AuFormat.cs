using System.Buffers.Binary;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Au;

/// <summary>Sun's and NeXT's audio files (AU, SND), in either byte order. Sun, audio_file_format(4).</summary>
internal sealed class AuFormat : AudioFormat
{
    private const int HeaderBytes = 24;
    private const uint UnknownLength = 0xFFFFFFFF;

    /// <inheritdoc/>
    public override string Name => "AU";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        Span<byte> start = stackalloc byte[4];
        return source.Peek(start) == start.Length && (start.SequenceEqual(".snd"u8) || start.SequenceEqual("dns."u8));
    }

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source)
    {
        string name = source.Name;
        Span<byte> header = stackalloc byte[HeaderBytes];
        int found = source.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (found < header.Length)
        {
            throw ChunkCursor.Cut(name, Name, found, "its header");
        }

        bool isBigEndian = header[0] == (byte)'.';
        long dataStart = Field(header, 1, isBigEndian);
        long dataLength = Field(header, 2, isBigEndian);
        uint encoding = Field(header, 3, isBigEndian);
        uint sampleRate = Field(header, 4, isBigEndian);
        uint channels = Field(header, 5, isBigEndian);
        SampleLayout.Check(name, channels, sampleRate);
        if (dataStart < HeaderBytes)
        {
            throw new InvalidDataException(
                $"'{name}' claims that its samples start at byte {dataStart}; expected {HeaderBytes} or more.");
        }

        SampleEncoding coding = encoding switch
        {
            1 => SampleEncoding.MuLaw,
            2 => SampleEncoding.SignedPcm8,
            3 => SampleEncoding.Pcm16,
            4 => SampleEncoding.Pcm24,
            5 => SampleEncoding.Pcm32,
            6 => SampleEncoding.Float32,
            7 => SampleEncoding.Float64,
            27 => SampleEncoding.ALaw,
            23 => throw SampleLayout.Refuse(name, "G.721 ADPCM"),
            24 => throw SampleLayout.Refuse(name, "G.722 ADPCM"),
            25 or 26 => throw SampleLayout.Refuse(name, "G.723 ADPCM"),
            _ => throw SampleLayout.Refuse(name, $"encoding {encoding} of AU"),
        };
        long skipped = source.Skip(dataStart - HeaderBytes);
        if (skipped < dataStart - HeaderBytes)
        {
            throw ChunkCursor.Cut(name, Name, HeaderBytes + skipped, $"its header of {dataStart} bytes");
        }

        return new SampleReader(source, new SampleLayout(
            Name,
            (int)sampleRate,
            (int)channels,
            new PlainCoding(coding, (int)channels, isBigEndian),
            dataStart,
            dataLength is UnknownLength or 0 ? long.MaxValue : dataLength));
    }

    private static uint Field(ReadOnlySpan<byte> header, int index, bool isBigEndian) => isBigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(header[(4 * index)..])
        : BinaryPrimitives.ReadUInt32LittleEndian(header[(4 * index)..]);
}
