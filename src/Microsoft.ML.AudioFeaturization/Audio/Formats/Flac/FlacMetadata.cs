using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>The blocks before a FLAC file's first frame (RFC 9639, section 8).</summary>
/// <param name="Info">The STREAMINFO block.</param>
/// <param name="SeekPoints">First frame of a block and its byte, counted from the first block's; ascending.</param>
/// <param name="AudioStart">Byte of the first block of audio in the source.</param>
internal sealed record FlacMetadata(FlacStreamInfo Info, (long Frame, long Byte)[] SeekPoints, long AudioStart)
{
    private const int StreamInfoBlock = 0;
    private const int SeekTableBlock = 3;
    private const int SeekPointBytes = 18;

    // One point a second of a day; a longer table is not worth its memory.
    private const int MaximumSeekPoints = 1 << 16;

    /// <summary>Reads the marker and all blocks, from the source's position on.</summary>
    /// <exception cref="InvalidDataException">The source ends inside them, or they make no sense.</exception>
    public static FlacMetadata Read(AudioSource source)
    {
        SkipId3(source);
        Span<byte> header = stackalloc byte[4];
        ReadExactly(source, header, "its marker");
        Span<byte> infoBlock = stackalloc byte[FlacStreamInfo.Bytes];
        FlacStreamInfo? info = null;
        (long, long)[] points = [];
        bool last = false;
        while (!last)
        {
            ReadExactly(source, header, "its metadata");
            last = (header[0] & 0x80) != 0;
            int type = header[0] & 0x7F;
            int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header) & 0xFFFFFF);
            if (info is null)
            {
                if (type != StreamInfoBlock || length < FlacStreamInfo.Bytes)
                {
                    throw new InvalidDataException(
                        $"'{source.Name}': the FLAC file begins with a block of type {type} and {length} bytes; expected "
                        + $"STREAMINFO (0) of {FlacStreamInfo.Bytes}.");
                }

                ReadExactly(source, infoBlock, "its STREAMINFO");
                info = FlacStreamInfo.Parse(infoBlock, source.Name);
                Skip(source, length - FlacStreamInfo.Bytes);
            }
            else if (type == SeekTableBlock && points.Length == 0)
            {
                points = ReadSeekTable(source, length);
            }
            else
            {
                Skip(source, length);
            }
        }

        return new FlacMetadata(info!, points, source.Position);
    }

    /// <summary>Bytes of an ID3v2 tag whose header these are, or 0.</summary>
    /// <param name="start">The source's first 10 bytes, or fewer.</param>
    public static int Id3Length(ReadOnlySpan<byte> start)
    {
        if (start.Length < 10 || !start.StartsWith("ID3"u8) || ((start[6] | start[7] | start[8] | start[9]) & 0x80) != 0)
        {
            return 0;
        }

        bool hasFooter = (start[5] & 0x10) != 0;
        return (start[6] << 21 | start[7] << 14 | start[8] << 7 | start[9]) + (hasFooter ? 20 : 10);
    }

    private static void SkipId3(AudioSource source)
    {
        Span<byte> start = stackalloc byte[10];
        while (Id3Length(start[..source.Peek(start)]) is > 0 and int length)
        {
            Skip(source, length);
        }
    }

    private static (long, long)[] ReadSeekTable(AudioSource source, int length)
    {
        var points = new List<(long Frame, long Byte)>();
        Span<byte> point = stackalloc byte[SeekPointBytes];
        int read = 0;
        for (; read + SeekPointBytes <= length && points.Count < MaximumSeekPoints; read += SeekPointBytes)
        {
            ReadExactly(source, point, "its seek table");
            long frame = BinaryPrimitives.ReadInt64BigEndian(point);
            long offset = BinaryPrimitives.ReadInt64BigEndian(point[8..]);

            // Placeholders have all bits set; a table out of order is not trusted beyond there.
            if (frame >= 0 && offset >= 0 && (points.Count == 0 || (frame > points[^1].Frame && offset > points[^1].Byte)))
            {
                points.Add((frame, offset));
            }
        }

        Skip(source, length - read);
        return [.. points];
    }

    private static void Skip(AudioSource source, int length)
    {
        if (source.Skip(length) < length)
        {
            throw Cut(source, "its metadata");
        }
    }

    private static void ReadExactly(AudioSource source, Span<byte> bytes, string what)
    {
        if (source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Cut(source, what);
        }
    }

    private static InvalidDataException Cut(AudioSource source, string what) =>
        new($"'{source.Name}' is cut short: the FLAC file ends at byte {source.Position}, inside {what}.");
}
